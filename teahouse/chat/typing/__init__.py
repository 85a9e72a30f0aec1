"""Typing: who is writing in a room just now. In memory only, for it is over in seconds.

Several servers of one database tell one another over the bus who begins and stops: each keeps the
same memory. One that starts hears of those who type already when they say so again.

What others use: the part `live.Typing`, which `/sync` reads and is woken by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse.chat.event_store.announcements import EventsAppended
from teahouse.chat.typing.announcements import TypingSaid
from teahouse.chat.typing.live import Typing

if TYPE_CHECKING:
    from teahouse.platform.announcements import Announcement
    from teahouse.platform.services import Services

__all__ = ["Typing", "install"]


def install(services: Services) -> None:
    """Give a server its memory of who is typing."""
    typing = Typing(services.clock)
    services.put(typing)

    def hear(announcements: list[Announcement], _position: int) -> None:
        for announcement in announcements:
            if isinstance(announcement, EventsAppended) and typing.anybody:
                typing.hear_events(announcement.events)
            elif isinstance(announcement, TypingSaid):
                typing.hear(announcement)

    services.db.listen(hear)
