"""Reading imports."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.platform.db import Read
from teahouse.platform.requester import Requester
from teahouse.privacy.imports.access import access_import, to_import
from teahouse.privacy.imports.tables import privacy_import, privacy_import_item
from teahouse.privacy.imports.types import Import, ImportId, Item

_LIST_MAX = 100
_row, _item = privacy_import.c, privacy_import_item.c
_ITEM = (_item.kind, _item.key, _item.made, _item.before)


class Work(msgspec.Struct, frozen=True):
    """An import, as those who do it know it."""

    found: Import
    user_id: str
    chosen: frozenset[str]
    file_key: bytes


def list_imports(read: Read, requester: Requester) -> list[Import]:
    """What one has brought, the latest first."""
    rows = read.conn.execute(
        sa.select(privacy_import)
        .where(_row.user_id == requester.user_id)
        .order_by(_row.import_id.desc())
        .limit(_LIST_MAX)
    ).all()
    return [to_import(read, row) for row in rows]


def find_import(read: Read, requester: Requester, import_id: str) -> Import:
    """How far one's own import is.

    Raises:
        UnknownImport: somebody else's, or there is none.
    """
    return access_import(read, requester, import_id)


def load_work(read: Read, import_id: str) -> Work | None:
    """An import, for those who do it."""
    row = read.conn.execute(
        sa.select(privacy_import).where(_row.import_id == import_id)
    ).one_or_none()
    if row is None:
        return None
    chosen = frozenset(filter(None, row.chosen.split(",")))
    return Work(to_import(read, row), row.user_id, chosen, row.file_key)


def find_item(read: Read, import_id: str, kind: str, key: str) -> Item | None:
    """What was brought in of one thing."""
    row = read.conn.execute(
        sa.select(*_ITEM).where(_item.import_id == import_id, _item.kind == kind, _item.key == key)
    ).one_or_none()
    return None if row is None else _to_item(row)


def list_items(read: Read, import_id: str) -> list[Item]:
    """All that an import has brought in."""
    rows = read.conn.execute(
        sa.select(*_ITEM).where(_item.import_id == import_id).order_by(_item.kind, _item.key)
    )
    return [_to_item(row) for row in rows]


def list_expired(read: Read, limit: int) -> list[ImportId]:
    """Imports whose file is to be deleted."""
    rows = read.conn.execute(
        sa.select(_row.import_id)
        .where(_row.expires_at > 0, _row.expires_at <= read.now, _row.status != "importing")
        .order_by(_row.expires_at, _row.import_id)
        .limit(limit)
    )
    return list(rows.scalars())


def _to_item(row: sa.Row[*tuple[Any, ...]]) -> Item:
    return Item(kind=row.kind, key=row.key, made=row.made, before=row.before)
