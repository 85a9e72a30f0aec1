"""What consents tell others: whoever derived something under a consent destroys it."""

from __future__ import annotations

from teahouse.platform.announcements import Announcement


class ConsentChanged(Announcement, frozen=True):
    """A member gave consent, or does not consent (any more)."""

    user_id: str
    purpose: str
    is_given: bool
