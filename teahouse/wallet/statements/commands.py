"""Asks for exports, and keeps what became of them."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.db import Tx
from teahouse.platform.jobs import enqueue
from teahouse.platform.requester import Requester
from teahouse.wallet.statements.access import access_export, load_export
from teahouse.wallet.statements.errors import TooManyExports
from teahouse.wallet.statements.queries import count_exports
from teahouse.wallet.statements.rules import check_days
from teahouse.wallet.statements.tables import wallet_export
from teahouse.wallet.statements.types import Export, ExportBody, ExportId, ExportStatus
from teahouse.wallet.wallets.access import access_wallet

MAKE_JOB = "wallet.make_export"
DELETE_JOB = "wallet.delete_exports"
# Time to fetch it on another device; it can be made again.
KEEP_MS = 7 * 86_400_000
# Each may take a minute of a processor and some megabytes.
EXPORTS_MAX = 10

_row = wallet_export.c


def ask_export(tx: Tx, requester: Requester, body: ExportBody) -> Export:
    """Ask for a file; a job makes it.

    Raises:
        InvalidParam: days that cannot be.
        WalletNotFound: somebody else's wallet, or there is none.
        TooManyExports: there are enough already.
    """
    check_days(body.first_on, body.last_on)
    wallet = access_wallet(tx, requester, body.wallet_id)
    if count_exports(tx, wallet.party) >= EXPORTS_MAX:
        raise TooManyExports(limit=EXPORTS_MAX)
    export_id = ExportId(tx.new_id("exp"))
    tx.conn.execute(
        sa.insert(wallet_export).values(
            export_id=export_id,
            party=wallet.party,
            wallet_id=wallet.id,
            format=body.format,
            first_on=body.first_on,
            last_on=body.last_on,
            language=body.language,
            status="waiting",
            progress=0,
            trouble="",
            byte_count=0,
            created_at=tx.now,
            expires_at=tx.now + KEEP_MS,
        )
    )
    enqueue(tx, MAKE_JOB, {"export_id": export_id}, key=export_id)
    export = load_export(tx, export_id)
    assert export is not None
    return export


def note_progress(tx: Tx, export_id: str, progress: int) -> None:
    """Tell how far an export is, hundredths."""
    tx.conn.execute(
        sa.update(wallet_export).where(_row.export_id == export_id).values(progress=progress)
    )


def end_export(
    tx: Tx, export_id: str, status: ExportStatus, *, byte_count: int = 0, trouble: str = ""
) -> bool:
    """Keep what became of an export.

    Returns:
        Whether it is still wanted: not where it was deleted meanwhile.
    """
    changed = tx.conn.execute(
        sa.update(wallet_export)
        .where(_row.export_id == export_id)
        .values(status=status, progress=100, byte_count=byte_count, trouble=trouble)
    )
    return changed.rowcount > 0


def delete_export(tx: Tx, requester: Requester, export_id: str) -> None:
    """Let the file of an export go now.

    Raises:
        UnknownExport: somebody else's, or there is none.
    """
    export = access_export(tx, requester, export_id)
    _expire(tx, _row.export_id == export.export_id)


def expire_exports_of(tx: Tx, party: str) -> None:
    """Let all files of a party go now."""
    _expire(tx, _row.party == party)


def _expire(tx: Tx, which: sa.ColumnElement[bool]) -> None:
    # The file goes first, the row after it: what is left of a crash is found by its row.
    tx.conn.execute(sa.update(wallet_export).where(which).values(expires_at=tx.now))
    enqueue(tx, DELETE_JOB, key="now")


def forget_export(tx: Tx, export_id: str) -> None:
    """Forget an export whose file is gone."""
    tx.conn.execute(sa.delete(wallet_export).where(_row.export_id == export_id))
