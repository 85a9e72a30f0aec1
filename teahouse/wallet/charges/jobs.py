"""Lets charges end that nobody paid in time."""

from __future__ import annotations

from teahouse.platform.jobs import JobKind, NoPayload
from teahouse.platform.services import Services
from teahouse.wallet.charges.commands import EXPIRED_AT_A_TIME, expire_charges

# A charge cannot be paid after its time, job or not; this is when its shop is told.
_EVERY_MS = 15_000


async def _expire(services: Services, _payload: NoPayload) -> None:
    while await services.db.write(expire_charges) == EXPIRED_AT_A_TIME:
        pass


JOB_KINDS = [JobKind("wallet.expire_charges", _expire, every_ms=_EVERY_MS)]
