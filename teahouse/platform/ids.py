"""Identifiers of our own making: opaque, prefixed, sortable by time of birth."""

from __future__ import annotations

from base64 import b32hexencode

from teahouse.platform.chance import Chance
from teahouse.platform.clock import Clock

_TIME_BYTES = 6
_CHANCE_BYTES = 9


class IdSource:
    """Makes ids such as `job_0bjh2k...`: 48 bits of time, 72 of chance.

    Args:
        clock: gives the time part.
        chance: gives the rest.
    """

    def __init__(self, clock: Clock, chance: Chance) -> None:
        self._clock = clock
        self._chance = chance

    def new(self, prefix: str) -> str:
        """A new id `<prefix>_<24 characters>`; ids of later milliseconds sort later."""
        born = self._clock.now_ms().to_bytes(_TIME_BYTES, "big")
        tail = self._chance.secrets.token_bytes(_CHANCE_BYTES)
        return f"{prefix}_{b32hexencode(born + tail).decode().lower()}"
