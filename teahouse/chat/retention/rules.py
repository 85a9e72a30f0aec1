"""When a message's time has come. Pure."""

from __future__ import annotations

from typing import Final

from teahouse.platform.json import JsonObject

RETENTION: Final = "m.room.retention"
DAY_MS: Final = 86_400_000
# The largest integer of canonical JSON.
_LIFETIME_MS_MAX: Final = 2**53 - 1


def lifetime_of(rule: JsonObject, *, default_days: int) -> int | None:
    """How long messages of a room live.

    Args:
        rule: content of the room's `m.room.retention`; empty where it has none.
        default_days: for rooms without a `max_lifetime` of their own; 0: for ever.

    Returns:
        Milliseconds, or None: for ever.

    Source:
        MSC1763, "Per-room message retention policies".
    """
    least = _read_ms(rule.get("min_lifetime")) or 0
    most = _read_ms(rule.get("max_lifetime"))
    if most is None:
        most = default_days * DAY_MS or None
    # A room that promises more than it allows keeps its promise.
    return None if most is None else max(least, most)


def _read_ms(value: object) -> int | None:
    if type(value) is not int or not 0 < value <= _LIFETIME_MS_MAX:
        return None
    return value
