"""Makes payments. Every command checks in one order: shape, sameness, rule, change, announce."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse import ledger
from teahouse.ledger import AccountId, CurrencyMismatch, HoldId, TransactionDraft, TransactionId
from teahouse.platform.db import Tx
from teahouse.platform.money import Money
from teahouse.wallet.confirmations.types import Facts
from teahouse.wallet.limits.commands import (
    bind_payment,
    check_not_frozen,
    check_payment,
    give_back,
)
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.payments.announcements import (
    PaymentBooked,
    PaymentPending,
    PaymentReversed,
    PaymentVoided,
)
from teahouse.wallet.payments.errors import (
    PayeeUnavailable,
    PayerUnavailable,
    PaymentNotFound,
    PaymentNotPending,
    SelfPayment,
)
from teahouse.wallet.payments.queries import (
    find_payment,
    find_payment_by_key,
    find_pending_with,
    list_messages_of,
)
from teahouse.wallet.payments.rules import check_draft, hash_draft, make_postings
from teahouse.wallet.payments.tables import wallet_payment
from teahouse.wallet.payments.types import (
    PAID_BY_PARTIES,
    Payment,
    PaymentDraft,
    PaymentId,
    VoidReason,
)
from teahouse.wallet.wallets.commands import house_account
from teahouse.wallet.wallets.errors import WalletClosed, WalletFrozen, WalletNotFound
from teahouse.wallet.wallets.queries import load_wallet
from teahouse.wallet.wallets.types import HouseAccount, Wallet, WalletId

PAYMENT = "pay"
_c = wallet_payment.c
_insert_payment = sa.insert(wallet_payment)


class _Side(msgspec.Struct, frozen=True):
    """The payer or the payee, with their account."""

    account: AccountId
    wallet: Wallet | None

    @property
    def party(self) -> PartyId | None:
        """None for the house."""
        return None if self.wallet is None else self.wallet.party


def pay(tx: Tx, draft: PaymentDraft) -> Payment:
    """Move money at once.

    Args:
        tx: the transaction it becomes part of.
        draft: what is paid.

    Returns:
        The payment: the earlier one where the same draft comes again under its key.

    Raises:
        InvalidAmount, AmountTooLarge, InvalidPayment, SelfPayment, CurrencyMismatch: its shape.
        IdempotencyConflict: the key was used for another payment.
        WalletFrozen, WalletClosed, PayeeUnavailable: a wallet takes part in nothing.
        LimitReached, SecondFactorNeeded, PayerFrozen: the rules of limits.
        InsufficientFunds: the payer has not got it.
    """
    return _make(tx, draft, until=None)


def hold_payment(tx: Tx, draft: PaymentDraft, *, until: int) -> Payment:
    """Reserve money for a payment that is settled or voided later.

    Args:
        tx: the transaction it becomes part of.
        draft: what will be paid.
        until: when the reservation ends by itself, milliseconds.

    Raises:
        Refusal: what `pay` refuses.
    """
    return _make(tx, draft, until=until)


def _make(tx: Tx, draft: PaymentDraft, *, until: int | None) -> Payment:
    check_draft(draft)
    draft_hash = hash_draft(draft, hold_until=until)
    earlier = find_payment_by_key(tx, draft.key)
    if earlier is not None:
        if earlier[1] != draft_hash:
            raise ledger.IdempotencyConflict
        return earlier[0]
    payer, payee = _find_side(tx, draft, draft.payer), _find_side(tx, draft, draft.payee)
    if draft.authority is not None and payer.wallet is not None:
        # Says why, and is logged as a decision; what follows knows only that it is frozen.
        facts = Facts(kind=draft.kind.value, payee_party=payee.party, amount=draft.amount)
        check_not_frozen(tx, payer.wallet, facts)
    _check_sides(draft, payer, payee)
    decision = _judge(tx, draft, payer, payee)
    payment = _book(tx, draft, payer, payee, until=until)
    if decision is not None:
        bind_payment(tx, decision, payment.id)
    _insert(tx, draft, payment, draft_hash=draft_hash, accounts=(payer.account, payee.account))
    tx.announce(_told(PaymentPending if until else PaymentBooked, payment))
    return payment


def settle_payment(tx: Tx, payment_id: str, *, key: str, amount: Money | None = None) -> Payment:
    """Move what a pending payment reserves.

    Args:
        tx: the transaction.
        payment_id: which; the caller has made sure that it may be settled by who asks.
        key: the caller's idempotency key.
        amount: how much of it, more than nothing; None: all. The rest is free again, and a fee
            shrinks in proportion.

    Raises:
        PaymentNotFound: there is none.
        IdempotencyConflict: the key was used for something else.
        PaymentNotPending: it has ended, or its time is over.
        InvalidAmount: more than is reserved.
        PayerUnavailable, PayeeUnavailable: a wallet was frozen or closed since.
    """
    payment = _find(tx, payment_id)
    if payment.hold is None:
        raise PaymentNotPending(payment_status=payment.status)
    if amount is not None and amount.currency != payment.amount.currency:
        raise CurrencyMismatch
    if payment.status == "pending":
        _check_still_open(tx, payment)
    transaction = _post_hold(tx, payment, key=key, amount=amount)
    if payment.status != "pending":
        return payment
    settled = _read_settled(tx, payment, transaction)
    _update(
        tx,
        settled,
        transaction_id=transaction,
        minor=settled.amount.minor,
        fee_minor=settled.fee.minor,
        booked_at=tx.now,
    )
    if settled.amount < payment.amount:
        give_back(tx, payment.id, payment.amount - settled.amount)
    tx.announce(_told(PaymentBooked, settled, was_pending=True))
    return settled


def void_payment(tx: Tx, payment_id: str, *, key: str, why: VoidReason = "released") -> Payment:
    """Let a pending payment come to nothing; what it reserves is free again.

    Args:
        tx: the transaction.
        payment_id: which.
        key: the caller's idempotency key.
        why: told to others.

    Raises:
        PaymentNotFound: there is none.
        IdempotencyConflict: the key was used for something else.
        PaymentNotPending: it was settled, or has ended.
    """
    payment = _find(tx, payment_id)
    if payment.hold is None:
        raise PaymentNotPending(payment_status=payment.status)
    try:
        ledger.void_hold(tx, key=key, hold=payment.hold)
    except ledger.HoldNotPending:
        raise PaymentNotPending(payment_status=payment.status) from None
    if payment.status != "pending":
        return payment
    return _end(tx, payment, why)


def reverse_payment(tx: Tx, payment_id: str, *, key: str) -> Payment:
    """Undo a completed payment as a whole, such as a top-up that the bank took back.

    Raises:
        PaymentNotFound: there is none.
        PaymentNotPending: it never was completed.
        AlreadyReversed: it was reversed before, under another key.
        InsufficientFunds: what it brought is no longer there.
    """
    payment = _find(tx, payment_id)
    if payment.transaction is None:
        raise PaymentNotPending(payment_status=payment.status)
    ledger.reverse_transaction(tx, key=key, transaction_id=payment.transaction)
    if payment.status == "reversed":
        return payment
    gone = msgspec.structs.replace(payment, status="reversed", ended_at=tx.now)
    _update(tx, gone)
    give_back(tx, payment.id)
    tx.announce(_told(PaymentReversed, gone))
    return gone


def note_expired_holds(tx: Tx, expired: ledger.HoldsExpired) -> None:
    """Let the payments be over whose holds have run out."""
    for payment in find_pending_with(tx, expired.holds):
        _end(tx, payment, "expired")


def blank_words(tx: Tx, party: str) -> None:
    """Erase what a party said to its payments, and which rooms it named."""
    for payment_id in list_messages_of(tx, party):
        tx.conn.execute(
            sa.update(wallet_payment)
            .where(_c.payment_id == payment_id)
            .values(message="", room_id=None)
        )


# Before the change


def _find_side(tx: Tx, draft: PaymentDraft, side: WalletId | HouseAccount) -> _Side:
    if isinstance(side, HouseAccount):
        return _Side(house_account(tx, side, draft.amount.currency), None)
    wallet = load_wallet(tx, side)
    if wallet is None:
        raise WalletNotFound
    if wallet.currency != draft.amount.currency:
        raise CurrencyMismatch
    return _Side(wallet.account, wallet)


def _check_sides(draft: PaymentDraft, payer: _Side, payee: _Side) -> None:
    """Refuse what wallets take no part in, the payer's own troubles first."""
    if payer.party is not None and payer.party == payee.party:
        raise SelfPayment
    frozen = {"frozen"} if draft.kind in PAID_BY_PARTIES else set()
    if payer.wallet is not None:
        if payer.wallet.status in frozen:
            raise WalletFrozen
        if payer.wallet.status == "closed":
            raise WalletClosed
    if payee.wallet is not None and payee.wallet.status in {"closed", *frozen}:
        raise PayeeUnavailable


