"""What the books tell."""

from __future__ import annotations

from teahouse.platform.announcements import Announcement


class HoldsExpired(Announcement, frozen=True):
    """Holds ran out, and what they reserved is free again.

    Attributes:
        holds: their ids.
    """

    holds: tuple[str, ...]
