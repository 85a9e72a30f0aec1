"""Makes transfers and answers pending ones."""

from __future__ import annotations

from typing import assert_never

import msgspec
import sqlalchemy as sa

from teahouse import accounts, chat
from teahouse.platform.db import Tx
from teahouse.platform.requester import Requester
from teahouse.wallet.confirmations.types import Authority
from teahouse.wallet.in_chat.live import Teller
from teahouse.wallet.parties.commands import party_of
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.payments.announcements import PaymentVoided
from teahouse.wallet.payments.commands import hold_payment, pay, settle_payment, void_payment
from teahouse.wallet.payments.errors import SelfPayment
from teahouse.wallet.payments.rules import check_amount
from teahouse.wallet.payments.types import PaymentDraft, PaymentKind
from teahouse.wallet.transfers.access import access_transfer
from teahouse.wallet.transfers.errors import (
    NotInRoom,
    PayeeUnknown,
    TooManyPending,
    TransferNotPending,
)
from teahouse.wallet.transfers.queries import (
    count_pending,
    find_transfer_of,
    list_pending,
    show_transfers,
)
from teahouse.wallet.transfers.tables import wallet_transfer
from teahouse.wallet.transfers.types import (
    ACCEPT_MS,
    PENDING_MAX,
    Answer,
    Transfer,
    TransferBody,
    TransferId,
    TransferStatus,
    TransferView,
)
from teahouse.wallet.wallets.commands import check_offered, open_wallet
from teahouse.wallet.wallets.errors import NoWallet
from teahouse.wallet.wallets.queries import accepts_by_hand, find_wallet
from teahouse.wallet.wallets.types import HouseCurrencies

TRANSFER = "trf"
_c = wallet_transfer.c


def send_transfer(
    tx: Tx,
    requester: Requester,
    body: TransferBody,
    *,
    teller: Teller,
    currencies: HouseCurrencies,
) -> TransferView:
    """Give money to a member: at once, or once they have accepted it.

    Args:
        tx: the transaction.
        requester: who gives.
        body: what, to whom.
        teller: tells the room.
        currencies: of this house.

    Raises:
        CurrencyNotOffered, InvalidAmount, AmountTooLarge: an amount that nobody can give.
        SelfPayment: to oneself.
        PayeeUnknown: no such member, or not any more.
        NotInRoom: the two are not both in the room that shall be told.
        NoWallet: the requester has none in this currency.
        TooManyPending: too many wait already.
        Refusal: what `pay` refuses.
    """
    currency = check_offered(body.amount.currency, currencies)
    check_amount(body.amount)
    check_payee(tx, requester.user_id, body.payee)
    if body.room_id is not None:
        check_room(tx, body.room_id, [requester.user_id, body.payee])
    payer, payee = party_of(tx, requester.user_id), party_of(tx, body.payee)
    wallet = find_wallet(tx, payer, currency)
    if wallet is None:
        raise NoWallet(currency=currency)
    until = tx.now + ACCEPT_MS if body.by_hand or accepts_by_hand(tx, payee) else None
    if until is not None and count_pending(tx, payer) >= PENDING_MAX:
        raise TooManyPending(limit=PENDING_MAX)

    transfer_id = TransferId(tx.new_id(TRANSFER))
    draft = PaymentDraft(
        kind=PaymentKind.TRANSFER,
        payer=wallet.id,
        payee=open_wallet(tx, payee, currency).id,
        amount=body.amount,
        key=transfer_id,
        message=body.message,
        reference=transfer_id,
        room_id=body.room_id,
        authority=Authority(requester, body.confirmation),
    )
    payment = pay(tx, draft) if until is None else hold_payment(tx, draft, until=until)
    transfer = Transfer(
        id=transfer_id,
        payer=payer,
        payee=payee,
        payment_id=payment.id,
        status="completed" if until is None else "pending",
        created_at=tx.now,
        expires_at=until,
        ended_at=tx.now if until is None else None,
    )
    _insert(tx, transfer)
    return show_transfers(tx, payer, teller, [transfer])[0]


