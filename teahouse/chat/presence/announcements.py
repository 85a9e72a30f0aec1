"""What presence tells the other servers of the house."""

from __future__ import annotations

from teahouse.chat.presence.types import PresenceState
from teahouse.platform.announcements import Announcement


class PresenceSaid(Announcement, frozen=True):
    """A member who lets others see it is there, as one of the servers has heard.

    Attributes:
        user_id: who.
        claimed: what their client has set.
        status: the status message.
        is_active: whether they did something, rather than that their client asked for news.
    """

    user_id: str
    claimed: PresenceState
    status: str | None
    is_active: bool