def _judge(tx: Tx, draft: PaymentDraft, payer: _Side, payee: _Side) -> str | None:
    """Ask limits about what somebody asks for; what the house does is not limited."""
    if draft.authority is None or payer.wallet is None:
        return None
    return check_payment(
        tx,
        authority=draft.authority,
        payer=payer.wallet,
        payee_party=payee.party,
        amount=draft.amount,
        kind=draft.kind.value,
    )


def _check_still_open(tx: Tx, payment: Payment) -> None:
    if payment.kind not in PAID_BY_PARTIES:
        return
    for wallet_id, refusal in (
        (payment.payer_wallet, PayerUnavailable),
        (payment.payee_wallet, PayeeUnavailable),
    ):
        wallet = None if wallet_id is None else load_wallet(tx, wallet_id)
        if wallet is not None and wallet.status != "open":
            raise refusal


# The change


def _book(tx: Tx, draft: PaymentDraft, payer: _Side, payee: _Side, *, until: int | None) -> Payment:
    payment_id = PaymentId(tx.new_id(PAYMENT))
    currency = draft.amount.currency
    fee = draft.fee or Money(0, currency)
    entry = TransactionDraft(
        key=f"{payment_id}:{'hold' if until else 'pay'}",
        postings=make_postings(
            draft,
            payer=payer.account,
            payee=payee.account,
            fee_income=house_account(tx, HouseAccount.FEE_INCOME, currency) if fee else None,
        ),
        kind=draft.kind.value,
        reference=payment_id,
        hold_until=until,
    )
    transaction: TransactionId | None = None
    hold: HoldId | None = None
    if until is None:
        transaction = ledger.post_transaction(tx, entry)
    else:
        hold = ledger.hold(tx, entry)
    return Payment(
        id=payment_id,
        kind=draft.kind,
        status="completed" if until is None else "pending",
        payer_party=payer.party,
        payer_wallet=None if payer.wallet is None else payer.wallet.id,
        payee_party=payee.party,
        payee_wallet=None if payee.wallet is None else payee.wallet.id,
        amount=draft.amount,
        authorised=draft.amount,
        fee=fee,
        message=draft.message,
        reference=draft.reference,
        room_id=draft.room_id,
        transaction=transaction,
        hold=hold,
        created_at=tx.now,
        expires_at=until,
        booked_at=tx.now if until is None else None,
        ended_at=tx.now if until is None else None,
    )


