"""What the policy tells others."""

from __future__ import annotations

from teahouse.platform.announcements import Announcement


class PolicyPublished(Announcement, frozen=True):
    """There is a new version of the policy."""

    number: int
    applies_at: int
