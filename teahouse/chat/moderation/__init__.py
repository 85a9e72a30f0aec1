"""Keeping rooms pleasant: reports, slow mode, join requests, and the log of who did what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse import accounts
from teahouse.chat.moderation.commands import follow_staff

if TYPE_CHECKING:
    from teahouse.platform.services import Services


def install(services: Services) -> None:
    """Note what the staff do elsewhere."""
    services.db.react(accounts.StaffActed, follow_staff)
