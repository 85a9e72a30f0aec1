"""Settles shops by their timetables."""

from __future__ import annotations

import msgspec

from teahouse.accounts import Seal
from teahouse.platform.jobs import JobKind
from teahouse.platform.services import Services
from teahouse.wallet.limits.rules import parse_zone
from teahouse.wallet.outside.live import BankLink
from teahouse.wallet.settlements.commands import settle_due
from teahouse.wallet.settlements.queries import list_due_plans

SETTLE_JOB = "wallet.settle_shops"
_EVERY_MS = 900_000


async def _settle_shops(services: Services, _payload: msgspec.Struct) -> None:
    """Settle each shop in a transaction of its own; one done already is passed over."""
    house = services.get(BankLink).house
    zone = parse_zone(services.settings.house_time_zone)
    seal = services.get(Seal)
    for due in await services.db.read(list_due_plans, services.clock.now_ms()):
        await services.db.write(settle_due, due, house=house, seal=seal, zone=zone)


JOB_KINDS = [JobKind(SETTLE_JOB, _settle_shops, every_ms=_EVERY_MS)]
