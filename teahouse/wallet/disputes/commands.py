"""Opens, answers, decides and ends disputes. The claim is kept in the shop's wallet meanwhile."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec
import sqlalchemy as sa

from teahouse import privacy
from teahouse.accounts import check_power, note_staff_act
from teahouse.ledger import InsufficientFunds
from teahouse.platform.db import Tx
from teahouse.platform.money import Money
from teahouse.platform.requester import Requester
from teahouse.wallet.charges.commands import note_house_refund
from teahouse.wallet.disputes import rules
from teahouse.wallet.disputes.access import (
    access_own_dispute,
    access_shop_dispute,
    load_dispute,
)
from teahouse.wallet.disputes.announcements import DisputeDecided, DisputeMoved, DisputeOpened
from teahouse.wallet.disputes.errors import (
    AlreadyDisputed,
    ClaimTooLarge,
    NotDisputable,
    OwnDispute,
    TooMuchSaid,
)
from teahouse.wallet.disputes.queries import (
    find_dispute_of,
    find_for_staff,
    find_left,
    list_for_staff,
    list_said,
    show_dispute,
)
from teahouse.wallet.disputes.tables import wallet_dispute, wallet_dispute_said
from teahouse.wallet.disputes.types import (
    Author,
    Dispute,
    DisputeId,
    DisputeView,
    NewDispute,
    Ruling,
    Side,
    StaffDispute,
    Standing,
    Status,
    Words,
)
from teahouse.wallet.limits.commands import give_back
from teahouse.wallet.parties.commands import party_of
from teahouse.wallet.parties.queries import find_party, user_of
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.payments.access import access_payment
from teahouse.wallet.payments.commands import hold_payment, pay, settle_payment, void_payment
from teahouse.wallet.payments.queries import find_payment
from teahouse.wallet.payments.types import Payment, PaymentDraft, PaymentId, PaymentKind
from teahouse.wallet.shops.access import find_role
from teahouse.wallet.shops.queries import find_shop_of_party
from teahouse.wallet.shops.types import Shop
from teahouse.wallet.wallets.errors import WalletClosed
from teahouse.wallet.wallets.queries import load_wallet
from teahouse.wallet.wallets.types import HouseAccount, WalletId
from teahouse.wallet.webhooks.commands import tell_shop

DISPUTE = "dsp"
_SEEN = (
    "wallet_dispute.cause",
    "wallet_dispute.claim",
    "wallet_dispute.refund",
    "wallet_dispute.proposed",
    "wallet_dispute.status",
    "wallet_dispute.decided_by",
    "wallet_dispute_said.text",
    "wallet_dispute_said.files",
)
LIST_DISPUTES = privacy.declare_deed("disputes.list", *_SEEN)
SEE_DISPUTE = privacy.declare_deed("disputes.see", *_SEEN)
DECIDE_DISPUTE = privacy.declare_deed("disputes.decide", *_SEEN)
_KINDS = frozenset({PaymentKind.PURCHASE, PaymentKind.MANDATE_CHARGE})
StaffAct: TypeAlias = Literal["approve", "reject"]

_d = wallet_dispute.c
_w = wallet_dispute_said.c


# The payer


def open_dispute(tx: Tx, requester: Requester, new: NewDispute) -> DisputeView:
    """Say that a purchase went wrong, and what one wants back of it.

    Raises:
        PaymentNotFound: none of the requester's.
        NotDisputable: no purchase, not one's own, not completed, or too long ago.
        AlreadyDisputed: there is a dispute about it.
        ClaimTooLarge: more than is left of it.
    """
    payment = access_payment(tx, requester, new.payment_id)
    party = party_of(tx, requester.user_id)
    shop = _check_disputable(tx, payment, party)
    earlier = find_dispute_of(tx, payment.id)
    if earlier is not None:
        raise AlreadyDisputed(dispute_id=earlier.dispute_id)
    left = find_left(tx, payment)
    claim = left if new.amount is None else new.amount
    if claim.currency != left.currency or not 0 < claim.minor <= left.minor:
        raise ClaimTooLarge(left=left)
    dispute_id = DisputeId(tx.new_id(DISPUTE))
    made = Dispute(
        dispute_id=dispute_id,
        payment_id=payment.id,
        payer=party,
        shop_id=shop.shop_id,
        cause=new.cause,
        claim=claim,
        standing=rules.begin(claim.minor, tx.now),
        hold_id=_hold_claim(tx, dispute_id, payment, claim),
        refund_payment_id=None,
        opened_at=tx.now,
        closed_at=None,
    )
    _insert(tx, made)
    _say(tx, made, "payer", Words(new.text, new.files), party=party)
    tx.announce(DisputeOpened(dispute_id=dispute_id, payer=party, shop_id=shop.shop_id))
    tell_shop(tx, shop.shop_id, "dispute.opened", show_dispute(tx, made, "shop"))
    return show_dispute(tx, made, "payer")


def say_as_payer(tx: Tx, requester: Requester, dispute_id: str, words: Words) -> DisputeView:
    """Add something to one's dispute.

    Raises:
        DisputeNotFound: none of the requester's.
        WrongDisputeStatus: it has ended.
        TooMuchSaid: there is no more room.
    """
    dispute = access_own_dispute(tx, requester, dispute_id)
    rules.check_open(dispute.standing)
    _say(tx, dispute, "payer", words, party=dispute.payer)
    return _move(tx, dispute, dispute.standing, "payer")


def withdraw_dispute(tx: Tx, requester: Requester, dispute_id: str) -> DisputeView:
    """Want nothing back any more; the payment can be disputed again while there is time.

    Raises:
        DisputeNotFound: none of the requester's.
        WrongDisputeStatus: it has ended.
    """
    dispute = access_own_dispute(tx, requester, dispute_id)
    return _move(tx, dispute, rules.withdraw(dispute.standing, tx.now), "payer")


def appeal_as_payer(tx: Tx, requester: Requester, dispute_id: str, words: Words) -> DisputeView:
    """Ask for other officers to look at what was decided.

    Raises:
        DisputeNotFound: none of the requester's.
        WrongDisputeStatus, NothingToAppeal: there is nothing to appeal against.
        TooMuchSaid: there is no more room.
    """
    dispute = access_own_dispute(tx, requester, dispute_id)
    after = rules.appeal(dispute.standing, "payer", tx.now)
    _say(tx, dispute, "payer", words, party=dispute.payer)
    return _move(tx, dispute, after, "payer")


# The shop


def answer_dispute(
    tx: Tx, requester: Requester, shop_id: str, dispute_id: str, words: Words
) -> DisputeView:
    """Answer for a shop, or add to its answer.

    Raises:
        ShopNotFound, ShopPowerMissing: as of `access_shop`.
        DisputeNotFound: the shop has none such.
        WrongDisputeStatus: it has ended.
        TooMuchSaid: there is no more room.
    """
    dispute = access_shop_dispute(
        tx, requester, shop_id, dispute_id=dispute_id, power="refunds.create"
    )
    before = dispute.standing
    is_first = before.status == "awaiting_shop"
    after = rules.answer(before, tx.now) if is_first else before
    rules.check_open(after)
    _say(tx, dispute, "shop", words, party=party_of(tx, requester.user_id))
    return _move(tx, dispute, after, "shop")


def concede_dispute(tx: Tx, requester: Requester, shop_id: str, dispute_id: str) -> DisputeView:
    """Give the payer what they claim.

    Raises:
        ShopNotFound, ShopPowerMissing: as of `access_shop`.
        DisputeNotFound: the shop has none such.
        WrongDisputeStatus: it has ended.
    """
    dispute = access_shop_dispute(
        tx, requester, shop_id, dispute_id=dispute_id, power="refunds.create"
    )
    return _move(tx, dispute, rules.concede(dispute.standing, tx.now), "shop")


def appeal_as_shop(
    tx: Tx, requester: Requester, shop_id: str, dispute_id: str, words: Words
) -> DisputeView:
    """Ask for other officers to look at what was decided, for a shop.

    Raises:
        ShopNotFound, ShopPowerMissing: as of `access_shop`.
        DisputeNotFound: the shop has none such.
        WrongDisputeStatus, NothingToAppeal: there is nothing to appeal against.
        TooMuchSaid: there is no more room.
    """
    dispute = access_shop_dispute(
        tx, requester, shop_id, dispute_id=dispute_id, power="refunds.create"
    )
    after = rules.appeal(dispute.standing, "shop", tx.now)
    _say(tx, dispute, "shop", words, party=party_of(tx, requester.user_id))
    return _move(tx, dispute, after, "shop")


# The house


def decide_dispute(tx: Tx, requester: Requester, dispute_id: str, ruling: Ruling) -> StaffDispute:
    """Decide what the payer gets back; above a bound, propose it.

    Raises:
        Forbidden: the requester is no bank officer.
        DisputeNotFound: none.
        OwnDispute: the officer paid, or works for the shop.
        ClaimTooLarge: more than is claimed, or in another currency.
        WrongDisputeStatus: it is not for the house to decide now.
        AnotherOfficerNeeded: the officer decided it before.
    """
    dispute = _access_as_officer(tx, requester, dispute_id, deed=DECIDE_DISPUTE, reason=ruling.text)
    if ruling.refund.currency != dispute.claim.currency:
        raise ClaimTooLarge(left=dispute.claim)
    after = rules.decide(dispute.standing, ruling.refund.minor, requester.user_id, tx.now)
    _say(tx, dispute, "house", Words(ruling.text), party=None)
    _move(tx, dispute, after, None)
    return find_for_staff(tx, dispute_id)


def act_on_proposal(tx: Tx, requester: Requester, dispute_id: str, act: StaffAct) -> StaffDispute:
    """Approve or reject what another officer proposed.

    Raises:
        Forbidden: the requester is no bank officer.
        DisputeNotFound: none.
        OwnDispute: the officer paid, or works for the shop.
        WrongDisputeStatus: nothing is proposed.
        AnotherOfficerNeeded: the officer proposed it, or decided before.
    """
    dispute = _access_as_officer(tx, requester, dispute_id, deed=DECIDE_DISPUTE)
    change = rules.approve if act == "approve" else rules.reject
    _move(tx, dispute, change(dispute.standing, requester.user_id, tx.now), None)
    return find_for_staff(tx, dispute_id)


def look_at_disputes(
    tx: Tx, requester: Requester, status: Status, *, before: str | None, limit: int
) -> list[StaffDispute]:
    """Disputes at one status, for officers; that somebody looked is told.

    Raises:
        Forbidden: the requester is no bank officer.
    """
    check_power(requester, "disputes.decide")
    note_staff_act(tx, requester, LIST_DISPUTES)
    return list_for_staff(tx, status, before=before, limit=limit)


def read_as_officer(tx: Tx, requester: Requester, dispute_id: str) -> StaffDispute:
    """A dispute for an officer; that somebody looked is told.

    Raises:
        Forbidden: the requester is no bank officer.
        DisputeNotFound: none.
        OwnDispute: the officer paid, or works for the shop.
    """
    _access_as_officer(tx, requester, dispute_id, deed=SEE_DISPUTE)
    return find_for_staff(tx, dispute_id)


def lapse_dispute(tx: Tx, dispute_id: str) -> None:
    """Decide a dispute by default, unless it was decided meanwhile."""
    dispute = load_dispute(tx, _d.dispute_id == dispute_id)
    deadline = dispute.standing.deadline
    if deadline is not None and deadline <= tx.now:
        _move(tx, dispute, rules.lapse(dispute.standing, tx.now), None)


def blank_said(tx: Tx, party: str) -> None:
    """Erase what a party said in disputes; that it said something stays."""
    tx.conn.execute(
        sa.update(wallet_dispute_said)
        .where(_w.party == party)
        .values(text="", files="[]", party=None)
    )


# Before the change


def _check_disputable(tx: Tx, payment: Payment, party: PartyId) -> Shop:
    booked_at = payment.booked_at
    is_right = (
        payment.kind in _KINDS
        and payment.status == "completed"
        and payment.payer_party == party
        and booked_at is not None
        and tx.now < booked_at + rules.DISPUTABLE_MS
    )
    shop = None if payment.payee_party is None else find_shop_of_party(tx, payment.payee_party)
    if not is_right or shop is None:
        raise NotDisputable
    return shop


def _access_as_officer(
    tx: Tx, requester: Requester, dispute_id: str, *, deed: str, reason: str = ""
) -> Dispute:
    check_power(requester, "disputes.decide")
    dispute = load_dispute(tx, _d.dispute_id == dispute_id)
    is_payer = dispute.payer == find_party(tx, requester.user_id)
    if is_payer or find_role(tx, requester.user_id, dispute.shop_id) is not None:
        raise OwnDispute
    about = user_of(tx, dispute.payer) or dispute.dispute_id
    note_staff_act(tx, requester, deed, about, reason=reason)
    return dispute


def _hold_claim(tx: Tx, dispute_id: DisputeId, payment: Payment, claim: Money) -> PaymentId | None:
    """Keep the claim in the shop's wallet, so that it is there when it was decided.

    A shop that has not got it now is not asked again before the decision.
    """
    part = tx.conn.begin_nested()
    draft = _refund_draft(tx, payment, claim, key=f"{dispute_id}:hold", reference=dispute_id)
    try:
        held = hold_payment(tx, draft, until=tx.now + rules.HOLD_MS)
    except (InsufficientFunds, WalletClosed):
        part.rollback()
        return None
    part.commit()
    return held.id


# The change


def _insert(tx: Tx, made: Dispute) -> None:
    standing = made.standing
    tx.conn.execute(
        sa.insert(wallet_dispute).values(
            dispute_id=made.dispute_id,
            payment_id=made.payment_id,
            payer=made.payer,
            shop_id=made.shop_id,
            cause=made.cause,
            currency=made.claim.currency,
            claim=made.claim.minor,
            status=standing.status,
            deadline=standing.deadline,
            decided_by="",
            is_borne_by_house=False,
            hold_id=made.hold_id,
            opened_at=made.opened_at,
        )
    )


def _say(tx: Tx, dispute: Dispute, author: Author, words: Words, *, party: PartyId | None) -> None:
    count = len(list_said(tx, dispute.dispute_id))
    # The house always has the last word.
    if count >= rules.STATEMENTS_MAX and author != "house":
        raise TooMuchSaid
    tx.conn.execute(
        sa.insert(wallet_dispute_said).values(
            dispute_id=dispute.dispute_id,
            number=_next_number(tx, dispute.dispute_id),
            at=tx.now,
            author=author,
            party=party,
            text=words.text,
            files=msgspec.json.encode(words.files).decode(),
        )
    )


def _next_number(tx: Tx, dispute_id: DisputeId) -> int:
    last = sa.select(sa.func.coalesce(sa.func.max(_w.number), 0)).where(_w.dispute_id == dispute_id)
    return int(tx.conn.execute(last).scalar_one()) + 1


def _move(tx: Tx, dispute: Dispute, after: Standing, side: Side | None) -> DisputeView:
    """Store how far a dispute has come, let the money follow, and tell."""
    refunded_by = None
    if rules.is_over(after):
        after, refunded_by = _settle_money(tx, dispute, after)
    moved = msgspec.structs.replace(
        dispute,
        standing=after,
        refund_payment_id=refunded_by,
        closed_at=tx.now if rules.is_over(after) else None,
    )
    tx.conn.execute(
        sa.update(wallet_dispute)
        .where(_d.dispute_id == dispute.dispute_id)
        .values(
            status=after.status,
            deadline=after.deadline,
            refund=after.refund,
            proposed=after.proposed,
            decided_by=" ".join(after.decided_by),
            appealed_by=after.appealed_by,
            is_borne_by_house=after.is_borne_by_house,
            refund_payment_id=moved.refund_payment_id,
            closed_at=moved.closed_at,
        )
    )
    _tell(tx, dispute, moved)
    return show_dispute(tx, moved, side)


def _settle_money(tx: Tx, dispute: Dispute, after: Standing) -> tuple[Standing, PaymentId | None]:
    """Pay what was decided, and let go of the rest of what was kept.

    Returns:
        The standing with what was really given back (the shop may have refunded meanwhile), and
        the payment.
    """
    payment = find_payment(tx, dispute.payment_id)
    assert payment is not None
    assert after.refund is not None
    minor = min(after.refund, find_left(tx, payment).minor)
    after = msgspec.structs.replace(after, refund=minor)
    amount = Money(minor, dispute.claim.currency)
    if minor == 0 or after.is_borne_by_house:
        _void_hold(tx, dispute)
    if minor == 0:
        return after, None
    paid, is_by_house = _pay_refund(tx, dispute, payment, amount, after)
    if not is_by_house:
        note_house_refund(tx, payment.id, amount)
    give_back(tx, payment.id, amount)
    return msgspec.structs.replace(after, is_borne_by_house=is_by_house), paid.id


def _pay_refund(
    tx: Tx, dispute: Dispute, payment: Payment, amount: Money, after: Standing
) -> tuple[Payment, bool]:
    """Give money back: from what is kept, from the shop's wallet, or from the house."""
    key = f"{dispute.dispute_id}:refund"
    if not after.is_borne_by_house:
        if dispute.hold_id is not None:
            return settle_payment(tx, dispute.hold_id, key=key, amount=amount), False
        part = tx.conn.begin_nested()
        try:
            draft = _refund_draft(tx, payment, amount, key=key, reference=dispute.dispute_id)
            paid = pay(tx, draft)
        except (InsufficientFunds, WalletClosed):
            # Whom to ask for it is between the house and the shop, not the payer's trouble.
            part.rollback()
        else:
            part.commit()
            return paid, False
    by_house = PaymentDraft(
        kind=PaymentKind.DISPUTE_REFUND,
        payer=HouseAccount.FEE_EXPENSE,
        payee=_find_payee(tx, payment),
        amount=amount,
        key=f"{key}:house",
        reference=dispute.dispute_id,
    )
    return pay(tx, by_house), True


