"""Finding rooms and people: the public directory, spaces, summaries, and who may be found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse.chat.directory.commands import follow_appended
from teahouse.chat.event_store.announcements import EventsAppended

if TYPE_CHECKING:
    from teahouse.platform.services import Services


def install(services: Services) -> None:
    """Keep up with what happens in rooms."""
    services.db.react(EventsAppended, follow_appended)
