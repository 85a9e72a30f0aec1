"""What the register tells others after a commit."""

from __future__ import annotations

from teahouse.platform.announcements import Announcement


class MembersTold(Announcement, frozen=True):
    """Members can see now that an authority asked for their data, and what became of it."""

    request_id: str
    user_ids: tuple[str, ...]
