"""What the books do on a timetable."""

from __future__ import annotations

from teahouse.ledger.commands import EXPIRED_AT_ONCE_MAX, expire_holds
from teahouse.platform.jobs import JobKind, NoPayload
from teahouse.platform.services import Services

_MINUTE_MS = 60_000


async def _expire_holds(services: Services, _payload: NoPayload) -> None:
    while len(await services.db.write(expire_holds)) == EXPIRED_AT_ONCE_MAX:
        pass


def job_kinds() -> list[JobKind]:
    """The kinds of jobs that the ledger brings."""
    return [JobKind("ledger.expire_holds", _expire_holds, every_ms=_MINUTE_MS)]
