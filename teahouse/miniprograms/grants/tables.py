"""The tables of grants and of the ids by which programs know members."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import metadata

_WHY = "so that a mini-program does only what you allowed"
_ALIAS = "so that a mini-program knows you again, without knowing your member id"

miniprograms_grant = sa.Table(
    "miniprograms_grant",
    metadata,
    sa.Column(
        "user_id",
        sa.Text,
        primary_key=True,
        info=personal("identifier", _WHY, keep="replaced"),
    ),
    sa.Column("program_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("permission", sa.Text, primary_key=True, info=impersonal()),
    # Empty for what is not about one chat.
    sa.Column(
        "room_id", sa.Text, primary_key=True, info=personal("relation", _WHY, keep="replaced")
    ),
    sa.Column(
        "is_allowed",
        sa.Boolean,
        nullable=False,
        info=personal("preference", _WHY, keep="replaced"),
    ),
    sa.Column("decided_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.CheckConstraint(
        "permission IN ('profile', 'payments', 'orders', 'room')", name="permission_known"
    ),
    sa.CheckConstraint("(permission = 'room') = (room_id <> '')", name="room_where_needed"),
)

miniprograms_alias = sa.Table(
    "miniprograms_alias",
    metadata,
    sa.Column(
        "user_id",
        sa.Text,
        primary_key=True,
        info=personal("identifier", _ALIAS, keep="replaced"),
    ),
    sa.Column("program_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column(
        "alias",
        sa.Text,
        nullable=False,
        unique=True,
        info=personal("identifier", _ALIAS, keep="replaced"),
    ),
    sa.Column("made_at", sa.BigInteger, nullable=False, info=impersonal()),
)
