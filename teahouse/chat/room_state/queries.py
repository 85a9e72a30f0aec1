"""Reading state: the current one for members, that of their leaving for former ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from teahouse.chat.event_store.queries import (
    find_events_at,
    find_state_event_at,
    select_events,
    stored_event,
    with_context,
)
from teahouse.chat.event_store.rules import read_membership
from teahouse.chat.event_store.tables import (
    chat_current_state,
    chat_event,
    chat_membership,
    chat_state,
)
from teahouse.chat.event_store.types import ROOM_MEMBER, StoredEvent, decode_content
from teahouse.chat.history.queries import find_state_at, render
from teahouse.chat.room_state.errors import StateNotFound
from teahouse.chat.room_state.rules import is_wanted, read_profile
from teahouse.chat.room_state.types import (
    JoinedMembersAnswer,
    JoinedRoomsAnswer,
    MembersAnswer,
    MembersWanted,
    StateFormat,
)
from teahouse.chat.rooms.access import access_history, access_joined_room
from teahouse.chat.rooms.queries import find_joined_rooms
from teahouse.chat.rooms.rules import LAST
from teahouse.platform.json import encode_json

if TYPE_CHECKING:
    from teahouse.platform.db import Read
    from teahouse.platform.requester import Requester


def read_state(read: Read, requester: Requester, *, room_id: str) -> list[msgspec.Raw]:
    """The whole state of a room.

    Raises:
        NotJoined: never in the room, and nothing of it is open to them.

    Source:
        Client-Server API, `GET /rooms/{roomId}/state`.
    """
    seen_up_to = access_history(read, requester, room_id)[-1].last
    events = (
        _find_current(read, room_id)
        if seen_up_to == LAST
        else find_state_at(read, room_id, seen_up_to, with_members=True)
    )
    return render(read, requester, with_context(read, events), is_state=True)


def read_state_event(
    read: Read,
    requester: Requester,
    *,
    room_id: str,
    slot: tuple[str, str],
    state_format: StateFormat,
) -> bytes:
    """What stands in one slot of the state, as JSON.

    Raises:
        NotJoined: never in the room, and nothing of it is open to them.
        StateNotFound: nothing.

    Source:
        Client-Server API, `GET /rooms/{roomId}/state/{eventType}/{stateKey}`.
    """
    seen_up_to = access_history(read, requester, room_id)[-1].last
    event = find_state_event_at(read, room_id, slot, seen_up_to)
    if event is None:
        raise StateNotFound
    if state_format == "content":
        return encode_json(decode_content(event.json))
    return bytes(render(read, requester, with_context(read, [event]), is_state=True)[0])


def read_members(
    read: Read, requester: Requester, *, room_id: str, wanted: MembersWanted
) -> MembersAnswer:
    """The membership events of a room.

    Raises:
        NotJoined: never in the room, and nothing of it is open to them.

    Source:
        Client-Server API, `GET /rooms/{roomId}/members`.
    """
    stretches = access_history(read, requester, room_id)
    seen_up_to = stretches[-1].last
    if wanted.at is None and seen_up_to == LAST:
        events = _find_current_members(read, room_id, wanted)
    else:
        at = seen_up_to if wanted.at is None else min(seen_up_to, wanted.at)
        # Nobody learns who was there before they could see anything.
        at = max(at, stretches[0].first)
        events = [
            event
            for event in _find_members_at(read, room_id, at)
            if is_wanted(wanted, read_membership(event.json))
        ]
    return MembersAnswer(render(read, requester, events, is_state=True))


def read_joined_members(read: Read, requester: Requester, *, room_id: str) -> JoinedMembersAnswer:
    """Who is in a room, with the profiles they show there.

    Raises:
        NotJoined: the requester is not in it.

    Source:
        Client-Server API, `GET /rooms/{roomId}/joined_members`.
    """
    access_joined_room(read, requester, room_id)
    events = _find_current_members(read, room_id, MembersWanted(membership="join"))
    return JoinedMembersAnswer(
        {event.state_key: read_profile(event.json) for event in events if event.state_key}
    )


def read_joined_rooms(read: Read, requester: Requester) -> JoinedRoomsAnswer:
    """The rooms the requester is in."""
    return JoinedRoomsAnswer(find_joined_rooms(read, requester.user_id))


def _find_current(read: Read, room_id: str) -> list[StoredEvent]:
    return _load(
        read,
        select_events()
        .join_from(
            chat_current_state, chat_event, chat_current_state.c.position == chat_event.c.position
        )
        .where(chat_current_state.c.room_id == room_id),
    )


def _find_current_members(read: Read, room_id: str, wanted: MembersWanted) -> list[StoredEvent]:
    membership = chat_membership.c.membership
    query = (
        select_events()
        .join_from(chat_membership, chat_event, chat_membership.c.position == chat_event.c.position)
        .where(chat_membership.c.room_id == room_id)
    )
    conditions = []
    if wanted.membership is not None:
        conditions.append(membership == wanted.membership)
    if wanted.not_membership is not None:
        conditions.append(membership != wanted.not_membership)
    return _load(read, query.where(sa.or_(*conditions)) if conditions else query)


def _load(read: Read, query: sa.Select[Any]) -> list[StoredEvent]:
    rows = read.conn.execute(query.order_by(chat_event.c.position))
    return [stored_event(row) for row in rows]


def _find_members_at(read: Read, room_id: str, position: int) -> list[StoredEvent]:
    """The membership events that stood after the event at a position."""
    rows = read.conn.execute(
        sa.select(sa.func.max(chat_state.c.position).label("position"))
        .where(
            chat_state.c.room_id == room_id,
            chat_state.c.type == ROOM_MEMBER,
            chat_state.c.position <= position,
        )
        .group_by(chat_state.c.state_key)
    )
    found = find_events_at(read, [row.position for row in rows])
    return sorted(found.values(), key=lambda event: event.position)