def _void_hold(tx: Tx, dispute: Dispute) -> None:
    if dispute.hold_id is not None:
        void_payment(tx, dispute.hold_id, key=f"{dispute.dispute_id}:void")


def _refund_draft(
    tx: Tx, payment: Payment, amount: Money, *, key: str, reference: DisputeId
) -> PaymentDraft:
    assert payment.payee_wallet is not None
    return PaymentDraft(
        kind=PaymentKind.DISPUTE_REFUND,
        payer=payment.payee_wallet,
        payee=_find_payee(tx, payment),
        amount=amount,
        key=key,
        reference=reference,
    )


def _find_payee(tx: Tx, payment: Payment) -> WalletId | HouseAccount:
    """Where a refund goes: what is owed to somebody who left waits until staff have found them."""
    assert payment.payer_wallet is not None
    wallet = load_wallet(tx, payment.payer_wallet)
    if wallet is None or wallet.status == "closed":
        return HouseAccount.SUSPENSE
    return wallet.id


def _tell(tx: Tx, dispute: Dispute, moved: Dispute) -> None:
    after = moved.standing
    tx.announce(
        DisputeMoved(
            dispute_id=dispute.dispute_id,
            payer=dispute.payer,
            shop_id=dispute.shop_id,
            status="in_review" if after.status == "proposed" else after.status,
        )
    )
    before = dispute.standing.status
    if (
        after.refund is not None
        and after.status in {"decided", "closed"}
        and before != after.status
    ):
        tx.announce(
            DisputeDecided(
                dispute_id=dispute.dispute_id,
                payer=dispute.payer,
                shop_id=dispute.shop_id,
                refund=after.refund,
            )
        )
        tell_shop(tx, dispute.shop_id, "dispute.decided", show_dispute(tx, moved, "shop"))
