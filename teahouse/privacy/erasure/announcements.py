"""What erasure tells others."""

from __future__ import annotations

from teahouse.platform.announcements import Announcement


class ErasureAsked(Announcement, frozen=True):
    """A member asked to be erased; they may still change their mind."""

    user_id: str
    due_at: int


class ErasureTakenBack(Announcement, frozen=True):
    """A member keeps their account after all."""

    user_id: str
