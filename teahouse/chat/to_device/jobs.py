"""Forgets, hour by hour, messages that nobody fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse.chat.to_device.commands import SWEEP_ROWS_MAX, delete_expired, delete_surplus
from teahouse.platform.jobs import JobKind, NoPayload

if TYPE_CHECKING:
    from teahouse.platform.services import Services

_HOUR_MS = 3_600_000


async def sweep(services: Services, _payload: NoPayload) -> None:
    """Delete what is too old, in parts that hold nobody up, and what is too much."""
    while await services.db.write(delete_expired) >= SWEEP_ROWS_MAX:
        pass
    await services.db.write(delete_surplus)


JOBS = [JobKind("chat.sweep_to_device", sweep, every_ms=_HOUR_MS)]
