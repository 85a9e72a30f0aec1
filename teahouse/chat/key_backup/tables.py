"""Backups of room keys, sealed by their members."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import metadata

_owner = personal("identifier", "to know whose backup this is", keep="replaced")
_session = personal("relation", "to find a room's keys again", keep="replaced")
_sealed = personal("keys", "to read your messages on a new device", keep="replaced")

# The row of a deleted version stays, emptied: no later version may get its number.
chat_key_backup_version = sa.Table(
    "chat_key_backup_version",
    metadata,
    sa.Column("user_id", sa.Text, primary_key=True, info=_owner),
    sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False, info=impersonal()),
    sa.Column("algorithm", sa.Text, nullable=False, info=impersonal()),
    sa.Column("auth_data", sa.LargeBinary, nullable=False, info=_sealed),
    # Counts the changes of the stored keys.
    sa.Column("etag", sa.BigInteger, nullable=False, info=impersonal()),
    # Repeats what could be counted, so that a client's hundreds of uploads need not count.
    sa.Column("session_count", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("deleted", sa.Boolean, nullable=False, info=impersonal()),
    sa.CheckConstraint("session_count >= 0", name="session_count_not_negative"),
)

chat_key_backup_session = sa.Table(
    "chat_key_backup_session",
    metadata,
    sa.Column("user_id", sa.Text, primary_key=True, info=_owner),
    sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False, info=impersonal()),
    sa.Column("room_id", sa.Text, primary_key=True, info=_session),
    sa.Column("session_id", sa.Text, primary_key=True, info=_session),
    sa.Column("first_message_index", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("forwarded_count", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("is_verified", sa.Boolean, nullable=False, info=impersonal()),
    sa.Column("session_data", sa.LargeBinary, nullable=False, info=_sealed),
    sa.ForeignKeyConstraint(
        ["user_id", "version"],
        ["chat_key_backup_version.user_id", "chat_key_backup_version.version"],
    ),
)
