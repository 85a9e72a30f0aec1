"""The only way from a stranger's id to an archive."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from teahouse.platform.db import Read
from teahouse.platform.requester import Requester
from teahouse.privacy.archives.errors import UnknownArchive
from teahouse.privacy.archives.tables import privacy_archive
from teahouse.privacy.archives.types import Archive

_row = privacy_archive.c
_COLUMNS = tuple(_row[name] for name in Archive.__struct_fields__)


def access_archive(read: Read, requester: Requester, archive_id: str) -> Archive:
    """One's own archive, for as long as its file is kept.

    Raises:
        UnknownArchive: somebody else's, gone, or there is none.
    """
    row = read.conn.execute(
        sa.select(*_COLUMNS).where(
            _row.archive_id == archive_id,
            _row.user_id == requester.user_id,
            _row.expires_at > read.now,
        )
    ).one_or_none()
    if row is None:
        raise UnknownArchive
    return to_archive(row)


def select_archives() -> sa.Select[Any]:
    """A SELECT of what `to_archive` reads."""
    return sa.select(*_COLUMNS)


def to_archive(row: sa.Row[Any]) -> Archive:
    """A row as an archive."""
    return Archive(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