def _insert(
    tx: Tx,
    draft: PaymentDraft,
    payment: Payment,
    *,
    draft_hash: bytes,
    accounts: tuple[AccountId, AccountId],
) -> None:
    tx.conn.execute(
        _insert_payment,
        {
            "payment_id": payment.id,
            "kind": payment.kind.value,
            "status": payment.status,
            "key": draft.key,
            "draft_hash": draft_hash,
            "payer_party": payment.payer_party,
            "payer_wallet": payment.payer_wallet,
            "payer_account": accounts[0],
            "payee_party": payment.payee_party,
            "payee_wallet": payment.payee_wallet,
            "payee_account": accounts[1],
            "currency": payment.amount.currency,
            "minor": payment.amount.minor,
            "authorised_minor": payment.authorised.minor,
            "fee_minor": payment.fee.minor,
            "message": payment.message,
            "reference": payment.reference,
            "room_id": payment.room_id,
            "transaction_id": payment.transaction,
            "hold_id": payment.hold,
            "created_at": payment.created_at,
            "expires_at": payment.expires_at,
            "booked_at": payment.booked_at,
            "ended_at": payment.ended_at,
        },
    )


def _post_hold(tx: Tx, payment: Payment, *, key: str, amount: Money | None) -> TransactionId:
    assert payment.hold is not None
    try:
        return ledger.post_hold(
            tx, key=key, hold=payment.hold, amount=None if amount is None else amount.minor
        )
    except (ledger.HoldNotPending, ledger.HoldExpired):
        status = "expired" if payment.status == "pending" else payment.status
        raise PaymentNotPending(payment_status=status) from None


def _read_settled(tx: Tx, payment: Payment, transaction: TransactionId) -> Payment:
    """The payment with the amount and the fee that the ledger has moved."""
    booked = ledger.find_transaction(tx, transaction)
    assert booked is not None
    # In the order of the draft: payer, payee, and the fee where there is one.
    paid = next(leg.amount for leg in booked.postings if leg.amount > 0)
    payee = tx.conn.execute(
        sa.select(_c.payee_account).where(_c.payment_id == payment.id)
    ).scalar_one()
    got = -sum(leg.amount for leg in booked.postings if leg.account == payee)
    currency = payment.amount.currency
    return msgspec.structs.replace(
        payment,
        status="completed",
        amount=Money(paid, currency),
        fee=Money(paid - got, currency),
        transaction=transaction,
        booked_at=tx.now,
        ended_at=tx.now,
    )


def _end(tx: Tx, payment: Payment, why: VoidReason) -> Payment:
    ended = msgspec.structs.replace(
        payment, status="expired" if why == "expired" else "voided", ended_at=tx.now
    )
    _update(tx, ended)
    give_back(tx, payment.id)
    tx.announce(_told(PaymentVoided, ended, why=why))
    return ended


def _update(tx: Tx, payment: Payment, **values: Any) -> None:  # noqa: ANN401 - columns
    tx.conn.execute(
        sa.update(wallet_payment)
        .where(_c.payment_id == payment.id)
        .values(status=payment.status, ended_at=payment.ended_at, **values)
    )


def _find(tx: Tx, payment_id: str) -> Payment:
    payment = find_payment(tx, payment_id)
    if payment is None:
        raise PaymentNotFound
    return payment


def _told(
    kind: type[PaymentBooked | PaymentPending | PaymentVoided | PaymentReversed],
    payment: Payment,
    **more: Any,  # noqa: ANN401 - attributes of the kind
) -> PaymentBooked | PaymentPending | PaymentVoided | PaymentReversed:
    return kind(
        payment_id=payment.id,
        kind=payment.kind,
        payer_party=payment.payer_party,
        payee_party=payment.payee_party,
        amount=payment.amount,
        reference=payment.reference,
        room_id=payment.room_id,
        **more,
    )
