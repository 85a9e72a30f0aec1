"""Full-text search in rooms that are not encrypted.

The words of messages, names and topics are kept in an index that changes in the transaction of
the event itself: what was redacted or has run out is not found from that moment on. Of encrypted
rooms the server knows no words; their members' clients search by themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse.chat.event_store.announcements import (
    EventRedacted,
    EventsAppended,
    HistoryRemoved,
)
from teahouse.chat.search.commands import follow_appended, follow_redacted, follow_removed

if TYPE_CHECKING:
    from teahouse.platform.services import Services

__all__ = ["install"]


def install(services: Services) -> None:
    """Follow what happens to events."""
    services.db.react(EventsAppended, follow_appended)
    services.db.react(EventRedacted, follow_redacted)
    services.db.react(HistoryRemoved, follow_removed)
