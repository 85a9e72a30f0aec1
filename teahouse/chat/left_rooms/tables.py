"""Which chats nobody is in, and since when."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import DAY_MS, impersonal, limit_age
from teahouse.platform.db import metadata

KEEP_MS = 30 * DAY_MS
REMOVE_JOB = "chat.remove_left_media"

chat_left_room = sa.Table(
    "chat_left_room",
    metadata,
    sa.Column("room_id", sa.Text, primary_key=True, info=impersonal()),
    # When a job found that nobody is in it or asked into it any more.
    sa.Column("left_at", sa.BigInteger, nullable=False, index=True, info=impersonal()),
    # When its media were removed.
    sa.Column("emptied_at", sa.BigInteger, info=impersonal()),
)

limit_age(
    chat_left_room.c.left_at,
    keep="30 days",
    keep_ms=KEEP_MS,
    job=REMOVE_JOB,
    is_there=chat_left_room.c.emptied_at.is_(None),
)
