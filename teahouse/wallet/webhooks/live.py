"""Brings messages to shops' servers, few at a time, so that a slow one holds up nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Final

from teahouse.platform.clock import Clock
from teahouse.platform.data_map import declare_egress
from teahouse.platform.outbound import (
    Outbound,
    OutboundFailed,
    OutboundRefused,
    UnsafeUrl,
    check_outbound_url,
)
from teahouse.wallet.webhooks.rules import TRY_SECONDS, build_headers
from teahouse.wallet.webhooks.types import Parcel, Try

# Half of the jobs that a server does at a time, so that other work always finds a place.
_AT_A_TIME_MAX: Final = 4
_RESOLVE_SECONDS: Final = 5.0
_OTHERS: Final = 300  # redirects and what is above are no success


declare_egress(
    __name__,
    receiver="a shop that you paid",
    data=("identifier", "money"),
    purpose="to tell a shop that it was paid",
    chosen_by="shop",
)


class Couriers:
    """Brings messages; to one endpoint only one at a time.

    Args:
        own_hosts: hosts that may be private, and reached without TLS.
        clock: tells when a try was made, and how long it took.
        try_seconds: longest that a try may take.
    """

    def __init__(
        self, own_hosts: Collection[str], clock: Clock, *, try_seconds: float = TRY_SECONDS
    ) -> None:
        self.own_hosts = frozenset(own_hosts)
        self._outbound = Outbound(own_hosts, total_seconds=try_seconds)
        self._clock = clock
        self._busy: set[str] = set()

    def take(self, endpoint_id: str) -> bool:
        """Whether a courier is free for an endpoint; then `leave` must follow."""
        if endpoint_id in self._busy or len(self._busy) >= _AT_A_TIME_MAX:
            return False
        self._busy.add(endpoint_id)
        return True

    def leave(self, endpoint_id: str) -> None:
        """Let the courier of an endpoint go."""
        self._busy.discard(endpoint_id)

    async def check(self, url: str) -> None:
        """Check a URL that a shop gives, with what its name resolves to now.

        Raises:
            UnsafeUrl: nothing is sent there.
        """
        parts = check_outbound_url(url, own_hosts=self.own_hosts)
        try:
            async with asyncio.timeout(_RESOLVE_SECONDS):
                await self._outbound.resolve(parts)
        except OutboundRefused:
            raise UnsafeUrl("The host of the URL is at a private address.") from None
        except (OSError, UnicodeError):
            raise UnsafeUrl("The host of the URL is not known.") from None

    async def bring(self, parcel: Parcel) -> Try:
        """Make one try, signed as of now; whatever comes of it is told, not raised."""
        now, started = self._clock.now_ms(), self._clock.ticks()
        body = parcel.body.encode()
        headers = build_headers(
            parcel.secrets, message_id=parcel.message_id, timestamp=now // 1000, body=body
        )
        status: int | None = None
        try:
            # The status says all; a body could be endless.
            answered = await self._outbound.post(
                parcel.url, body, headers=headers, answer_bytes_max=0
            )
            status, error = answered.status, ""
            if status >= _OTHERS:
                error = f"The receiver answered {status}."
        except OutboundFailed as failed:
            error = f"No answer: {failed}."
        except (OutboundRefused, UnsafeUrl):
            error = "The host is at a private address, or the URL is not allowed any more."
        took_ms = round((self._clock.ticks() - started) * 1000)
        return Try(at=now, status=status, error=error, took_ms=took_ms)
