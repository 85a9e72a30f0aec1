"""What can be refused of red packets.

Refusal
├── UnknownPacket       none there, or none that this member may know of
├── PacketOutOfBounds   too many shares, too much or too little money
├── NotTheirPacket      it is for somebody else
├── PacketExpired       its day is over
├── PacketEmpty         all shares are taken
├── PacketStillOpen     nothing goes back yet
└── AlreadyClaimed      this member has a share already
"""

from __future__ import annotations

from teahouse.platform.errors import Refusal


class UnknownPacket(Refusal):
    """None there, or in a room that the requester is not in."""

    status, code, errcode = 404, "unknown-red-packet", "M_NOT_FOUND"
    message = "There is no such red packet in your rooms."


class PacketOutOfBounds(Refusal):
    """Shares or money beyond what a packet may have; `data` names the bound."""

    code, errcode = "red-packet-out-of-bounds", "M_INVALID_PARAM"
    message = "A red packet can't be like that."


class NotTheirPacket(Refusal):
    """It was given to one other member."""

    status, code, errcode = 403, "red-packet-for-another", "M_FORBIDDEN"
    message = "This red packet is for somebody else."


class PacketExpired(Refusal):
    """A day has passed; what was left went back."""

    status, code, errcode = 409, "red-packet-expired", "M_UNKNOWN"
    message = "This red packet is over: what was left has gone back to who gave it."


class PacketEmpty(Refusal):
    """Others were quicker."""

    status, code, errcode = 409, "red-packet-empty", "M_UNKNOWN"
    message = "All shares of this red packet have been taken."


class AlreadyClaimed(Refusal):
    """One share each; `data` says how much theirs was."""

    status, code, errcode = 409, "red-packet-already-claimed", "M_UNKNOWN"
    message = "You have had your share of this red packet."


class PacketStillOpen(Refusal):
    """A packet's day is not over; `retry_after_ms` says when it is."""

    status, code, errcode = 409, "red-packet-still-open", "M_UNKNOWN"
    message = "This red packet is open: nothing goes back yet."
