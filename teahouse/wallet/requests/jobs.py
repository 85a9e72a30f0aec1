"""Ends requests whose time is over."""

from __future__ import annotations

from teahouse.platform.jobs import JobKind, NoPayload
from teahouse.platform.services import Services
from teahouse.wallet.in_chat.live import Teller
from teahouse.wallet.requests.commands import EXPIRED_AT_ONCE_MAX, expire_requests

# A week is not missed by ten minutes: an overdue request cannot be paid in any case.
_EVERY_MS = 600_000


async def _expire(services: Services, _payload: NoPayload) -> None:
    teller = services.get(Teller)
    while await services.db.write(expire_requests, teller) == EXPIRED_AT_ONCE_MAX:
        pass


JOB_KINDS = [JobKind("wallet.expire_requests", _expire, every_ms=_EVERY_MS)]
