"""Forgets codes that nobody can use any more."""

from __future__ import annotations

from teahouse.platform.jobs import JobKind, NoPayload
from teahouse.platform.services import Services
from teahouse.wallet.codes.commands import forget_codes

_EVERY_MS = 3_600_000


async def _sweep(services: Services, _payload: NoPayload) -> None:
    await services.db.write(forget_codes)


JOB_KINDS = [JobKind("wallet.forget_payment_codes", _sweep, every_ms=_EVERY_MS)]
