"""Notes which chats were left, and removes what only they show."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from teahouse.chat.left_rooms.queries import (
    find_left_media,
    has_members,
    list_newly_left,
    select_long_left,
)
from teahouse.chat.left_rooms.tables import chat_left_room
from teahouse.chat.media.commands import remove_media
from teahouse.platform.db import Tx

BATCH_SIZE: Final = 500
_left = chat_left_room.c


def note_left_rooms(tx: Tx) -> int:
    """Note rooms that nobody is in any more, and forget those that somebody came back to.

    Returns:
        How many were noted; less than `BATCH_SIZE`: none are left.
    """
    tx.conn.execute(sa.delete(chat_left_room).where(has_members(_left.room_id)))
    found = list_newly_left(tx, limit=BATCH_SIZE)
    if found:
        tx.conn.execute(
            sa.insert(chat_left_room), [{"room_id": one, "left_at": tx.now} for one in found]
        )
    return len(found)


def remove_left_media(tx: Tx, *, server_name: str, after: str) -> str | None:
    """Remove media that only rooms show which were left long ago, of `BATCH_SIZE` that they show.

    The rooms count as emptied in the transaction that removes the last of it.

    Args:
        tx: the transaction.
        server_name: of this server.
        after: the media id before the first.

    Returns:
        The last media id looked at, None at the end.
    """
    last, media = find_left_media(tx, after=after, limit=BATCH_SIZE, server_name=server_name)
    remove_media(tx, media)
    if last is None:
        tx.conn.execute(
            sa.update(chat_left_room)
            .where(_left.room_id.in_(select_long_left(tx.now)), _left.emptied_at.is_(None))
            .values(emptied_at=tx.now)
        )
    return last
