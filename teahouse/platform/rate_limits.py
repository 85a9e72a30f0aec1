"""Rate limits per member and per address, kept in memory."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network
from typing import Literal, TypeAlias

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from teahouse.platform.clock import Clock
from teahouse.platform.errors import LimitExceeded
from teahouse.platform.settings import Settings

Kind: TypeAlias = Literal[
    "member",
    "address",
    "login",
    "login_address",
    "login_name",
    "login_slow",
    "register",
    "send",
]
# What one line is given (RFC 6177): whoever has it has 2^64 addresses.
_IPV6_PREFIX = 64


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
            "login_address": parse(settings.rate_login_address),
            "login_name": parse(settings.rate_login_name),
            "login_slow": parse(settings.rate_login_slow),
            "register": parse(settings.rate_register),
            "send": parse(settings.rate_send),
        }

    def check(self, kind: Kind, *who: str) -> None:
        """Count one request of `who`: a member, an address, or both.

        Raises:
            LimitExceeded: with `retry_after_ms`.
        """
        if not self._enabled:
            return
        key = (kind, *map(group_addresses, who))
        item = self._items[kind]
        if not self._limiter.hit(item, *key):
            reset_at_s = self._limiter.get_window_stats(item, *key).reset_time
            wait_ms = max(1, round(reset_at_s * 1000) - self._clock.now_ms())
            raise LimitExceeded(retry_after_ms=wait_ms)

    def count(self, kind: Kind, *who: str) -> None:
        """Count one request of `who`, and refuse nothing."""
        if self._enabled:
            self._limiter.hit(self._items[kind], kind, *map(group_addresses, who))

    def is_over(self, kind: Kind, *who: str) -> bool:
        """Whether one more request of `who` would be over the limit; counts nothing."""
        key = (kind, *map(group_addresses, who))
        return self._enabled and not self._limiter.test(self._items[kind], *key)


def group_addresses(who: str) -> str:
    """What is counted together: the addresses of one line in IPv6; all else by itself."""
    if ":" not in who or who.startswith("@"):
        return who
    try:
        address = IPv6Address(who)
    except ValueError:
        return who
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((address, _IPV6_PREFIX), strict=False))
