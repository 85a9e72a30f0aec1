"""What was destroyed, for operators: numbers, never what it was."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal
from teahouse.platform.db import metadata

chat_retention_run = sa.Table(
    "chat_retention_run",
    metadata,
    sa.Column("run_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("room_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("reason", sa.Text, nullable=False, info=impersonal()),
    sa.Column("at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("event_count", sa.BigInteger, nullable=False, info=impersonal()),
    sa.CheckConstraint("reason IN ('expired', 'lifetime', 'erased')", name="reason_known"),
    sa.CheckConstraint("event_count > 0", name="counts_something"),
    sa.Index(None, "at"),
)
