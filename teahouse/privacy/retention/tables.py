"""Reports of what was removed, kept for `REPORTS_KEEP_DAYS`. They name nobody."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal
from teahouse.platform.db import metadata

privacy_retention_run = sa.Table(
    "privacy_retention_run",
    metadata,
    sa.Column("store", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("ran_at", sa.BigInteger, primary_key=True, autoincrement=False, info=impersonal()),
    sa.Column("job", sa.Text, nullable=False, info=impersonal()),
    sa.Column("deleted", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("left_over", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("oldest_at", sa.BigInteger, info=impersonal()),
    sa.CheckConstraint("deleted >= 0", name="deleted_not_negative"),
    sa.CheckConstraint("left_over >= 0", name="left_not_negative"),
    sa.Index(None, "ran_at"),
)