def check_payee(tx: Tx, payer: str, payee: str) -> None:
    """Refuse whom money cannot be given to, or asked of.

    A message can come with a cent: whoever ignores a member hears nothing of them here either.

    Raises:
        SelfPayment: the payer.
        PayeeUnknown: nobody, a deactivated member, a program, or one who ignores the payer; all
            of them look the same.
    """
    if payee == payer:
        raise SelfPayment
    found = accounts.find_member(tx, payee)
    if found is None or not found.is_active or found.appservice_id is not None:
        raise PayeeUnknown
    if chat.is_ignored(tx, payer, by=payee):
        raise PayeeUnknown


def check_room(tx: Tx, room_id: str, user_ids: list[str]) -> None:
    """Refuse to tell rooms in which not all are whom it is about.

    Raises:
        NotInRoom: one of them is not joined, or there is no such room.
    """
    if len(chat.find_joined_among(tx, room_id, user_ids)) < len(user_ids):
        raise NotInRoom


def answer_transfer(
    tx: Tx, requester: Requester, transfer_id: str, answer: Answer, *, teller: Teller
) -> TransferView:
    """Accept or decline what one is given, or take back what one gave.

    Args:
        tx: the transaction.
        requester: payee (accept, decline) or payer (cancel).
        transfer_id: which.
        answer: what they want.
        teller: tells the room.

    Raises:
        TransferNotFound: none of theirs, or theirs from the other side.
        TransferNotPending: it was answered otherwise, or went back.
        PayerUnavailable, PayeeUnavailable: a wallet was frozen since.
    """
    transfer = access_transfer(tx, requester, transfer_id)
    party = party_of(tx, requester.user_id)
    if (answer == "cancel") != (transfer.payer == party):
        # To the payer it looks as if there were nothing to accept, and the other way round.
        raise TransferNotPending(transfer_status=transfer.status)
    if transfer.status != "pending" or tx.now >= (transfer.expires_at or 0):
        status = "expired" if transfer.status == "pending" else transfer.status
        raise TransferNotPending(transfer_status=status)
    match answer:
        case "accept":
            settle_payment(tx, transfer.payment_id, key=f"{transfer.id}:accept")
            ended = _end(tx, transfer, "completed")
        case "decline":
            ended = _give_back(tx, transfer, "declined")
        case "cancel":
            ended = _give_back(tx, transfer, "cancelled")
        case _:
            assert_never(answer)
    return show_transfers(tx, party, teller, [ended])[0]


def note_returned(tx: Tx, voided: PaymentVoided) -> None:
    """Let a transfer be over whose time has run out."""
    if voided.kind != PaymentKind.TRANSFER or voided.why != "expired":
        return
    transfer = find_transfer_of(tx, voided.payment_id)
    if transfer is not None:
        _end(tx, transfer, "expired")


def end_pending(tx: Tx, party: PartyId) -> None:
    """Give back what waits from and for a party that goes away."""
    for transfer in list_pending(tx, party):
        _give_back(tx, transfer, "cancelled" if transfer.payer == party else "declined")


def _give_back(tx: Tx, transfer: Transfer, status: TransferStatus) -> Transfer:
    assert status in {"declined", "cancelled"}
    void_payment(
        tx,
        transfer.payment_id,
        key=f"{transfer.id}:back",
        why="declined" if status == "declined" else "cancelled",
    )
    return _end(tx, transfer, status)


def _end(tx: Tx, transfer: Transfer, status: TransferStatus) -> Transfer:
    tx.conn.execute(
        sa.update(wallet_transfer)
        .where(_c.transfer_id == transfer.id)
        .values(status=status, ended_at=tx.now)
    )
    return msgspec.structs.replace(transfer, status=status, ended_at=tx.now)


def _insert(tx: Tx, transfer: Transfer) -> None:
    tx.conn.execute(
        sa.insert(wallet_transfer).values(
            transfer_id=transfer.id,
            payer=transfer.payer,
            payee=transfer.payee,
            payment_id=transfer.payment_id,
            status=transfer.status,
            created_at=transfer.created_at,
            expires_at=transfer.expires_at,
            ended_at=transfer.ended_at,
        )
    )
