"""Hands files of orders to the bank."""

from __future__ import annotations

import msgspec

from teahouse.accounts import Seal
from teahouse.platform.jobs import JobKind
from teahouse.platform.services import Services
from teahouse.wallet.outside.commands import WRITE_JOB, draw_files, mark_sent
from teahouse.wallet.outside.live import BankLink
from teahouse.wallet.outside.queries import render_file
from teahouse.wallet.outside.rules import reference_of
from teahouse.wallet.outside.tables import KEPT_FILES

# Orders ask for it themselves; this is for those whose bank could not be reached.
_EVERY_MS = 300_000
# After a crash somebody else goes on this much later: members are waiting.
_LEASE_MS = 20_000


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
        await services.files.put(KEPT_FILES, f"sent/{name}", content)
        await link.bank.send(name, content)
        await services.db.write(mark_sent, file_id)


JOB_KINDS = [JobKind(WRITE_JOB, _write_files, every_ms=_EVERY_MS, lease_ms=_LEASE_MS)]
