"""Where archives are kept while their files are. Read by this folder only."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import (
    DAY_MS,
    declare_files,
    impersonal,
    limit_age,
    limit_files,
    personal,
)
from teahouse.platform.db import SortedText, metadata

_PURPOSE = "the archive of your data that you asked for"

# Sealed: the key is in the row, and goes with it.
ARCHIVE_FILES = declare_files("archives", "content", _PURPOSE, keep="7 days", seen_by=("self",))

privacy_archive = sa.Table(
    "privacy_archive",
    metadata,
    sa.Column("archive_id", SortedText, primary_key=True, info=impersonal()),
    sa.Column(
        "user_id",
        sa.Text,
        nullable=False,
        info=personal("identifier", _PURPOSE, keep="7 days"),
    ),
    sa.Column("language", sa.Text, nullable=False, info=impersonal()),
    sa.Column("status", sa.Text, nullable=False, info=impersonal()),
    sa.Column("progress", sa.Integer, nullable=False, info=impersonal()),
    sa.Column("step", sa.Text, nullable=False, info=impersonal()),
    sa.Column("byte_count", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("file_count", sa.Integer, nullable=False, info=impersonal()),
    sa.Column(
        "created_at",
        sa.BigInteger,
        nullable=False,
        info=personal("activity", _PURPOSE, keep="7 days"),
    ),
    sa.Column("expires_at", sa.BigInteger, nullable=False, index=True, info=impersonal()),
    sa.Column(
        "file_key",
        sa.LargeBinary,
        nullable=False,
        info=personal("credential", _PURPOSE, keep="7 days", seen_by=("nobody",)),
    ),
    # Of the one ticket that is out, its SHA-256; empty where none is.
    sa.Column(
        "ticket_digest",
        sa.LargeBinary,
        nullable=False,
        info=personal("credential", _PURPOSE, keep="session", seen_by=("nobody",)),
    ),
    sa.Column("ticket_expires_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.CheckConstraint("status IN ('waiting', 'done', 'failed')", name="status_known"),
    sa.Index(None, "user_id", "archive_id"),
)

limit_age(privacy_archive.c.expires_at, keep="7 days", keep_ms=0, job="privacy.delete_archives")
limit_age(
    privacy_archive.c.ticket_expires_at,
    keep="session",
    keep_ms=0,
    job="privacy.delete_archives",
    is_there=privacy_archive.c.ticket_digest != b"",
)
limit_files(ARCHIVE_FILES, keep_ms=7 * DAY_MS, job="privacy.delete_archives")
