"""What red packets tell others."""

from __future__ import annotations

from teahouse.platform.announcements import Announcement


class RedPacketGiven(Announcement, frozen=True):
    """A red packet waits in a room.

    Attributes:
        packet_id: which.
        room_id: where it may be claimed.
        sender: the party who gave it.
    """

    packet_id: str
    room_id: str
    sender: str


class RedPacketClaimed(Announcement, frozen=True):
    """Somebody has a share.

    Attributes:
        packet_id: of what.
        room_id: where.
        sender: the party who gave it.
        claimant: the party who has it.
        left_count: shares left; with 0 it is over.
    """

    packet_id: str
    room_id: str
    sender: str
    claimant: str
    left_count: int


class RedPacketReturned(Announcement, frozen=True):
    """What nobody claimed has gone back.

    Attributes:
        packet_id: of what.
        room_id: where it was.
        sender: the party who has it back.
        left_count: shares that nobody claimed.
    """

    packet_id: str
    room_id: str
    sender: str
    left_count: int
