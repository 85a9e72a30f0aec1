"""Media: what members upload, and who gets to see it.

What others use: `install`, the commands for moderators, and `personal_data`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse.chat.media.live import MediaDesk

if TYPE_CHECKING:
    from teahouse.platform.services import Services

__all__ = ["MediaDesk", "install"]


def install(services: Services) -> None:
    """Give a server what takes in and hands out media."""
    services.put(MediaDesk(services))
