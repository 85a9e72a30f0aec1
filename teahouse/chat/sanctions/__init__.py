"""Sanctions: each has a reason, an end, and an appeal that another person decides.

Kicks and bans are noted whichever client they come from; suspensions are the staff's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse.chat.event_store.announcements import EventsAppended
from teahouse.chat.sanctions.commands import follow_events

if TYPE_CHECKING:
    from teahouse.platform.services import Services


def install(services: Services) -> None:
    """Follow what happens in rooms."""
    services.db.react(EventsAppended, follow_events)
