"""What typing tells the other servers of the house."""

from __future__ import annotations

from teahouse.platform.announcements import Announcement


class TypingSaid(Announcement, frozen=True):
    """Someone said that they type, or that they stopped.

    Attributes:
        room_id: where.
        user_id: who.
        timeout_ms: for how long they are taken to type; None: they stopped.
    """

    room_id: str
    user_id: str
    timeout_ms: int | None
