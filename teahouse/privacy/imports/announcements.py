"""What imports tell others."""

from __future__ import annotations

from teahouse.platform.announcements import Announcement


class BroughtForgotten(Announcement, frozen=True):
    """The member who brought something is erased: what it became must go with them."""

    kind: str
    made: str
