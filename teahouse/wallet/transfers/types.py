"""Transfers as they are asked for, kept and shown."""

from __future__ import annotations

from typing import Annotated, Literal, NewType, TypeAlias

import msgspec
from msgspec import Meta

from teahouse.platform.money import Money
from teahouse.wallet.in_chat.types import ChatNote
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.payments.types import MESSAGE_LENGTH_MAX, PaymentId, PaymentView

TransferId = NewType("TransferId", str)

# Pending: the payee has not answered yet. The last three gave the money back.
TransferStatus: TypeAlias = Literal["completed", "pending", "declined", "cancelled", "expired"]
# The answer that a pending transfer waits for, by either side.
Answer: TypeAlias = Literal["accept", "decline", "cancel"]

# As in the wallets people know; long enough to sleep over it.
ACCEPT_MS = 24 * 3_600_000
# What one member may have waiting with others: nobody's day has more.
PENDING_MAX = 200


class TransferBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Money to be given to a member.

    Attributes:
        payee: the member's id.
        amount: how much.
        message: what is said to it.
        room_id: a room of both that is told of it.
        by_hand: wait until the payee accepts it, at most 24 hours; who accepts all by hand is
            waited for in any case.
        confirmation: the confirmation of just this payment, where a second factor was asked for.
    """

    payee: Annotated[str, Meta(max_length=255, examples=["@ben:teahouse.example"])]
    amount: Money
    message: Annotated[str, Meta(max_length=MESSAGE_LENGTH_MAX, examples=["for the tea"])] = ""
    room_id: Annotated[str, Meta(max_length=255)] | None = None
    by_hand: bool = False
    confirmation: Annotated[str, Meta(max_length=64)] | None = None


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """A transfer as it is kept.

    Attributes:
        id: opaque.
        payer: who gives.
        payee: who is given.
        payment_id: the payment that moves the money; amount, message and room are there.
        status: what became of it.
        created_at: milliseconds.
        expires_at: when a pending one goes back, milliseconds.
        ended_at: when it was completed or given back, milliseconds.
    """

    id: TransferId
    payer: PartyId
    payee: PartyId
    payment_id: PaymentId
    status: TransferStatus
    created_at: int
    expires_at: int | None
    ended_at: int | None


class TransferView(msgspec.Struct, frozen=True, kw_only=True):
    """A transfer as one of its two sides sees it.

    Attributes:
        transfer_id: its id.
        status: `completed`, `pending`, `declined`, `cancelled` or `expired`.
        may: what the requester can answer now.
        payment: the payment that moves the money.
        expires_at: when a pending one goes back.
        in_chat: how a room is told of it; None where none is.
    """

    transfer_id: Annotated[TransferId, Meta(examples=["trf_06o1m5vq8000e5j0c4m9o3aq"])]
    status: TransferStatus
    may: list[Answer]
    payment: PaymentView
    expires_at: int | None
    in_chat: ChatNote | None
