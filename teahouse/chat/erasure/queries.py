"""Which events say something of a member's own."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.chat.erasure.rules import find_named
from teahouse.chat.event_store.tables import chat_event
from teahouse.chat.event_store.types import ROOM_MEMBER
from teahouse.platform.db import Read


def find_events_about(
    read: Read, user_id: str, room_id: str, *, after: int, limit: int
) -> tuple[list[int], int | None]:
    """Positions of a room's events that a member sent, or that tell of them.

    Of memberships their name and picture; of what the house said their payments.

    Args:
        read: the view.
        user_id: the member.
        room_id: the room.
        after: position before the first.
        limit: how many events are looked at.

    Returns:
        The positions, and after which to go on; None: the room has no more.
    """
    is_theirs = sa.or_(chat_event.c.sender == user_id, is_membership_of(user_id))
    may_tell = sa.and_(chat_event.c.state_key.is_(None), chat_event.c.emptied_at.is_(None))
    query = (
        sa.select(
            chat_event.c.position,
            is_theirs.label("is_theirs"),
            sa.case((sa.and_(may_tell, sa.not_(is_theirs)), chat_event.c.pdu)).label("pdu"),
        )
        .where(
            chat_event.c.room_id == room_id,
            chat_event.c.position > after,
            sa.or_(is_theirs, may_tell),
        )
        .order_by(chat_event.c.position)
        .limit(limit)
    )
    rows = read.conn.execute(query).all()
    found = [
        row.position
        for row in rows
        if row.is_theirs or (row.pdu is not None and user_id in find_named(row.pdu))
    ]
    return found, rows[-1].position if len(rows) == limit else None


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
