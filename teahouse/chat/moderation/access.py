"""The ways from a stranger's room id to what its moderators see."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.chat.auth_rules import PowerLevels, read_power_levels
from teahouse.chat.event_store.queries import (
    find_head,
    find_membership,
    select_events,
    stored_event,
)
from teahouse.chat.event_store.rules import to_auth_event
from teahouse.chat.event_store.tables import chat_current_state, chat_event
from teahouse.chat.events.types import ROOM_CREATE, ROOM_POWER_LEVELS, ROOM_VERSIONS
from teahouse.chat.moderation.errors import NotAModerator
from teahouse.platform.db import Read
from teahouse.platform.requester import Requester


def access_join_requests(read: Read, requester: Requester, room_id: str) -> None:
    """Check that the requester may let others into a room.

    Raises:
        NotAModerator: they may not, or there is no such room.
    """
    levels = _find_levels_of_joined(read, requester, room_id)
    if levels.of(requester.user_id) < levels.invite:
        raise NotAModerator


def access_moderation_log(read: Read, requester: Requester, room_id: str) -> None:
    """Check that the requester moderates a room: may remove members or what they sent.

    Raises:
        NotAModerator: they do not, or there is no such room.
    """
    levels = _find_levels_of_joined(read, requester, room_id)
    if levels.of(requester.user_id) < min(levels.kick, levels.ban, levels.redact):
        raise NotAModerator


def _find_levels_of_joined(read: Read, requester: Requester, room_id: str) -> PowerLevels:
    levels = find_levels(read, requester.user_id, room_id)
    if levels is None:
        raise NotAModerator
    return levels


def find_levels(read: Read, user_id: str | None, room_id: str) -> PowerLevels | None:
    """The power levels of a room; None where there is none, or `user_id` is not in it.

    Args:
        read: the view.
        user_id: who must be in the room; None: nobody.
        room_id: the room.
    """
    head = find_head(read, room_id)
    if head is None:
        return None
    membership = None if user_id is None else find_membership(read, user_id, room_id)
    if user_id is not None and (membership is None or membership.membership != "join"):
        return None
    rows = read.conn.execute(
        select_events()
        .join_from(
            chat_current_state, chat_event, chat_current_state.c.position == chat_event.c.position
        )
        .where(
            chat_current_state.c.room_id == room_id,
            chat_current_state.c.type.in_([ROOM_CREATE, ROOM_POWER_LEVELS]),
            chat_current_state.c.state_key == "",
        )
        .order_by(sa.asc(chat_current_state.c.type))
    )
    found = {row.type: to_auth_event(room_id, stored_event(row).json) for row in rows}
    create = found[ROOM_CREATE]
    return read_power_levels(create, found.get(ROOM_POWER_LEVELS), ROOM_VERSIONS[head.version])
