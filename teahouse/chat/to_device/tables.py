"""Messages on their way to devices."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import DAY_MS, impersonal, limit_age, personal
from teahouse.platform.db import metadata

_recipient = personal("identifier", "to deliver a message", keep="delivery")
_sender = personal("identifier", "to say whom a message is from", keep="delivery")

# All messages of one request share a position: a device gets at most one of them.
chat_to_device = sa.Table(
    "chat_to_device",
    metadata,
    sa.Column("user_id", sa.Text, primary_key=True, info=_recipient),
    sa.Column("device_id", sa.Text, primary_key=True, info=_recipient),
    sa.Column("position", sa.BigInteger, primary_key=True, info=impersonal()),
    sa.Column("sender", sa.Text, nullable=False, info=_sender),
    sa.Column("type", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "content",
        sa.LargeBinary,
        nullable=False,
        info=personal("content", "to deliver a message, mostly sealed", keep="delivery"),
    ),
    sa.Column("sent_at", sa.BigInteger, nullable=False, index=True, info=impersonal()),
    # For application services, which follow the stream for all their members at once.
    sa.Index(None, "position"),
)

# Requests that were carried out, so that a repeated one sends nothing twice.
chat_to_device_txn = sa.Table(
    "chat_to_device_txn",
    metadata,
    sa.Column("user_id", sa.Text, primary_key=True, info=_sender),
    sa.Column("device_id", sa.Text, primary_key=True, info=_sender),
    sa.Column("type", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("client_txn_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column(
        "sent_at",
        sa.BigInteger,
        nullable=False,
        index=True,
        info=personal("activity", "to recognise a repeated request", keep="7 days"),
    ),
)

limit_age(
    chat_to_device.c.sent_at, keep="delivery", keep_ms=30 * DAY_MS, job="chat.sweep_to_device"
)
limit_age(
    chat_to_device_txn.c.sent_at, keep="delivery", keep_ms=7 * DAY_MS, job="chat.sweep_to_device"
)
limit_age(
    chat_to_device_txn.c.sent_at, keep="7 days", keep_ms=7 * DAY_MS, job="chat.sweep_to_device"
)
