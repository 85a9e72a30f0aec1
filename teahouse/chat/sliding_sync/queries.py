"""What sliding sync reads where memory does not reach."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from teahouse.chat.event_store.tables import chat_room
from teahouse.platform.db import Read


def find_bump_stamps(read: Read, room_ids: Collection[str]) -> dict[str, int]:
    """When rooms were last active: the position of their last event."""
    rows = read.conn.execute(
        sa.select(chat_room.c.room_id, chat_room.c.head_position).where(
            chat_room.c.room_id.in_(room_ids)
        )
    )
    return {row.room_id: row.head_position for row in rows}
