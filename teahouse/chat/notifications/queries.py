"""Reading what members may have been notified of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse.chat.event_store.queries import select_events, stored_event
from teahouse.chat.event_store.tables import chat_event, chat_membership

if TYPE_CHECKING:
    from teahouse.chat.event_store.types import StoredEvent
    from teahouse.platform.db import Read

_member = chat_membership.c


def find_candidates(
    read: Read, user_id: str, *, after: int, before: int, limit: int
) -> list[StoredEvent]:
    """Events of others in the rooms a member is in, since they joined, the latest first.

    Args:
        read: the view.
        user_id: the member.
        after: position before the stretch that is looked at.
        before: position behind it.
        limit: how many at most.
    """
    rows = read.conn.execute(
        select_events()
        .join_from(chat_event, chat_membership, _member.room_id == chat_event.c.room_id)
        .where(
            _member.user_id == user_id,
            _member.membership == "join",
            chat_event.c.position > _member.position,
            chat_event.c.position > after,
            chat_event.c.position < before,
            chat_event.c.sender != user_id,
            chat_event.c.redacted_by.is_(None),
        )
        .order_by(chat_event.c.position.desc())
        .limit(limit)
    )
    return [stored_event(row) for row in rows]
