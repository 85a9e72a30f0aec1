"""Ends emergency freezes that nobody approved."""

from __future__ import annotations

from teahouse.platform.jobs import JobKind, NoPayload
from teahouse.platform.services import Services
from teahouse.wallet.freezes.commands import lapse_freezes

_EVERY_MS = 300_000


async def _lapse(services: Services, _payload: NoPayload) -> None:
    await services.db.write(lapse_freezes)


JOB_KINDS = [JobKind("wallet.lapse_freezes", _lapse, every_ms=_EVERY_MS)]
