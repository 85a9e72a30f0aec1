"""Presence: who is there just now. Off unless the operator and the member want it.

The operator allows it by the setting `presence`. A member takes part by global account data
`org.teahouse.presence` with `{"share": true}`; setting a status alone is no consent, for clients
do that by themselves. Until then whatever a client sets is accepted and forgotten, and everybody
looks offline. What is shown is shown to members of shared rooms, and kept in memory only.

What others use: `install` and the part `live.Presence`, which `/sync` tells of its requests
(`note`), reads, and is woken by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse.chat.presence.live import Presence

if TYPE_CHECKING:
    from teahouse.platform.services import Services

__all__ = ["Presence", "install"]


def install(services: Services) -> None:
    """Give a server its memory of who is there."""
    services.put(Presence(services.db, services.clock, is_on=services.settings.presence))
