"""The only way from a stranger's id to an import."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.platform.db import Read, Tx
from teahouse.platform.requester import Requester
from teahouse.privacy.imports.errors import UnknownImport
from teahouse.privacy.imports.tables import privacy_import, privacy_import_item
from teahouse.privacy.imports.types import Import, Offer

_row, _item = privacy_import.c, privacy_import_item.c


def access_import(read: Read, requester: Requester, import_id: str) -> Import:
    """One's own import.

    Raises:
        UnknownImport: somebody else's, or there is none.
    """
    statement = sa.select(privacy_import).where(
        _row.import_id == import_id, _row.user_id == requester.user_id
    )
    if isinstance(read, Tx):
        statement = statement.with_for_update()
    row = read.conn.execute(statement).one_or_none()
    if row is None:
        raise UnknownImport
    return to_import(read, row)


def to_import(read: Read, row: sa.Row[Any]) -> Import:
    """A row as an import, with counts of what it has brought in."""
    counted = read.conn.execute(
        sa.select(_item.kind, sa.func.count())
        .where(_item.import_id == row.import_id)
        .group_by(_item.kind)
        .order_by(_item.kind)
    )
    return Import(
        import_id=row.import_id,
        status=row.status,
        progress=row.progress,
        step=row.step,
        from_server=row.from_server,
        from_user=row.from_user,
        made_at=row.made_at,
        signed_by=row.signed_by,
        offers=msgspec.json.decode(row.offers, type=list[Offer]),
        brought={one[0]: one[1] for one in counted},
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
