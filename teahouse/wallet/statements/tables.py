"""Where exports are kept while their files are. Read by this folder only."""

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

_PURPOSE = "files of your statements that you asked for"

EXPORT_FILES = declare_files(
    "exports",
    "money",
    _PURPOSE,
    keep="7 days",
    seen_by=("self",),
)

wallet_export = sa.Table(
    "wallet_export",
    metadata,
    sa.Column("export_id", SortedText, primary_key=True, info=impersonal()),
    sa.Column(
        "party",
        sa.Text,
        nullable=False,
        info=personal("identifier", _PURPOSE, keep="7 days"),
    ),
    sa.Column("wallet_id", sa.Text, nullable=False, info=impersonal()),
    sa.Column("format", sa.Text, nullable=False, info=impersonal()),
    sa.Column("first_on", sa.Date, nullable=False, info=impersonal()),
    sa.Column("last_on", sa.Date, nullable=False, info=impersonal()),
    sa.Column("language", sa.Text, nullable=False, info=impersonal()),
    sa.Column("status", sa.Text, nullable=False, info=impersonal()),
    sa.Column("progress", sa.Integer, nullable=False, info=impersonal()),
    sa.Column("trouble", sa.Text, nullable=False, info=impersonal()),
    sa.Column("byte_count", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column(
        "created_at",
        sa.BigInteger,
        nullable=False,
        info=personal("activity", _PURPOSE, keep="7 days"),
    ),
    sa.Column("expires_at", sa.BigInteger, nullable=False, index=True, info=impersonal()),
    sa.CheckConstraint("status IN ('waiting', 'done', 'failed')", name="status_known"),
    sa.Index(None, "party", "export_id"),
)

limit_age(wallet_export.c.expires_at, keep="7 days", keep_ms=0, job="wallet.delete_exports")
limit_files(EXPORT_FILES, keep_ms=7 * DAY_MS, job="wallet.delete_exports")
