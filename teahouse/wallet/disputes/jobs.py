"""Decides by default what was not decided in time."""

from __future__ import annotations

from teahouse.platform.jobs import JobKind, NoPayload
from teahouse.platform.services import Services
from teahouse.wallet.disputes.commands import lapse_dispute
from teahouse.wallet.disputes.queries import list_overdue

_EVERY_MS = 900_000


async def _lapse(services: Services, _payload: NoPayload) -> None:
    # Each in a commit of its own: none shall wait because another cannot be ended.
    for dispute in await services.db.read(list_overdue):
        await services.db.write(lapse_dispute, dispute.dispute_id)


JOB_KINDS = [JobKind("wallet.lapse_disputes", _lapse, every_ms=_EVERY_MS)]
