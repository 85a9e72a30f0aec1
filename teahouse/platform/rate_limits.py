"""Rate limits per member and per address, kept in memory."""

from __future__ import annotations

from typing import Literal, TypeAlias

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from teahouse.platform.clock import Clock
from teahouse.platform.errors import LimitExceeded
from teahouse.platform.settings import Settings

Kind: TypeAlias = Literal["member", "address", "login", "register", "send"]


class RateLimits:
    """Counts requests in sliding windows and refuses what is over.

    Args:
        settings: the `rate_*` settings.
        clock: for the time to wait.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._enabled = settings.rate_limits
        self._clock = clock
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._items: dict[Kind, RateLimitItem] = {
            "member": parse(settings.rate_member),
            "address": parse(settings.rate_address),
            "login": parse(settings.rate_login),
            "register": parse(settings.rate_register),
            "send": parse(settings.rate_send),
        }

    def check(self, kind: Kind, who: str) -> None:
        """Count one request of `who`.

        Raises:
            LimitExceeded: with `retry_after_ms`.
        """
        if not self._enabled:
            return
        item = self._items[kind]
        if not self._limiter.hit(item, kind, who):
            reset_at_s = self._limiter.get_window_stats(item, kind, who).reset_time
            wait_ms = max(1, round(reset_at_s * 1000) - self._clock.now_ms())
            raise LimitExceeded(retry_after_ms=wait_ms)
