"""Reading rooms and memberships."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.chat.event_store.queries import find_state_history
from teahouse.chat.event_store.tables import chat_event, chat_membership
from teahouse.chat.event_store.types import ROOM_MEMBER, decode_content
from teahouse.chat.rooms.rules import Stretch, visible_stretches
from teahouse.chat.rooms.tables import chat_room_alias
from teahouse.platform.db import Read


def find_joined_rooms(read: Read, user_id: str) -> list[str]:
    """The rooms a member is in, by id."""
    rows = read.conn.execute(
        sa.select(chat_membership.c.room_id)
        .where(chat_membership.c.user_id == user_id, chat_membership.c.membership == "join")
        .order_by(chat_membership.c.room_id)
    )
    return [row.room_id for row in rows]


def find_peers(read: Read, user_id: str) -> set[str]:
    """Everyone who shares a room with a member, the member included."""
    mine, theirs = chat_membership.alias(), chat_membership.alias()
    rows = read.conn.execute(
        sa.select(theirs.c.user_id)
        .distinct()
        .join_from(mine, theirs, mine.c.room_id == theirs.c.room_id)
        .where(
            mine.c.user_id == user_id, mine.c.membership == "join", theirs.c.membership == "join"
        )
    )
    return {user_id, *(row.user_id for row in rows)}


def find_event_position(read: Read, room_id: str, event_id: str) -> int | None:
    """Where an event of a room stands, or None where the room has no such event."""
    found: int | None = read.conn.execute(
        sa.select(chat_event.c.position).where(
            chat_event.c.event_id == event_id, chat_event.c.room_id == room_id
        )
    ).scalar_one_or_none()
    return found


def find_visible_stretches(read: Read, room_id: str, user_id: str) -> list[Stretch]:
    """The stretches of a room's history that a member may see."""
    visibilities = [
        (event.position, str(decode_content(event.json).get("history_visibility", "shared")))
        for event in find_state_history(read, room_id, ("m.room.history_visibility", ""))
    ]
    memberships = [
        (event.position, str(decode_content(event.json).get("membership", "leave")))
        for event in find_state_history(read, room_id, (ROOM_MEMBER, user_id))
    ]
    return visible_stretches(visibilities, memberships)


def find_alias(read: Read, alias: str) -> str | None:
    """The room that an alias names."""
    found: str | None = read.conn.execute(
        sa.select(chat_room_alias.c.room_id).where(chat_room_alias.c.alias == alias)
    ).scalar_one_or_none()
    return found


def find_aliases(read: Read, room_id: str) -> list[str]:
    """The aliases of a room, the oldest first."""
    rows = read.conn.execute(
        sa.select(chat_room_alias.c.alias)
        .where(chat_room_alias.c.room_id == room_id)
        .order_by(chat_room_alias.c.created_at, chat_room_alias.c.alias)
    )
    return [row.alias for row in rows]
