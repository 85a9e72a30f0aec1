"""Where account data is kept. Read by this folder only."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import metadata

chat_account_data = sa.Table(
    "chat_account_data",
    metadata,
    sa.Column(
        "user_id",
        sa.Text,
        primary_key=True,
        info=personal("identifier", "whose settings these are", keep="account"),
    ),
    # Empty for what belongs to no room.
    sa.Column(
        "room_id",
        sa.Text,
        primary_key=True,
        info=personal("relation", "the room a setting is about", keep="account"),
    ),
    sa.Column("type", sa.Text, primary_key=True, info=impersonal()),
    sa.Column(
        "content",
        sa.Text,
        nullable=False,
        info=personal(
            "preference",
            "what your apps keep for one another on the server",
            keep="account",
        ),
    ),
    sa.Column("position", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Index(None, "user_id", "position"),
)
