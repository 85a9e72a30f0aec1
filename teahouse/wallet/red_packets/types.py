"""Red packets: money given to a room or to one member, in shares that are claimed."""

from __future__ import annotations

from typing import Annotated, Literal, NewType, TypeAlias

import msgspec
from msgspec import Meta

from teahouse.platform.money import Currency, Money
from teahouse.wallet.in_chat.types import ChatNote

PacketId = NewType("PacketId", str)

# All shares alike, or by luck.
Split: TypeAlias = Literal["equal", "random"]
# Shares are left; all are taken; what was left has gone back.
PacketStatus: TypeAlias = Literal["open", "empty", "returned"]

# The block of a message that tells of a red packet, beside that of its payment.
BLOCK = "org.teahouse.red_packet"
# A line on a phone, twice.
GREETING_LENGTH_MAX = 100
# As in the wallets people know; long enough to sleep over it.
OPEN_MS = 24 * 3_600_000


class PacketBounds(msgspec.Struct, frozen=True):
    """What the operator allows.

    Attributes:
        count_max: the most shares.
        share_max: the most a packet may hold for each of its shares, minor units by currency;
            others are bound by the limits of the wallet alone.
    """

    count_max: int
    share_max: dict[Currency, int]


class PacketDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to give.

    Attributes:
        room_id: whose members may claim.
        total: all shares together.
        count: how many shares.
        split: how they are made.
        greeting: shown on the packet.
        for_member: the one member who may claim, or None for all.
    """

    room_id: str
    total: Money
    count: int
    split: Split
    greeting: str = ""
    for_member: str | None = None


class PacketBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A red packet to be given.

    Attributes:
        room_id: whose members may claim; the giver is one of them.
        total: all shares together.
        count: how many shares.
        split: `equal` or `random`.
        greeting: shown on the packet.
        for_member: the one member who may claim.
        confirmation: the second factors with which the giver confirmed it, where needed.
    """

    room_id: Annotated[str, Meta(max_length=255, examples=["!tea:teahouse.example"])]
    total: Money
    count: Annotated[int, Meta(examples=[5])] = 1
    split: Split = "random"
    greeting: Annotated[
        str, Meta(max_length=GREETING_LENGTH_MAX, examples=["恭喜发财，大吉大利"])
    ] = ""
    for_member: Annotated[str, Meta(max_length=255)] | None = None
    confirmation: Annotated[str, Meta(max_length=64)] | None = None

    def draft(self) -> PacketDraft:
        """What is to be given, without how it was confirmed."""
        return PacketDraft(
            room_id=self.room_id,
            total=self.total,
            count=self.count,
            split=self.split,
            greeting=self.greeting,
            for_member=self.for_member,
        )


class Packet(msgspec.Struct, frozen=True, kw_only=True):
    """A red packet as it is stored.

    Attributes:
        sender: the party who gave it.
        recipient: the one party who may claim, or None.
        seal: the commitment to the shares.
        salt: opens the seal; told only when it is over.
        left_minor: minor units nobody has claimed.
        left_count: shares nobody has claimed.
        payment_id: the payment that filled it.
        ended_at: when the last share was claimed or the rest went back.
    """

    packet_id: PacketId
    sender: str
    recipient: str | None
    room_id: str
    total: Money
    count: int
    split: Split
    greeting: str
    seal: str
    salt: bytes
    status: PacketStatus
    left_minor: int
    left_count: int
    payment_id: str | None
    created_at: int
    expires_at: int
    ended_at: int | None


class Share(msgspec.Struct, frozen=True):
    """A share that was claimed, as members see it.

    Attributes:
        user_id: who has it; None once they were erased.
        amount: how much.
        claimed_at: when, milliseconds.
        is_best: whether it is the largest of all; only told once all are claimed.
    """

    user_id: str | None
    amount: Money
    claimed_at: int
    is_best: bool = False


class Opening(msgspec.Struct, frozen=True):
    """What opens the seal of a packet that is over.

    Attributes:
        salt: the key of the HMAC, hexadecimal.
        shares: minor units in the order of claims, those nobody claimed included.
    """

    salt: str
    shares: list[int]


class PacketView(msgspec.Struct, frozen=True, kw_only=True):
    """A red packet as a member of the room sees it.

    Attributes:
        packet_id: its id.
        sender: who gave it; None once they were erased.
        for_member: the one member who may claim, or None for all.
        room_id: whose members may claim.
        total: all shares together.
        count: how many shares.
        split: how they were made.
        greeting: shown on the packet.
        status: `open`, `empty` or `returned`.
        left: what nobody has claimed; None for who may not see it yet.
        left_count: how many shares nobody has claimed.
        created_at: milliseconds.
        expires_at: when the rest goes back, milliseconds.
        mine: one's own share.
        shares: who has which, in the order of claims: for the giver, and for who has claimed or
            can no longer; None for others, whom it could tempt to wait.
        seal: the commitment to all shares, as it was when the packet was given.
        opening: what opens the seal, once the packet is over.
        in_chat: how the room is told of it, for the giver's client: it sends `content` itself
            where `event_id` is None.
    """

    packet_id: Annotated[PacketId, Meta(examples=["rpk_06o1m5vq8000e5j0c4m9o3aq"])]
    sender: Annotated[str, Meta(examples=["@ada:teahouse.example"])] | None
    for_member: str | None
    room_id: str
    total: Money
    count: int
    split: Split
    greeting: str
    status: PacketStatus
    left: Money | None
    left_count: int
    created_at: int
    expires_at: int
    mine: Share | None
    shares: list[Share] | None
    seal: str
    opening: Opening | None
    in_chat: ChatNote | None = None


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """One's share, just claimed.

    Attributes:
        packet_id: of what.
        payment_id: the payment into one's wallet.
        amount: how much.
        claimed_at: when, milliseconds.
        left_count: how many shares are left for others.
    """

    packet_id: Annotated[PacketId, Meta(examples=["rpk_06o1m5vq8000e5j0c4m9o3aq"])]
    payment_id: Annotated[str, Meta(examples=["pay_06o1m5vq8000e5j0c4m9o3aq"])]
    amount: Money
    claimed_at: Annotated[int, Meta(examples=[1795687200000])]
    left_count: Annotated[int, Meta(examples=[3])]
