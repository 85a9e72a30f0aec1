"""What is refused of payments in rooms.

Refusal
└── RoomUnknown    404
"""

from __future__ import annotations

from teahouse.platform.errors import NotFound


class RoomUnknown(NotFound):
    """The requester is not in the room, or there is none: both look the same."""

    code = "room-unknown"
    message = "You are in no such room."
