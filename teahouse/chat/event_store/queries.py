"""Reading rooms, events and state, without asking who reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from teahouse.chat.event_store.errors import RoomNotFound
from teahouse.chat.event_store.rules import read_membership, to_stored_json
from teahouse.chat.event_store.tables import (
    chat_current_state,
    chat_event,
    chat_membership,
    chat_room,
    chat_state,
)
from teahouse.chat.event_store.types import ROOM_MEMBER, RoomState, StateEntry, StoredEvent
from teahouse.chat.events.types import ROOM_VERSIONS, StateSlot
from teahouse.platform.db import Read

# SQLite takes 32,766 parameters in a statement, PostgreSQL 65,535.
_CHUNK: Final = 10_000


class RoomHead(msgspec.Struct, frozen=True):
    """Where a room ends now: what the next event follows."""

    room_id: str
    version: str
    head_event_id: str
    head_position: int
    depth: int
    state_event_id: str
    is_blocked: bool


class MembershipRow(msgspec.Struct, frozen=True, gc=False):
    """A member's membership of a room now."""

    room_id: str
    membership: str
    position: int
    is_forgotten: bool


_HEAD_COLUMNS: Final = [chat_room.c[name] for name in RoomHead.__struct_fields__]
_EVENT_COLUMNS: Final = [
    chat_event.c[name]
    for name in (
        "position", "event_id", "room_id", "type", "sender", "origin_server_ts", "pdu",
        "state_key", "replaces_position", "relates_to", "rel_type", "redacted_by", "attention",
        "sender_device", "client_txn_id",
    )
]  # fmt: skip
_lock_rooms = (
    sa.select(*_HEAD_COLUMNS)
    .where(chat_room.c.room_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(chat_room.c.room_id)
    .with_for_update()
)
_select_head = sa.select(*_HEAD_COLUMNS).where(chat_room.c.room_id == sa.bindparam("id"))


def lock_heads(read: Read, room_ids: Iterable[str]) -> dict[str, RoomHead]:
    """The heads of rooms, held until the commit so that nobody else appends."""
    rows = read.conn.execute(_lock_rooms, {"ids": list(room_ids)})
    return {row.room_id: RoomHead(*row) for row in rows}


def find_head(read: Read, room_id: str) -> RoomHead | None:
    """The head of a room, or None where there is no such room."""
    row = read.conn.execute(_select_head, {"id": room_id}).first()
    return None if row is None else RoomHead(*row)


def stored_event(row: sa.Row[Any]) -> StoredEvent:
    """A row of the event columns as an event."""
    return StoredEvent(
        position=row.position,
        event_id=row.event_id,
        room_id=row.room_id,
        type=row.type,
        sender=row.sender,
        origin_server_ts=row.origin_server_ts,
        json=to_stored_json(row.event_id, row.room_id, row.pdu),
        state_key=row.state_key,
        replaces_position=row.replaces_position,
        relates_to=row.relates_to,
        rel_type=row.rel_type,
        redacted_by=row.redacted_by,
        attention=row.attention,
        sender_device=row.sender_device,
        client_txn_id=row.client_txn_id,
    )


def select_events() -> sa.Select[Any]:
    """A SELECT of what `stored_event` reads; add conditions, an order and a limit."""
    return sa.select(*_EVENT_COLUMNS)


def find_event(read: Read, room_id: str, event_id: str) -> StoredEvent | None:
    """An event of a room by its id."""
    row = read.conn.execute(
        select_events().where(chat_event.c.event_id == event_id, chat_event.c.room_id == room_id)
    ).first()
    return None if row is None else stored_event(row)


def find_events(read: Read, event_ids: Sequence[str]) -> dict[str, StoredEvent]:
    """Events by their ids."""
    found: dict[str, StoredEvent] = {}
    for start in range(0, len(event_ids), _CHUNK):
        chunk = event_ids[start : start + _CHUNK]
        rows = read.conn.execute(select_events().where(chat_event.c.event_id.in_(chunk)))
        found.update((row.event_id, stored_event(row)) for row in rows)
    return found


def find_events_at(read: Read, positions: Sequence[int]) -> dict[int, StoredEvent]:
    """Events by their positions."""
    found: dict[int, StoredEvent] = {}
    for start in range(0, len(positions), _CHUNK):
        chunk = positions[start : start + _CHUNK]
        rows = read.conn.execute(select_events().where(chat_event.c.position.in_(chunk)))
        found.update((row.position, stored_event(row)) for row in rows)
    return found


def find_latest_events(
    read: Read, room_id: str, *, after: int, up_to: int, limit: int
) -> list[StoredEvent]:
    """The last events of a stretch, oldest first.

    Args:
        read: the view.
        room_id: whose.
        after: position before the stretch.
        up_to: last position of the stretch.
        limit: how many at most.
    """
    rows = read.conn.execute(
        select_events()
        .where(
            chat_event.c.room_id == room_id,
            chat_event.c.position > after,
            chat_event.c.position <= up_to,
        )
        .order_by(chat_event.c.position.desc())
        .limit(limit)
    ).all()
    return [stored_event(row) for row in reversed(rows)]


def with_context(read: Read, events: Sequence[StoredEvent]) -> list[StoredEvent]:
    """Events with the events beside them that clients are told of: replaced state, redactions."""
    replaced = find_events_at(
        read, [e.replaces_position for e in events if e.replaces_position is not None]
    )
    redactions = find_events(read, [e.redacted_by for e in events if e.redacted_by is not None])
    if not replaced and not redactions:
        return list(events)
    return [
        msgspec.structs.replace(
            event,
            replaced_json=_json_of(replaced.get(event.replaces_position or -1)),
            redaction_json=_json_of(redactions.get(event.redacted_by or "")),
        )
        for event in events
    ]


def _json_of(event: StoredEvent | None) -> bytes | None:
    return None if event is None else event.json


# State


def load_state(read: Read, room_id: str) -> RoomState:
    """The state of a room now.

    Raises:
        RoomNotFound: no such room.
    """
    head = find_head(read, room_id)
    if head is None:
        raise RoomNotFound
    current = chat_current_state
    rows = read.conn.execute(
        sa.select(*_EVENT_COLUMNS)
        .join_from(current, chat_event, current.c.position == chat_event.c.position)
        .where(current.c.room_id == room_id)
        .order_by(current.c.position)
    )
    return _to_state(head, [stored_event(row) for row in rows], head.head_position)


def find_state_events(read: Read, room_id: str, *, after: int, up_to: int) -> list[StoredEvent]:
    """The latest state event of each slot that changed in a stretch, oldest first."""
    latest = (
        sa.select(sa.func.max(chat_state.c.position).label("position"))
        .where(
            chat_state.c.room_id == room_id,
            chat_state.c.position > after,
            chat_state.c.position <= up_to,
        )
        .group_by(chat_state.c.type, chat_state.c.state_key)
        .subquery()
    )
    rows = read.conn.execute(
        sa.select(*_EVENT_COLUMNS)
        .join_from(latest, chat_event, latest.c.position == chat_event.c.position)
        .order_by(chat_event.c.position)
    )
    return [stored_event(row) for row in rows]


def find_state_event_at(
    read: Read, room_id: str, slot: StateSlot, position: int
) -> StoredEvent | None:
    """The state event that stood in a slot after the event at a position."""
    row = read.conn.execute(
        sa.select(*_EVENT_COLUMNS)
        .join_from(chat_state, chat_event, chat_state.c.position == chat_event.c.position)
        .where(
            chat_state.c.room_id == room_id,
            chat_state.c.type == slot[0],
            chat_state.c.state_key == slot[1],
            chat_state.c.position <= position,
        )
        .order_by(chat_state.c.position.desc())
        .limit(1)
    ).first()
    return None if row is None else stored_event(row)


def find_state_history(read: Read, room_id: str, slot: StateSlot) -> list[StoredEvent]:
    """Every state event that ever stood in a slot, oldest first."""
    rows = read.conn.execute(
        sa.select(*_EVENT_COLUMNS)
        .join_from(chat_state, chat_event, chat_state.c.position == chat_event.c.position)
        .where(
            chat_state.c.room_id == room_id,
            chat_state.c.type == slot[0],
            chat_state.c.state_key == slot[1],
        )
        .order_by(chat_state.c.position)
    )
    return [stored_event(row) for row in rows]


def state_entry(event: StoredEvent) -> StateEntry:
    """A state event as an entry of the state."""
    return StateEntry(
        position=event.position,
        event_id=event.event_id,
        sender=event.sender,
        json=event.json,
        membership=read_membership(event.json) if event.type == ROOM_MEMBER else "",
    )


def _to_state(head: RoomHead, events: list[StoredEvent], position: int) -> RoomState:
    members: dict[str, StateEntry] = {}
    others: dict[StateSlot, StateEntry] = {}
    for event in events:
        entry = state_entry(event)
        if event.type == ROOM_MEMBER:
            assert event.state_key is not None
            members[event.state_key] = entry
        else:
            others[event.slot] = entry
    return RoomState(
        room_id=head.room_id,
        version=ROOM_VERSIONS[head.version],
        position=position,
        state_event_id=head.state_event_id,
        members=members,
        others=others,
        joined={user: None for user, entry in members.items() if entry.membership == "join"},
    )


# Memberships


def find_memberships(read: Read, user_id: str) -> list[MembershipRow]:
    """A member's memberships of all rooms, forgotten ones included."""
    columns = [chat_membership.c[name] for name in MembershipRow.__struct_fields__]
    rows = read.conn.execute(
        sa.select(*columns)
        .where(chat_membership.c.user_id == user_id)
        .order_by(chat_membership.c.room_id)
    )
    return [MembershipRow(*row) for row in rows]


def find_membership(read: Read, user_id: str, room_id: str) -> MembershipRow | None:
    """A member's membership of one room."""
    columns = [chat_membership.c[name] for name in MembershipRow.__struct_fields__]
    row = read.conn.execute(
        sa.select(*columns).where(
            chat_membership.c.user_id == user_id, chat_membership.c.room_id == room_id
        )
    ).first()
    return None if row is None else MembershipRow(*row)
