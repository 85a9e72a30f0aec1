"""Changes key backups. Everything here is the requester's own."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from teahouse.chat.key_backup.errors import (
    AlgorithmFixed,
    BackupFull,
    BackupNotFound,
    WrongBackupVersion,
)
from teahouse.chat.key_backup.queries import (
    StoredVersion,
    find_sessions,
    find_stored_version,
    where_place,
)
from teahouse.chat.key_backup.rules import (
    SESSIONS_MAX,
    check_new_version,
    check_sessions,
    is_better,
    parse_version,
)
from teahouse.chat.key_backup.tables import chat_key_backup_session, chat_key_backup_version
from teahouse.chat.key_backup.types import (
    BackupState,
    ChangedVersion,
    NewVersion,
    Place,
    SessionId,
    SessionKey,
)
from teahouse.platform.db import Tx, upsert

_v, _s = chat_key_backup_version.c, chat_key_backup_session.c


def create_version(tx: Tx, user_id: str, new: NewVersion) -> str:
    """Begin a new backup, which becomes the current one.

    Returns:
        Its version: higher than any the member ever had.

    Raises:
        InvalidParam, BadJson, TooLarge: what it says of itself has the wrong form.
    """
    auth_data = check_new_version(new.algorithm, new.auth_data)
    last = tx.conn.execute(
        sa.select(sa.func.max(_v.version)).where(_v.user_id == user_id)
    ).scalar_one()
    version = (last or 0) + 1
    row = {"user_id": user_id, "version": version, "algorithm": new.algorithm}
    row |= {"auth_data": auth_data, "etag": 0, "session_count": 0, "deleted": False}
    tx.conn.execute(sa.insert(chat_key_backup_version), row)
    return str(version)


def change_version(tx: Tx, user_id: str, version: str, changed: ChangedVersion) -> None:
    """Change the `auth_data` of a backup.

    Raises:
        InvalidParam, BadJson, TooLarge: it has the wrong form.
        BackupNotFound: there is no such version.
        AlgorithmFixed: it names another algorithm or version.
    """
    auth_data = check_new_version(changed.algorithm, changed.auth_data)
    stored = find_stored_version(tx, user_id, parse_version(version))
    if changed.version not in {None, version} or changed.algorithm != stored.algorithm:
        raise AlgorithmFixed
    _update_version(tx, user_id, stored.version, auth_data=auth_data)


def delete_version(tx: Tx, user_id: str, version: str) -> None:
    """Delete a backup with its keys; deleting it again changes nothing.

    Raises:
        BackupNotFound: there never was such a version.
    """
    number = parse_version(version)
    known = tx.conn.execute(
        sa.select(_v.version).where(_v.user_id == user_id, _v.version == number)
    ).one_or_none()
    if known is None:
        raise BackupNotFound
    tx.conn.execute(
        sa.delete(chat_key_backup_session).where(_s.user_id == user_id, _s.version == number)
    )
    _update_version(tx, user_id, number, auth_data=b"{}", session_count=0, deleted=True)


def store_keys(
    tx: Tx, user_id: str, version: str, keys: Mapping[SessionId, SessionKey]
) -> BackupState:
    """Add keys to the current backup, each unless a better one is there.

    Args:
        tx: the transaction.
        user_id: whose backup.
        version: which the client believes to be the current one.
        keys: by room and session.

    Returns:
        The backup's state afterwards.

    Raises:
        InvalidParam, BadJson, TooLarge: a key has the wrong form.
        BackupNotFound: there is no backup.
        WrongBackupVersion: another version is the current one.
        BackupFull: over `SESSIONS_MAX`.
    """
    check_sessions(keys)
    current = find_stored_version(tx, user_id)
    if version != str(current.version):
        raise WrongBackupVersion(current_version=str(current.version))
    stored = find_sessions(tx, user_id, current.version, list(keys))
    better = {
        name: key
        for name, key in keys.items()
        if name not in stored or is_better(key, stored[name])
    }
    if not better:
        return BackupState(str(current.etag), current.session_count)
    count = current.session_count + len(better.keys() - stored.keys())
    if count > SESSIONS_MAX:
        raise BackupFull
    _upsert_keys(tx, user_id, current.version, better)
    return _count_change(tx, user_id, current, count=count)


def delete_keys(tx: Tx, user_id: str, place: Place) -> BackupState:
    """Delete keys from a backup: all, a room's, or one.

    Returns:
        The backup's state afterwards.

    Raises:
        BackupNotFound: there is no such version.
    """
    stored = find_stored_version(tx, user_id, parse_version(place.version))
    deleted = tx.conn.execute(
        sa.delete(chat_key_backup_session).where(*where_place(user_id, stored.version, place))
    ).rowcount
    if not deleted:
        return BackupState(str(stored.etag), stored.session_count)
    return _count_change(tx, user_id, stored, count=stored.session_count - deleted)


def remove_member(tx: Tx, user_id: str) -> None:
    """Delete every backup of a member, deleted ones included."""
    tx.conn.execute(sa.delete(chat_key_backup_session).where(_s.user_id == user_id))
    tx.conn.execute(sa.delete(chat_key_backup_version).where(_v.user_id == user_id))


def _upsert_keys(tx: Tx, user_id: str, version: int, keys: Mapping[SessionId, SessionKey]) -> None:
    changes = ("first_message_index", "forwarded_count", "is_verified", "session_data")
    tx.conn.execute(
        upsert(chat_key_backup_session, *changes),
        [
            {
                "user_id": user_id,
                "version": version,
                "room_id": room_id,
                "session_id": session_id,
                "first_message_index": key.first_message_index,
                "forwarded_count": key.forwarded_count,
                "is_verified": key.is_verified,
                "session_data": bytes(key.session_data),
            }
            for (room_id, session_id), key in keys.items()
        ],
    )


def _count_change(tx: Tx, user_id: str, stored: StoredVersion, *, count: int) -> BackupState:
    etag = stored.etag + 1
    _update_version(tx, user_id, stored.version, etag=etag, session_count=count)
    return BackupState(str(etag), count)


def _update_version(tx: Tx, user_id: str, version: int, **values: object) -> None:
    tx.conn.execute(
        sa.update(chat_key_backup_version)
        .where(_v.user_id == user_id, _v.version == version)
        .values(**values)
    )
