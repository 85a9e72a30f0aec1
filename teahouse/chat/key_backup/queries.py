"""Reads key backups. Everything here is the requester's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec
import sqlalchemy as sa

from teahouse.chat.key_backup.errors import BackedUpKeyNotFound, BackupNotFound
from teahouse.chat.key_backup.rules import parse_version
from teahouse.chat.key_backup.tables import chat_key_backup_session, chat_key_backup_version
from teahouse.chat.key_backup.types import (
    BackupKeys,
    BackupVersion,
    Place,
    RoomKeys,
    SessionId,
    SessionKey,
)
from teahouse.platform.db import Read

# Four parameters a row: under SQLite's 32,766.
_ROWS_PER_STATEMENT: Final = 5000

_v, _s = chat_key_backup_version.c, chat_key_backup_session.c
_key_columns = (
    _s.room_id,
    _s.session_id,
    _s.first_message_index,
    _s.forwarded_count,
    _s.is_verified,
    _s.session_data,
)


class StoredVersion(NamedTuple):
    """A row of a backup that was not deleted."""

    version: int
    algorithm: str
    auth_data: bytes
    etag: int
    session_count: int


def find_version(read: Read, user_id: str, version: str | None = None) -> BackupVersion:
    """A backup, the current one by default.

    Raises:
        BackupNotFound: there is none.
    """
    number = None if version is None else parse_version(version)
    found = find_stored_version(read, user_id, number)
    return BackupVersion(
        version=str(found.version),
        algorithm=found.algorithm,
        auth_data=msgspec.Raw(found.auth_data),
        etag=str(found.etag),
        count=found.session_count,
    )


def find_stored_version(read: Read, user_id: str, version: int | None = None) -> StoredVersion:
    """The row of a backup, of the current one by default.

    Raises:
        BackupNotFound: there is none.
    """
    statement = (
        sa.select(_v.version, _v.algorithm, _v.auth_data, _v.etag, _v.session_count)
        .where(_v.user_id == user_id, _v.deleted.is_(False))
        .order_by(_v.version.desc())
        .limit(1)
    )
    if version is not None:
        statement = statement.where(_v.version == version)
    row = read.conn.execute(statement).one_or_none()
    if row is None:
        raise BackupNotFound
    return StoredVersion(*row)


def find_backup_keys(read: Read, user_id: str, place: Place) -> BackupKeys:
    """All keys of a backup, or those of one room.

    Raises:
        BackupNotFound: there is no such version.
    """
    version = find_stored_version(read, user_id, parse_version(place.version)).version
    rows = read.conn.execute(
        sa.select(*_key_columns)
        .where(*where_place(user_id, version, place))
        .order_by(_s.room_id, _s.session_id)
    )
    rooms: dict[str, RoomKeys] = {}
    for (room_id, session_id), key in _decode(rows):
        rooms.setdefault(room_id, RoomKeys({})).sessions[session_id] = key
    return BackupKeys(rooms)


def find_room_keys(read: Read, user_id: str, place: Place) -> RoomKeys:
    """The keys of one room; none where the backup has none.

    Raises:
        BackupNotFound: there is no such version.
    """
    assert place.room_id is not None
    return find_backup_keys(read, user_id, place).rooms.get(place.room_id, RoomKeys({}))


def find_session_key(read: Read, user_id: str, place: Place) -> SessionKey:
    """The key of one session.

    Raises:
        BackupNotFound: there is no such version.
        BackedUpKeyNotFound: the backup does not have it.
    """
    assert place.session_id is not None
    found = find_room_keys(read, user_id, place).sessions.get(place.session_id)
    if found is None:
        raise BackedUpKeyNotFound
    return found


def find_sessions(
    read: Read, user_id: str, version: int, wanted: Sequence[SessionId]
) -> dict[SessionId, SessionKey]:
    """Those of the wanted sessions that a backup has."""
    found: dict[SessionId, SessionKey] = {}
    for start in range(0, len(wanted), _ROWS_PER_STATEMENT):
        part = wanted[start : start + _ROWS_PER_STATEMENT]
        rows = read.conn.execute(
            sa.select(*_key_columns)
            .where(
                _s.user_id == user_id,
                _s.version == version,
                sa.tuple_(_s.room_id, _s.session_id).in_(part),
            )
            .order_by(_s.room_id, _s.session_id)
        )
        found.update(_decode(rows))
    return found


def where_place(user_id: str, version: int, place: Place) -> list[sa.ColumnElement[bool]]:
    """The rows of a part of a backup."""
    conditions = [_s.user_id == user_id, _s.version == version]
    if place.room_id is not None:
        conditions.append(_s.room_id == place.room_id)
    if place.session_id is not None:
        conditions.append(_s.session_id == place.session_id)
    return conditions


def _decode(rows: Iterable[sa.Row[*tuple[Any, ...]]]) -> Iterator[tuple[SessionId, SessionKey]]:
    for row in rows:
        yield (
            (row.room_id, row.session_id),
            SessionKey(
                first_message_index=row.first_message_index,
                forwarded_count=row.forwarded_count,
                is_verified=row.is_verified,
                session_data=msgspec.Raw(row.session_data),
            ),
        )
