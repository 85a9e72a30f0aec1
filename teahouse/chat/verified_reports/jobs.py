"""Forgets what reporters revealed, after 30 days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from teahouse.chat.verified_reports.commands import forget_old_proofs
from teahouse.platform.jobs import JobKind, NoPayload

if TYPE_CHECKING:
    from teahouse.platform.services import Services

_HOUR_MS: Final = 3_600_000


async def _forget_old(services: Services, _payload: NoPayload) -> None:
    await services.db.write(forget_old_proofs)


JOBS: Final = [JobKind("chat.forget_report_proofs", _forget_old, every_ms=_HOUR_MS)]
