"""What rooms are told of payments, and how it is proved."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from teahouse.platform.json import JsonObject
from teahouse.platform.money import Money
from teahouse.wallet.payments.types import PaymentKind, PaymentStatus, PaymentView
from teahouse.wallet.wallets.types import Language

# The member of a message's content that tells of a payment; documented for clients.
BLOCK = "org.teahouse.payment"
# Wakes clients: something in the wallet is other than it was.
CHANGED = "org.teahouse.wallet.changed"

# What is told in rooms: what members do before one another.
TOLD_KINDS = frozenset(
    {
        PaymentKind.TRANSFER,
        PaymentKind.REQUEST_PAID,
        PaymentKind.SPLIT_PAID,
        PaymentKind.RED_PACKET,
    }
)


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as a room is told of it.

    Attributes:
        payment_id: its id.
        kind: what it is for.
        payer: the member who pays; None once they were erased.
        payee: the member who is paid; None for red packets and erased members.
        amount: how much; None for red packets, whose charm is not to know.
        status: what became of it.
        room_id: the room.
        booked_at: when the money moved, milliseconds; None while it has not.
        reference: the id of the transfer, request or packet.
        message: what the payer said.
        payer_name: as people know them.
        payee_name: as people know them.
        language: of the payer.
    """

    payment_id: str
    kind: PaymentKind
    payer: str | None
    payee: str | None
    amount: Money | None
    status: PaymentStatus
    room_id: str
    booked_at: int | None
    reference: str
    message: str
    payer_name: str
    payee_name: str
    language: Language


class ChatNote(msgspec.Struct, frozen=True, kw_only=True):
    """How a room is told of a payment.

    Attributes:
        room_id: the room.
        event_id: of the message that the server has sent; None where the room is encrypted or does
            not let the server's account in: there the client sends `content` itself.
        content: of the `m.room.message` that tells it, ready to be sent or encrypted.
    """

    room_id: str
    event_id: str | None
    content: JsonObject


class PaymentDetail(msgspec.Struct, frozen=True):
    """A payment as one of its two sides sees it, and how a room is told of it.

    Attributes:
        payment: the payment.
        in_chat: None where no room is told.
    """

    payment: PaymentView
    in_chat: ChatNote | None


class ReceiptKey(msgspec.Struct, frozen=True):
    """What receipts are checked with.

    Attributes:
        server_name: who signs.
        key_id: the name of the key in `signatures`.
        public_key: ed25519, unpadded base64.
    """

    server_name: str
    key_id: Annotated[str, Meta(examples=["ed25519:a_1b2c"])]
    public_key: str


class VerifyBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A block that somebody sees in a room.

    Attributes:
        block: the member `org.teahouse.payment` of the message's content, as it is.
        room_id: where it was seen.
        sender: of the message.
    """

    block: JsonObject
    room_id: Annotated[str, Meta(max_length=255)]
    sender: Annotated[str, Meta(max_length=255)]


# In the order in which they are looked for.
Doubt: TypeAlias = Literal[
    "malformed",
    "bad-signature",
    "altered",
    "wrong-room",
    "wrong-sender",
    "unknown-payment",
]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a block is true.

    Attributes:
        is_verified: whether the server has signed just this, for this room, and knows of it.
        why: what speaks against it, or None.
        explanation: the same for people, by language.
        status: what has become of the payment by now, where it is verified.
    """

    is_verified: bool
    why: Doubt | None = None
    explanation: dict[Language, str] = {}
    status: PaymentStatus | None = None
