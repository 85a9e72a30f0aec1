"""From a stranger's id to an export of theirs."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from teahouse.platform.db import Read
from teahouse.platform.requester import Requester
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.statements.errors import UnknownExport
from teahouse.wallet.statements.tables import wallet_export
from teahouse.wallet.statements.types import Export, ExportId

_row = wallet_export.c


def access_export(read: Read, requester: Requester, export_id: str) -> Export:
    """An export of the requester's that has not expired.

    Raises:
        UnknownExport: somebody else's, or there is none; which of the two is not told.
    """
    party = find_party(read, requester.user_id)
    row = read.conn.execute(
        sa.select(wallet_export).where(
            _row.export_id == export_id, _row.party == party, _row.expires_at > read.now
        )
    ).one_or_none()
    if row is None:
        raise UnknownExport
    return export_from(row)


def load_export(read: Read, export_id: str) -> Export | None:
    """An export, whoever asks; None where there is none."""
    row = read.conn.execute(
        sa.select(wallet_export).where(_row.export_id == export_id)
    ).one_or_none()
    return None if row is None else export_from(row)


def export_from(row: sa.Row[Any]) -> Export:
    """A row as a struct."""
    return Export(
        export_id=ExportId(row.export_id),
        wallet_id=row.wallet_id,
        format=row.format,
        first_on=row.first_on,
        last_on=row.last_on,
        language=row.language,
        status=row.status,
        progress=row.progress,
        trouble=row.trouble,
        byte_count=row.byte_count,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
