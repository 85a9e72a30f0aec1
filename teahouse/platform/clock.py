"""The one source of time. Everything else is handed an instant or a clock."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time in UTC."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01T00:00:00Z."""
        ...

    def ticks(self) -> float:
        """Seconds on a clock that never goes back, for measuring and waiting."""
        ...

    def busy_seconds(self) -> float:
        """Processor time this process has used, seconds."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        """Milliseconds since the epoch, by the machine's clock."""
        return time.time_ns() // 1_000_000

    def ticks(self) -> float:
        """Seconds by the machine's monotonic clock."""
        return time.monotonic()

    def busy_seconds(self) -> float:
        """Processor time this process has used, seconds."""
        return time.process_time()


class ManualClock:
    """A clock that stands still until it is moved: a test runs a month in a second.

    Args:
        now_ms: the first instant, milliseconds since the epoch.
    """

    def __init__(self, now_ms: int = 1_700_000_000_000) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        """Milliseconds since the epoch, as last set."""
        return self._now_ms

    def ticks(self) -> float:
        """Seconds since the epoch, as last set."""
        return self._now_ms / 1000

    def busy_seconds(self) -> float:
        """None: a simulation is never busy."""
        return 0.0

    def advance(self, ms: int) -> None:
        """Move time by some milliseconds; backwards too, as real clocks do."""
        self._now_ms += ms
