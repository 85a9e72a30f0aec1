"""Finds chats that nobody is in, and what only they show."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.chat.event_store.tables import chat_membership, chat_room
from teahouse.chat.left_rooms.tables import KEEP_MS, chat_left_room
from teahouse.chat.media.queries import find_shown_by_rooms, find_shown_elsewhere
from teahouse.platform.db import Read

_left = chat_left_room.c
# Who was asked in may still come.
_STAYING = ("join", "invite")


def has_members(room_id: sa.Column[str]) -> sa.Exists:
    """Whether somebody is in a room or was asked into it."""
    return sa.exists().where(
        chat_membership.c.room_id == room_id, chat_membership.c.membership.in_(_STAYING)
    )


def list_newly_left(read: Read, *, limit: int) -> list[str]:
    """Rooms that nobody is in any more, of which that is not noted yet."""
    room_id = chat_room.c.room_id
    found = (
        sa.select(room_id)
        .where(~has_members(room_id), ~sa.exists().where(_left.room_id == room_id))
        .order_by(room_id)
        .limit(limit)
    )
    return list(read.conn.execute(found).scalars())


def select_long_left(now: int) -> sa.Select[tuple[str]]:
    """Rooms that everybody left 30 days ago, and that nobody came back to."""
    return sa.select(_left.room_id).where(
        _left.left_at < now - KEEP_MS, ~has_members(_left.room_id)
    )


def find_left_media(
    read: Read, *, after: str, limit: int, server_name: str
) -> tuple[str | None, list[str]]:
    """Media that nothing shows but rooms that were left long ago.

    Args:
        read: the view.
        after: the media id before the first that is looked at.
        limit: look at so many.
        server_name: of this server.

    Returns:
        The last id that was looked at, None at the end; and those that can go.
    """
    rooms = select_long_left(read.now)
    found = find_shown_by_rooms(read, rooms, after=after, limit=limit)
    if not found:
        return None, []
    shown = find_shown_elsewhere(read, found, but_rooms=rooms, server_name=server_name)
    return max(found), sorted(found.keys() - shown)
