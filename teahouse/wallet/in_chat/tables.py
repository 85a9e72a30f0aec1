"""The table of what rooms were told."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import metadata

# So that what is told first can be changed when things have changed.
wallet_room_note = sa.Table(
    "wallet_room_note",
    metadata,
    # A payment, a request or a split.
    sa.Column("about", sa.Text, primary_key=True, info=impersonal()),
    sa.Column(
        "room_id",
        sa.Text,
        nullable=False,
        info=personal(
            "relation", "the room that was told of a payment", keep="account", seen_by=("room",)
        ),
    ),
    sa.Column("event_id", sa.Text, nullable=False, info=impersonal()),
    sa.Column("created_at", sa.BigInteger, nullable=False, info=impersonal()),
)
