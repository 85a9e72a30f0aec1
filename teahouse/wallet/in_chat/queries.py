"""Reads what rooms were told, and whether what is claimed there is true."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse import accounts, chat
from teahouse.platform.db import Read
from teahouse.platform.requester import Requester
from teahouse.wallet.in_chat.errors import RoomUnknown
from teahouse.wallet.in_chat.rules import EXPLANATIONS, find_doubt
from teahouse.wallet.in_chat.tables import wallet_room_note
from teahouse.wallet.in_chat.types import TOLD_KINDS, Doubt, Story, Verdict, VerifyBody
from teahouse.wallet.parties.queries import user_of
from teahouse.wallet.payments.access import access_payment
from teahouse.wallet.payments.errors import PaymentNotFound
from teahouse.wallet.payments.queries import find_payment
from teahouse.wallet.payments.types import Payment, PaymentKind, PaymentStatusView
from teahouse.wallet.wallets.queries import language_of

_c = wallet_room_note.c


def find_note(read: Read, about: str) -> tuple[str, str] | None:
    """Room and event in which a payment, request or split was told of."""
    row = read.conn.execute(
        sa.select(_c.room_id, _c.event_id).where(_c.about == about)
    ).one_or_none()
    return None if row is None else (row.room_id, row.event_id)


def find_story(read: Read, payment: Payment) -> Story | None:
    """A payment as its room is told of it; None where no room is."""
    if payment.room_id is None or payment.kind not in TOLD_KINDS:
        return None
    payer = None if payment.payer_party is None else user_of(read, payment.payer_party)
    payee = None if payment.payee_party is None else user_of(read, payment.payee_party)
    return Story(
        payment_id=payment.id,
        kind=payment.kind,
        payer=payer,
        payee=payee,
        amount=None if payment.kind == PaymentKind.RED_PACKET else payment.amount,
        status=payment.status,
        room_id=payment.room_id,
        booked_at=payment.booked_at,
        reference=payment.reference,
        message=payment.message,
        payer_name=name_of(read, payer),
        payee_name=name_of(read, payee),
        language=language_of(read, payment.payer_party),
    )


def name_of(read: Read, user_id: str | None) -> str:
    """What people call a member."""
    if user_id is None:
        return "?"
    return accounts.find_profile(read, user_id).displayname or user_id


def access_told_payment(
    read: Read, requester: Requester, payment_id: str
) -> Payment | PaymentStatusView:
    """A payment: for its two sides in full, for the room that was told of it only its status.

    The rule: whoever is joined in the room that the payer named when paying may ask what became of
    the payment, and learns neither the amount nor who is on its other side (they have read it in
    the room, or have not). Nobody else learns that there is such a payment.

    Raises:
        PaymentNotFound: there is none that the requester may know of.
    """
    try:
        return access_payment(read, requester, payment_id)
    except PaymentNotFound:
        found = find_payment(read, payment_id)
        if found is None or found.room_id is None or found.kind not in TOLD_KINDS:
            raise
        if not chat.is_joined(read, found.room_id, requester.user_id):
            raise
        return PaymentStatusView(payment_id=found.id, status=found.status, room_id=found.room_id)


def verify_block(
    read: Read, requester: Requester, body: VerifyBody, *, signature: chat.Signature, house: str
) -> Verdict:
    """Whether a block that the requester sees in a room is true.

    Args:
        read: a view.
        requester: who sees it; joined in the room.
        body: the block, the room and who has sent it.
        signature: the server's.
        house: the account by which the server itself tells.

    Raises:
        RoomUnknown: the requester is not in the room.
    """
    if not chat.is_joined(read, body.room_id, requester.user_id):
        raise RoomUnknown
    receipt = body.block.get("receipt")
    doubt = find_doubt(
        body.block,
        is_signed=isinstance(receipt, dict) and signature.is_valid(receipt),
        room_id=body.room_id,
        sender=body.sender,
        house=house,
    )
    if doubt is not None:
        return _doubted(doubt)
    # What is signed was true once; a house that was restored from a backup may have forgotten.
    payment = find_payment(read, str(body.block["payment_id"]))
    if payment is None or payment.room_id not in {None, body.room_id}:
        return _doubted("unknown-payment")
    return Verdict(is_verified=True, status=payment.status)


def _doubted(doubt: Doubt) -> Verdict:
    return Verdict(is_verified=False, why=doubt, explanation=EXPLANATIONS[doubt])
