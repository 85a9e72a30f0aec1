"""What pushers tell others."""

from __future__ import annotations

from teahouse.platform.announcements import Announcement


class PushersChanged(Announcement, frozen=True):
    """A member has set or removed a pusher."""

    user_id: str
