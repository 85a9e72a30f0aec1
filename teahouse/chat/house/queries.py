"""What other domains ask about rooms."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.chat.account_data.queries import find_ignored
from teahouse.chat.event_store.queries import find_membership
from teahouse.chat.event_store.tables import chat_current_state, chat_membership
from teahouse.platform.db import Read


def is_joined(read: Read, room_id: str, user_id: str) -> bool:
    """Whether a member is in a room."""
    found = find_membership(read, user_id, room_id)
    return found is not None and found.membership == "join"


def find_joined_among(read: Read, room_id: str, user_ids: list[str]) -> set[str]:
    """Those of some members who are in a room."""
    rows = read.conn.execute(
        sa.select(chat_membership.c.user_id).where(
            chat_membership.c.room_id == room_id,
            chat_membership.c.user_id.in_(user_ids),
            chat_membership.c.membership == "join",
        )
    )
    return {row.user_id for row in rows}


def is_ignored(read: Read, user_id: str, *, by: str) -> bool:
    """Whether a member wants to hear nothing of another (`m.ignored_user_list`)."""
    return user_id in find_ignored(read, by)


def is_encrypted(read: Read, room_id: str) -> bool:
    """Whether messages of a room are encrypted, so that the server can say nothing there."""
    found = read.conn.execute(
        sa.select(chat_current_state.c.position).where(
            chat_current_state.c.room_id == room_id,
            chat_current_state.c.type == "m.room.encryption",
            chat_current_state.c.state_key == "",
        )
    ).first()
    return found is not None
