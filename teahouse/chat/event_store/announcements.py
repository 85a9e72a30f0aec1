"""What others hear of rooms."""

from __future__ import annotations

from teahouse.chat.event_store.types import StoredEvent
from teahouse.platform.announcements import Announcement


class EventsAppended(Announcement, frozen=True):
    """Events were appended, in this order."""

    events: list[StoredEvent]


class EventRedacted(Announcement, frozen=True):
    """An event was emptied; `event` is what is left of it."""

    event: StoredEvent


class HistoryRemoved(Announcement, frozen=True):
    """Events of a room were destroyed, by retention, erasure or an operator."""

    room_id: str
    position: int
