"""What mandates do later: tell of charges, collect them, and end what is over."""

from __future__ import annotations

from teahouse.platform.jobs import JobKind, NoPayload
from teahouse.platform.services import Services
from teahouse.wallet.mandates.commands import advance_charge, end_old_mandates
from teahouse.wallet.mandates.queries import list_due_charges

# Charges fall due at the beginning of a day, many at once: a thousand take some seconds, and the
# next minute brings the next.
_CHARGES_A_RUN = 1000
_ENDED_AT_A_TIME = 200
_EVERY_MS = 60_000
# Each charge is a transaction of its own; the last ones of a run may have to wait a little.
_LEASE_MS = 300_000


async def _run(services: Services, _payload: NoPayload) -> None:
    db = services.db
    for charge_id in await db.read(list_due_charges, _CHARGES_A_RUN):
        await db.write(advance_charge, charge_id)
    while await db.write(end_old_mandates, _ENDED_AT_A_TIME) == _ENDED_AT_A_TIME:
        continue


JOB_KINDS = [JobKind("wallet.run_mandates", _run, every_ms=_EVERY_MS, lease_ms=_LEASE_MS)]
