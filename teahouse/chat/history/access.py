"""The way from a stranger's event id to an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse.chat.event_store.queries import find_event
from teahouse.chat.history.errors import EventNotFound
from teahouse.chat.history.rules import is_visible
from teahouse.chat.rooms.access import access_history
from teahouse.platform.errors import Forbidden

if TYPE_CHECKING:
    from teahouse.chat.event_store.types import StoredEvent
    from teahouse.chat.rooms.rules import Stretch
    from teahouse.platform.db import Read
    from teahouse.platform.requester import Requester


def access_event(
    read: Read, requester: Requester, room_id: str, event_id: str
) -> tuple[StoredEvent, list[Stretch]]:
    """An event that the requester may see, and what else of its room they may.

    Raises:
        EventNotFound: no such event or room, or not for them.
    """
    try:
        stretches = access_history(read, requester, room_id)
    except Forbidden:
        raise EventNotFound from None
    event = find_event(read, room_id, event_id)
    if event is None or not is_visible(stretches, event.position):
        raise EventNotFound
    return event, stretches
