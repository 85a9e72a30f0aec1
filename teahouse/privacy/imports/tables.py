"""What was brought, and what became of it. Read by this folder only."""

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

_ARCHIVE = "the archive of your data that you brought along"
_UNDO = "what of it was brought in, so that you can take it back"

# Sealed: the key is in the row, and goes with it.
IMPORT_FILES = declare_files("imports", "content", _ARCHIVE, keep="7 days", seen_by=("self",))

privacy_import = sa.Table(
    "privacy_import",
    metadata,
    sa.Column("import_id", SortedText, primary_key=True, info=impersonal()),
    sa.Column(
        "user_id", sa.Text, nullable=False, info=personal("identifier", _UNDO, keep="account")
    ),
    sa.Column("status", sa.Text, nullable=False, info=impersonal()),
    sa.Column("progress", sa.Integer, nullable=False, info=impersonal()),
    sa.Column("step", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "from_server", sa.Text, nullable=False, info=personal("identifier", _UNDO, keep="account")
    ),
    sa.Column(
        "from_user", sa.Text, nullable=False, info=personal("identifier", _UNDO, keep="account")
    ),
    sa.Column("made_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("signed_by", sa.Text, nullable=False, info=impersonal()),
    sa.Column("digest", sa.LargeBinary, nullable=False, info=impersonal()),
    sa.Column("offers", sa.Text, nullable=False, info=personal("activity", _UNDO, keep="account")),
    sa.Column("chosen", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "created_at",
        sa.BigInteger,
        nullable=False,
        info=personal("activity", _UNDO, keep="account"),
    ),
    # Of the file; 0 once it is gone.
    sa.Column("expires_at", sa.BigInteger, nullable=False, index=True, info=impersonal()),
    sa.Column(
        "file_key",
        sa.LargeBinary,
        nullable=False,
        info=personal("credential", _ARCHIVE, keep="7 days", seen_by=("nobody",)),
    ),
    sa.CheckConstraint(
        "status IN ('ready', 'importing', 'done', 'undoing', 'undone')", name="status_known"
    ),
    sa.Index(None, "user_id", "import_id"),
)

privacy_import_item = sa.Table(
    "privacy_import_item",
    metadata,
    sa.Column("import_id", SortedText, primary_key=True, info=impersonal()),
    sa.Column("kind", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("key", sa.Text, primary_key=True, info=personal("activity", _UNDO, keep="account")),
    sa.Column(
        "user_id", sa.Text, nullable=False, info=personal("identifier", _UNDO, keep="account")
    ),
    sa.Column("made", sa.Text, nullable=False, info=personal("activity", _UNDO, keep="account")),
    sa.Column("before", sa.Text, nullable=False, info=personal("activity", _UNDO, keep="account")),
    sa.Index(None, "user_id"),
)

limit_age(
    privacy_import.c.expires_at,
    keep="7 days",
    keep_ms=0,
    job="privacy.delete_imports",
    is_there=sa.and_(privacy_import.c.expires_at > 0, privacy_import.c.status != "importing"),
)
limit_files(IMPORT_FILES, keep_ms=7 * DAY_MS, job="privacy.delete_imports")
