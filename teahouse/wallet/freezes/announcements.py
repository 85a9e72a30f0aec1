"""What freezes tell others."""

from __future__ import annotations

from teahouse.platform.announcements import Announcement


class FreezeChanged(Announcement, frozen=True):
    """A freeze began, ended, or came a step further."""

    freeze_id: str
    party: str
    status: str
