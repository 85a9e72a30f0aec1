"""What was imposed on members, their appeals, and what was decided."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from teahouse.platform.data_map import Category, Viewer, impersonal, personal
from teahouse.platform.db import metadata

_PURPOSE = "so that a sanction has a reason, an end and an appeal"


def _personal(category: Category, *seen_by: Viewer) -> dict[Any, Any]:
    return personal(
        category, _PURPOSE, keep="account", seen_by=seen_by, basis="legitimate interest"
    )


chat_sanction = sa.Table(
    "chat_sanction",
    metadata,
    sa.Column("sanction_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("kind", sa.Text, nullable=False, info=impersonal()),
    sa.Column("user_id", sa.Text, nullable=False, info=_personal("identifier", "self", "room")),
    sa.Column("by_user_id", sa.Text, nullable=False, info=_personal("identifier", "self", "room")),
    sa.Column("room_id", sa.Text, info=impersonal()),
    sa.Column("event_id", sa.Text, unique=True, info=impersonal()),
    sa.Column("rule", sa.Text, nullable=False, info=impersonal()),
    sa.Column("reason", sa.Text, nullable=False, info=_personal("content", "self", "room")),
    sa.Column("imposed_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("until", sa.BigInteger, info=impersonal()),
    sa.Column("ended_at", sa.BigInteger, info=impersonal()),
    sa.Column("ended_why", sa.Text, info=impersonal()),
    sa.Column("appeal", sa.Text, info=_personal("content", "self", "room", "moderator")),
    sa.Column("appealed_at", sa.BigInteger, info=impersonal()),
    sa.Column("decision", sa.Text, info=impersonal()),
    sa.Column("decision_reason", sa.Text, info=_personal("content", "self", "room")),
    sa.Column("decided_by", sa.Text, info=_personal("identifier", "self", "room")),
    sa.Column("decided_at", sa.BigInteger, info=impersonal()),
    sa.CheckConstraint("kind IN ('kick', 'ban', 'suspension')", name="kind_known"),
    sa.CheckConstraint("(kind = 'suspension') = (room_id IS NULL)", name="is_of_room"),
    sa.CheckConstraint("kind <> 'suspension' OR until IS NOT NULL", name="suspension_ends"),
    # Nobody decides about their own deed.
    sa.CheckConstraint("decided_by IS NULL OR decided_by <> by_user_id", name="by_another"),
    sa.CheckConstraint(
        "(decision IS NULL) = (decided_at IS NULL) AND (decision IS NULL OR appeal IS NOT NULL)",
        name="decides_an_appeal",
    ),
    sa.Index(None, "user_id", "sanction_id"),
    sa.Index(None, "room_id", "sanction_id"),
)
# Those that a job has to end, and those that somebody has to decide: few of many.
sa.Index(
    "ix_chat_sanction_ends",
    chat_sanction.c.until,
    sqlite_where=chat_sanction.c.ended_at.is_(None),
    postgresql_where=chat_sanction.c.ended_at.is_(None),
)
sa.Index(
    "ix_chat_sanction_appeals",
    chat_sanction.c.appealed_at,
    sqlite_where=chat_sanction.c.decided_at.is_(None),
    postgresql_where=chat_sanction.c.decided_at.is_(None),
)
