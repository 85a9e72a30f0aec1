"""Where receipts are kept. Read by this folder only."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import Viewer, impersonal, personal
from teahouse.platform.db import metadata

_SEEN_BY: tuple[Viewer, ...] = ("self", "room")

chat_receipt = sa.Table(
    "chat_receipt",
    metadata,
    sa.Column("room_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column(
        "user_id",
        sa.Text,
        primary_key=True,
        info=personal("identifier", "who has read", keep="room", seen_by=_SEEN_BY),
    ),
    sa.Column("receipt_type", sa.Text, primary_key=True, info=impersonal()),
    # Empty for a receipt that is for all threads.
    sa.Column("thread_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column(
        "event_id",
        sa.Text,
        nullable=False,
        info=personal(
            "activity",
            "how far you have read; private receipts are shown to nobody else",
            keep="room",
            seen_by=_SEEN_BY,
        ),
    ),
    sa.Column("event_position", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column(
        "ts",
        sa.BigInteger,
        nullable=False,
        info=personal("activity", "when you have read it", keep="room", seen_by=_SEEN_BY),
    ),
    sa.Column("position", sa.BigInteger, nullable=False, info=impersonal()),
    sa.CheckConstraint("receipt_type IN ('m.read', 'm.read.private')", name="receipt_type_known"),
    sa.Index(None, "room_id", "position"),
    sa.Index(None, "user_id"),
)
