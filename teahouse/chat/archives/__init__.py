"""What chat puts into a member's archive, and what becomes of one from another house."""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse import privacy
from teahouse.chat.archives.commands import follow_erased

if TYPE_CHECKING:
    from teahouse.platform.services import Services

__all__ = ["install"]


def install(services: Services) -> None:
    """Follow what happens to members who have brought something."""
    services.db.react(privacy.BroughtForgotten, follow_erased)
