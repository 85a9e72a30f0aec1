"""What key backups say about a member: for export and erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec

from teahouse.chat.key_backup.commands import remove_member
from teahouse.chat.key_backup.errors import BackupNotFound
from teahouse.chat.key_backup.queries import find_backup_keys, find_version
from teahouse.chat.key_backup.types import Place

if TYPE_CHECKING:
    from teahouse.platform.db import Read, Tx
    from teahouse.platform.json import JsonObject


def export_member(read: Read, user_id: str) -> JsonObject:
    """A member's current backup, sealed as it is."""
    try:
        version = find_version(read, user_id)
    except BackupNotFound:
        return {}
    keys = find_backup_keys(read, user_id, Place(version.version))
    exported = msgspec.json.decode(msgspec.json.encode({"version": version, "keys": keys}))
    return cast("JsonObject", exported)


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase all backups of a member."""
    remove_member(tx, user_id)
