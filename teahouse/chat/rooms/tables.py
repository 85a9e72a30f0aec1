"""Names of rooms, and which rooms are listed."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import metadata

chat_room_alias = sa.Table(
    "chat_room_alias",
    metadata,
    sa.Column("alias", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("room_id", sa.Text, nullable=False, index=True, info=impersonal()),
    sa.Column(
        "creator",
        sa.Text,
        nullable=False,
        info=personal(
            "identifier",
            "who may take the alias away again",
            keep="room",
            seen_by=("self", "operator"),
        ),
    ),
    sa.Column("created_at", sa.BigInteger, nullable=False, info=impersonal()),
)

# The rooms in the public directory.
chat_listed_room = sa.Table(
    "chat_listed_room",
    metadata,
    sa.Column("room_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("listed_at", sa.BigInteger, nullable=False, info=impersonal()),
)

# The rooms that application services list in directories of their own, one for each network.
chat_network_room = sa.Table(
    "chat_network_room",
    metadata,
    sa.Column("appservice_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("network_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("room_id", sa.Text, primary_key=True, info=impersonal()),
)
