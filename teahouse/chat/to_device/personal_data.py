"""What to-device messages say about a member: for export and erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec
import sqlalchemy as sa

from teahouse.chat.to_device.commands import remove_member
from teahouse.chat.to_device.tables import chat_to_device

if TYPE_CHECKING:
    from teahouse.platform.db import Read, Tx
    from teahouse.platform.json import JsonObject

# A device that fetches its messages has fewer; whoever has more gets the oldest.
_EXPORT_LIMIT = 10_000


def export_member(read: Read, user_id: str) -> JsonObject:
    """What waits for a member's devices."""
    table = chat_to_device.c
    rows = read.conn.execute(
        sa.select(table.device_id, table.sender, table.type, table.content, table.sent_at)
        .where(table.user_id == user_id)
        .order_by(table.device_id, table.position)
        .limit(_EXPORT_LIMIT)
    )
    waiting = [
        {
            "device_id": row.device_id,
            "sender": row.sender,
            "type": row.type,
            "content": msgspec.json.decode(row.content),
            "sent_at": row.sent_at,
        }
        for row in rows
    ]
    return cast("JsonObject", {"to_device": waiting})


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase what waits for a member, and what of theirs waits for others."""
    remove_member(tx, user_id)
