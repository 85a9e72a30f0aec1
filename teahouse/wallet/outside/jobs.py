"""Hands files of orders to the bank."""

from __future__ import annotations

import msgspec

from teahouse import privacy
from teahouse.accounts import Seal
from teahouse.platform.jobs import JobKind
from teahouse.platform.services import Services
from teahouse.wallet.limits.queries import find_standing
from teahouse.wallet.outside.commands import WRITE_JOB, draw_files, mark_sent
from teahouse.wallet.outside.live import BankLink
from teahouse.wallet.outside.queries import render_file
from teahouse.wallet.outside.rules import reference_of
from teahouse.wallet.outside.tables import KEPT_FILES

# Orders ask for it themselves; this is for those whose bank could not be reached.
_EVERY_MS = 300_000
# After a crash somebody else goes on this much later: members are waiting.
_LEASE_MS = 20_000
_DAY_MS = 86_400_000
# As the data map says of what waits to be delivered.
_DELIVERY_MS = 30 * _DAY_MS


async def _write_files(services: Services, _payload: msgspec.Struct) -> None:
    """Put waiting orders into files and hand them over.

    A crash between handing a file over and noting that makes it be handed over again: under the
    same name, with the same bytes and the same message id, of which the bank acts on one.
    """
    link = services.get(BankLink)
    if link.house is None or link.bank is None:
        return
    for file_id in await services.db.write(draw_files, link.house.accounts):
        content = await services.db.read(render_file, file_id, link.house, services.get(Seal))
        name = f"{reference_of(file_id)}.xml"
        await services.get(privacy.LawfulFiles).put(KEPT_FILES, f"sent/{name}", content)
        await link.bank.send(name, content)
        await services.db.write(mark_sent, file_id)


async def _forget_orders(services: Services, _payload: msgspec.Struct) -> None:
    """Take back files of orders that the bank has not fetched for 30 days; they are kept here."""
    bank = services.get(BankLink).bank
    if bank is not None:
        await bank.take_back(services.clock.now_ms() - _DELIVERY_MS)


async def _destroy_kept(services: Services, _payload: msgspec.Struct) -> None:
    """Destroy files whose years by law are over."""
    years = (await services.db.read(find_standing)).rule_set.keep_years
    await services.get(privacy.LawfulFiles).destroy_due(KEPT_FILES, keep_years=years)


JOB_KINDS = [
    JobKind(WRITE_JOB, _write_files, every_ms=_EVERY_MS, lease_ms=_LEASE_MS),
    JobKind("wallet.take_back_orders", _forget_orders, every_ms=_DAY_MS),
    JobKind("wallet.destroy_bank_files", _destroy_kept, every_ms=_DAY_MS),
]
