"""Makes the files of exports, and deletes them a week later."""

from __future__ import annotations

import asyncio

import msgspec

from teahouse import ledger
from teahouse.platform.db import Read
from teahouse.platform.expired_files import delete_expired_files
from teahouse.platform.jobs import JobKind, NoPayload
from teahouse.platform.money import Money
from teahouse.platform.services import Services
from teahouse.wallet.statements.access import load_export
from teahouse.wallet.statements.commands import (
    DELETE_JOB,
    MAKE_JOB,
    end_export,
    forget_export,
    note_progress,
)
from teahouse.wallet.statements.errors import TooManyLines
from teahouse.wallet.statements.queries import (
    list_expired_exports,
    load_lines,
    name_parties,
)
from teahouse.wallet.statements.rules import (
    end_of_day,
    lines_max_of,
    start_of_day,
    write_statement,
)
from teahouse.wallet.statements.tables import EXPORT_FILES
from teahouse.wallet.statements.types import Export, Line, Statement
from teahouse.wallet.wallets.queries import load_wallet
from teahouse.wallet.wallets.types import Wallet

_LINES_AT_A_TIME = 500
_DELETE_EVERY_MS = 3_600_000
# 50,000 lines take half a minute where others want the processor too.
_LEASE_MS = 600_000


class ExportPayload(msgspec.Struct, frozen=True):
    """Which export is to be made."""

    export_id: str


async def _make(services: Services, payload: ExportPayload) -> None:
    db = services.db
    export = await db.read(load_export, payload.export_id)
    if export is None or export.status != "waiting":
        return
    try:
        statement = await gather_statement(services, export)
    except TooManyLines as refusal:
        await db.write(end_export, export.export_id, "failed", trouble=refusal.code)
        return
    content = await asyncio.to_thread(write_statement, statement, export.format, export.language)
    await services.files.put(EXPORT_FILES, export.export_id, content)
    is_wanted = await db.write(end_export, export.export_id, "done", byte_count=len(content))
    if not is_wanted:
        await services.files.delete(EXPORT_FILES, export.export_id)


async def gather_statement(services: Services, export: Export) -> Statement:
    """All lines of an export, a part at a time, so that nobody waits for a reader."""
    wallet, owner = await services.db.read(_find_owner, export)
    span = _span(export)
    opening, closing = await services.db.read(_find_balances, wallet, span)
    lines: list[Line] = []
    after: int | None = None
    while True:
        part, after = await services.db.read(
            load_lines, wallet, span=span, after=after, limit=_LINES_AT_A_TIME
        )
        lines += part
        if len(lines) > lines_max_of(export.format):
            raise TooManyLines(limit=lines_max_of(export.format))
        if after is None:
            break
        done = 99 * (lines[-1].booked_at - span[0]) // (span[1] - span[0])
        await services.db.write(note_progress, export.export_id, done)
    return Statement(
        wallet_id=wallet.id,
        owner=owner,
        currency=wallet.currency,
        first_on=export.first_on,
        last_on=export.last_on,
        opening=opening,
        closing=closing,
        lines=lines,
        made_at=export.created_at,
    )


def _span(export: Export) -> tuple[int, int]:
    """From when to when: what is booked while it is made would break the sums."""
    since = start_of_day(export.first_on)
    return since, max(since + 1, min(end_of_day(export.last_on), export.created_at))


def _find_owner(read: Read, export: Export) -> tuple[Wallet, str]:
    wallet = load_wallet(read, export.wallet_id)
    assert wallet is not None
    return wallet, name_parties(read, [wallet.party]).get(wallet.party, "")


def _find_balances(read: Read, wallet: Wallet, span: tuple[int, int]) -> tuple[Money, Money]:
    opening = ledger.find_balance(read, wallet.account, span[0] - 1).posted
    return opening, ledger.find_balance(read, wallet.account, span[1] - 1).posted


async def _delete(services: Services, _payload: NoPayload) -> None:
    await delete_expired_files(services, EXPORT_FILES, list_expired_exports, forget_export)


JOB_KINDS = [
    JobKind(MAKE_JOB, _make, ExportPayload, lease_ms=_LEASE_MS),
    JobKind(DELETE_JOB, _delete, every_ms=_DELETE_EVERY_MS),
]
