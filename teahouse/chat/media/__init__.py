"""Media: what members upload, who gets to see it, and when it goes.

What a plain event shows goes with the event when its time has come. Of encrypted events the
server cannot know what they show: `media_days` removes what nobody looks at any more.

What others use: `install`, the commands for moderators, and `personal_data`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse.chat.event_store.announcements import EventRedacted, EventsAppended
from teahouse.chat.media.commands import follow_appended, follow_redacted
from teahouse.chat.media.live import MediaDesk

if TYPE_CHECKING:
    from teahouse.platform.services import Services

__all__ = ["MediaDesk", "install"]


def install(services: Services) -> None:
    """Give a server what takes in and hands out media, and follow what happens to events."""
    services.put(MediaDesk(services))
    server_name = services.settings.server_name
    services.db.react(EventsAppended, lambda tx, told: follow_appended(tx, told, server_name))
    services.db.react(EventRedacted, lambda tx, told: follow_redacted(tx, told, server_name))
