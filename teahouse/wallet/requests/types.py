"""Requests and splits as they are asked for, kept and shown."""

from __future__ import annotations

from typing import Annotated, Literal, NewType, TypeAlias

import msgspec
from msgspec import Meta

from teahouse.platform.json import JsonObject
from teahouse.platform.money import Money
from teahouse.wallet.in_chat.types import ChatNote
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.payments.types import MESSAGE_LENGTH_MAX, PaymentId, PaymentView

RequestId = NewType("RequestId", str)
SplitId = NewType("SplitId", str)

RequestStatus: TypeAlias = Literal["open", "paid", "declined", "cancelled", "expired"]
Division: TypeAlias = Literal["even", "amounts", "weights"]
# What either side can do with an open request.
Deed: TypeAlias = Literal["pay", "decline", "cancel", "remind"]

# A week to settle a dinner; who still wants the money asks again.
OPEN_MS = 7 * 86_400_000
# A reminder a day is a nudge, two are a nuisance.
REMIND_EVERY_MS = 86_400_000
# What one member may have asked for at a time, and of one other.
OPEN_MAX = 200
OPEN_WITH_ONE_MAX = 10
# A long table.
SHARES_MAX = 100
WEIGHT_MAX = 10_000

# The members of a message's content that tell of them; documented for clients.
REQUEST_BLOCK = "org.teahouse.payment_request"
SPLIT_BLOCK = "org.teahouse.bill_split"

_UserId = Annotated[str, Meta(max_length=255, examples=["@ben:teahouse.example"])]
_Message = Annotated[str, Meta(max_length=MESSAGE_LENGTH_MAX, examples=["dinner on Friday"])]
_RoomId = Annotated[str, Meta(max_length=255)]


class RequestBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Money to be asked for.

    Attributes:
        payer: the member who shall pay.
        amount: how much.
        message: what for.
        room_id: a room of both that is told of it.
    """

    payer: _UserId
    amount: Money
    message: _Message = ""
    room_id: _RoomId | None = None


class ShareBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A member's part of a bill.

    Attributes:
        user_id: who; the one who asks may be among them.
        minor: how much, minor units; with `amounts`.
        weight: how many parts; with `weights`.
    """

    user_id: _UserId
    minor: int | None = None
    weight: Annotated[int, Meta(ge=1, le=WEIGHT_MAX)] | None = None


class SplitBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A bill to be split.

    Attributes:
        room_id: all who share it are in this room, which is told of it.
        total: the bill.
        division: `even`, by `amounts` that sum to the bill, or by `weights`.
        shares: who shares it, each once; of an even split the first pay a unit more where it does
            not divide.
        message: what for.
    """

    room_id: _RoomId
    total: Money
    division: Division = "even"
    shares: Annotated[list[ShareBody], Meta(min_length=2, max_length=SHARES_MAX)]
    message: _Message = ""


class PayBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a request is paid.

    Attributes:
        confirmation: the confirmation of just this payment, where a second factor was asked for.
    """

    confirmation: Annotated[str, Meta(max_length=64)] | None = None


class PaymentRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it is kept.

    Attributes:
        id: opaque.
        asker: who wants the money.
        payer: who is asked.
        amount: how much.
        status: what became of it.
        message: what for; empty once the asker was erased.
        room_id: which room was told.
        split_id: the bill that it is a share of.
        payment_id: by which it was paid.
        created_at: milliseconds.
        expires_at: when it is over by itself, milliseconds.
        ended_at: when it was paid or ended otherwise, milliseconds.
        reminded_at: when the payer was last reminded, milliseconds.
    """

    id: RequestId
    asker: PartyId
    payer: PartyId
    amount: Money
    status: RequestStatus
    message: str
    room_id: str | None
    split_id: SplitId | None
    payment_id: PaymentId | None
    created_at: int
    expires_at: int
    ended_at: int | None
    reminded_at: int | None


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """A bill as it is kept.

    Attributes:
        id: opaque.
        asker: who paid it, and asks the others.
        room_id: which room was told.
        total: the bill.
        own: the asker's own part.
        message: what for; empty once the asker was erased.
        created_at: milliseconds.
    """

    id: SplitId
    asker: PartyId
    room_id: str
    total: Money
    own: Money
    message: str
    created_at: int


class RequestView(msgspec.Struct, frozen=True, kw_only=True):
    """A request as one of its two sides sees it.

    Attributes:
        request_id: its id.
        direction: `in`: the requester is asked; `out`: they ask.
        asker: who wants the money; None once they were erased.
        payer: who is asked; None once they were erased.
        amount: how much.
        message: what for.
        status: `open`, `paid`, `declined`, `cancelled` or `expired`.
        may: what the requester can do now.
        split_id: the bill that it is a share of.
        payment_id: by which it was paid.
        created_at: milliseconds.
        expires_at: when it is over by itself.
        ended_at: when it was paid or ended otherwise.
        in_chat: how a room is told of it; None where none is, and for shares of a bill.
    """

    request_id: Annotated[RequestId, Meta(examples=["req_06o1m5vq8000e5j0c4m9o3aq"])]
    direction: Literal["in", "out"]
    asker: str | None
    payer: str | None
    amount: Money
    message: str
    status: RequestStatus
    may: list[Deed]
    split_id: SplitId | None
    payment_id: PaymentId | None
    created_at: int
    expires_at: int
    ended_at: int | None
    in_chat: ChatNote | None


class PaidRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request that was paid, and the payment.

    Attributes:
        request: the request.
        payment: the payment.
        in_chat: how the room is told of the payment.
    """

    request: RequestView
    payment: PaymentView
    in_chat: ChatNote | None


class ShareView(msgspec.Struct, frozen=True, kw_only=True):
    """A member's part of a bill.

    Attributes:
        request_id: the request to them.
        user_id: who; None once they were erased.
        amount: how much.
        status: whether they have paid.
    """

    request_id: RequestId
    user_id: str | None
    amount: Money
    status: RequestStatus


class SplitView(msgspec.Struct, frozen=True, kw_only=True):
    """A bill as those who share it see it.

    Attributes:
        split_id: its id.
        asker: who paid it, and asks the others; None once they were erased.
        room_id: which room was told.
        total: the bill.
        own: the asker's own part.
        message: what for.
        shares: of the others.
        paid: what the others have paid so far.
        left: what is still open.
        created_at: milliseconds.
        in_chat: how the room is told of it.
    """

    split_id: Annotated[SplitId, Meta(examples=["spl_06o1m5vq8000e5j0c4m9o3aq"])]
    asker: str | None
    room_id: str
    total: Money
    own: Money
    message: str
    shares: list[ShareView]
    paid: Money
    left: Money
    created_at: int
    in_chat: ChatNote | None


class Reminded(msgspec.Struct, frozen=True):
    """Who was reminded.

    Attributes:
        requests: of which requests.
        in_chat: the content of a message for the room, where the server cannot send it.
    """

    requests: list[RequestId]
    in_chat: JsonObject | None
