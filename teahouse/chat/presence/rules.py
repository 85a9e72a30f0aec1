"""What must hold of presence. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from teahouse.chat.presence.errors import InvalidStatus
from teahouse.chat.presence.types import OFFLINE, PRESENCE, PresenceState, PresenceView

if TYPE_CHECKING:
    from teahouse.platform.json import JsonObject

# Who does nothing for five minutes is away, and who is not heard of for two is gone: clients
# ask for news every 30 seconds.
IDLE_MS: Final = 300_000
GONE_MS: Final = 120_000
ACTIVE_MS: Final = 60_000
_STATUS_BYTES_MAX: Final = 1024


def check_status(status: str | None) -> str | None:
    """The status message that a member sets; None for none, or an empty one.

    Raises:
        InvalidStatus: too long.
    """
    if status is not None and len(status.encode()) > _STATUS_BYTES_MAX:
        raise InvalidStatus
    return status or None


def view_at(
    now: int, *, claimed: PresenceState, status: str | None, seen_at: int, active_at: int
) -> PresenceView:
    """What others see of a member at an instant.

    Args:
        now: milliseconds since the epoch.
        claimed: what the member's client has set.
        status: the status message.
        seen_at: when a client of theirs was last heard of.
        active_at: when they last did something.
    """
    if claimed == "offline" or now - seen_at >= GONE_MS:
        return OFFLINE
    # A clock that was set back must not make anybody active in the future.
    ago = max(0, now - active_at)
    state: PresenceState = "unavailable" if ago >= IDLE_MS else claimed
    return PresenceView(state, ago, status, state == "online" and ago < ACTIVE_MS)


def to_presence_event(user_id: str, view: PresenceView) -> JsonObject:
    """The event `m.presence` of `/sync`."""
    return {"type": PRESENCE, "sender": user_id, "content": msgspec.to_builtins(view)}


def is_consent(content: JsonObject) -> bool:
    """Whether the account data lets others see when the member is there."""
    return content.get("share") is True
