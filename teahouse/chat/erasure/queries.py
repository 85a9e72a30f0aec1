"""Which events say something of a member's own."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.chat.event_store.tables import chat_event
from teahouse.chat.event_store.types import ROOM_MEMBER
from teahouse.platform.db import Read


def find_events_about(
    read: Read, user_id: str, room_id: str, *, after: int, limit: int
) -> list[int]:
    """Positions of a room's events that a member sent, or that show their name and picture.

    Args:
        read: the view.
        user_id: the member.
        room_id: the room.
        after: position before the first.
        limit: how many at most.
    """
    query = (
        sa.select(chat_event.c.position)
        .where(
            chat_event.c.room_id == room_id,
            chat_event.c.position > after,
            sa.or_(chat_event.c.sender == user_id, is_membership_of(user_id)),
        )
        .order_by(chat_event.c.position)
        .limit(limit)
    )
    return list(read.conn.execute(query).scalars())


def find_emptiable(read: Read, positions: list[int]) -> list[int]:
    """Of these positions those of messages and memberships: other state is the room's."""
    query = (
        sa.select(chat_event.c.position)
        .where(
            chat_event.c.position.in_(positions),
            # Also of those whom they invited or removed: why they did is their own word.
            sa.or_(chat_event.c.state_key.is_(None), chat_event.c.type == ROOM_MEMBER),
        )
        .order_by(chat_event.c.position)
    )
    return list(read.conn.execute(query).scalars())


def is_membership_of(user_id: str) -> sa.ColumnElement[bool]:
    """Whether an event is a membership event about a member, whoever sent it."""
    return sa.and_(chat_event.c.type == ROOM_MEMBER, chat_event.c.state_key == user_id)
