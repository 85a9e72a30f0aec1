"""What account data tells others."""

from __future__ import annotations

from teahouse.platform.announcements import Announcement


class AccountDataChanged(Announcement, frozen=True):
    """A member's account data has new content.

    Attributes:
        user_id: whose.
        room_id: the room it is about, None for none.
        data_type: such as `m.direct`.
        position: in the order of all that happens.
    """

    user_id: str
    room_id: str | None
    data_type: str
    position: int
