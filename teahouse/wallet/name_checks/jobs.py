"""Asks the bank about the holders of accounts that were linked."""

from __future__ import annotations

import msgspec

from teahouse import privacy
from teahouse.accounts import Seal
from teahouse.platform.jobs import JobKind
from teahouse.platform.services import Services
from teahouse.wallet.name_checks.commands import ASK_JOB, mark_asked
from teahouse.wallet.name_checks.queries import list_wanted, render_question
from teahouse.wallet.outside.live import BankLink
from teahouse.wallet.outside.rules import reference_of
from teahouse.wallet.outside.tables import KEPT_FILES

# Linking asks for it itself; this is for those whose bank could not be reached.
_EVERY_MS = 300_000
_LEASE_MS = 20_000


async def _ask(services: Services, _payload: msgspec.Struct) -> None:
    """Hand a question over for each account; after a crash the same one again."""
    link = services.get(BankLink)
    if link.house is None or link.bank is None:
        return
    for outside_account_id in await services.db.read(list_wanted):
        content = await services.db.read(
            render_question, outside_account_id, link.house, services.get(Seal)
        )
        if content is None:
            continue
        name = f"{reference_of(outside_account_id)}.xml"
        await services.get(privacy.LawfulFiles).put(KEPT_FILES, f"sent/{name}", content)
        await link.bank.send(name, content)
        await services.db.write(mark_asked, outside_account_id)


JOB_KINDS = [JobKind(ASK_JOB, _ask, every_ms=_EVERY_MS, lease_ms=_LEASE_MS)]
