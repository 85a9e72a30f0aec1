"""How far the deletions of rooms have come."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import DAY_MS, impersonal, limit_age, personal
from teahouse.platform.db import metadata

_WHO = "to tell the operator who was in a room that was shut down"

chat_room_deletion = sa.Table(
    "chat_room_deletion",
    metadata,
    sa.Column("delete_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("room_id", sa.Text, nullable=False, index=True, info=impersonal()),
    sa.Column("requested_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("status", sa.Text, nullable=False, info=impersonal()),
    # Those who were in, as JSON.
    sa.Column(
        "result",
        sa.Text,
        nullable=False,
        info=personal("relation", _WHO, keep="30 days", seen_by=("operator",)),
    ),
    sa.CheckConstraint(
        "status IN ('scheduled', 'active', 'complete', 'failed')", name="status_known"
    ),
)

limit_age(
    chat_room_deletion.c.requested_at,
    keep="30 days",
    keep_ms=30 * DAY_MS,
    job="chat.forget_room_deletions",
)
