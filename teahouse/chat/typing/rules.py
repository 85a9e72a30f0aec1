"""What must hold of typing. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from teahouse.platform.errors import InvalidParam

if TYPE_CHECKING:
    from teahouse.platform.json import JsonObject

# Clients say so again every few seconds while it lasts.
TIMEOUT_MS_DEFAULT: Final = 30_000
TIMEOUT_MS_MAX: Final = 120_000


def check_timeout_ms(timeout_ms: int) -> int:
    """For how long someone is taken to type, milliseconds, at most `TIMEOUT_MS_MAX`.

    Raises:
        InvalidParam: not positive.
    """
    if timeout_ms <= 0:
        raise InvalidParam("The timeout must be a positive number of milliseconds.")
    return min(timeout_ms, TIMEOUT_MS_MAX)


def to_typing_event(user_ids: list[str]) -> JsonObject:
    """The ephemeral event `m.typing`."""
    return {"type": "m.typing", "content": {"user_ids": [*user_ids]}}
