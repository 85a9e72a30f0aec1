"""Reading rooms for operators: what describes them, never what was said in them."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import msgspec
import sqlalchemy as sa

from teahouse import accounts
from teahouse.chat.admin.rules import is_wanted, sort_rooms
from teahouse.chat.admin.tables import chat_room_deletion
from teahouse.chat.admin.types import (
    Deletion,
    RoomDetails,
    RoomList,
    RoomListQuery,
    RoomRow,
    ShutDown,
)
from teahouse.chat.directory.queries import find_room_facts
from teahouse.chat.directory.rules import plain_topic
from teahouse.chat.directory.types import RoomFacts
from teahouse.chat.event_store.queries import find_state_event_at
from teahouse.chat.event_store.tables import (
    chat_current_state,
    chat_event,
    chat_membership,
    chat_room,
)
from teahouse.chat.event_store.types import decode_content
from teahouse.chat.rooms.tables import chat_listed_room
from teahouse.platform.db import Read
from teahouse.platform.errors import NotFound

# More rooms than that are not listed; whoever has them looks one up by its id.
ROOMS_MAX: Final = 20_000
DELETIONS_MAX: Final = 100
_AT_ONCE: Final = 500
_LAST: Final = 2**62
R = TypeVar("R", bound=RoomRow)


def find_rooms(read: Read, query: RoomListQuery) -> RoomList:
    """A page of the rooms that are looked for."""
    ids = read.conn.execute(
        sa.select(chat_room.c.room_id).order_by(chat_room.c.room_id).limit(ROOMS_MAX)
    ).scalars()
    rooms = [room for room in _find_rows(read, list(ids)) if is_wanted(room, query)]
    page = sort_rooms(rooms, query)[query.start : query.start + query.limit]
    end = query.start + len(page)
    return RoomList(
        rooms=page,
        offset=query.start,
        total_rooms=len(rooms),
        next_batch=end if end < len(rooms) else None,
        prev_batch=max(0, query.start - query.limit) if query.start > 0 else None,
    )


def find_room(read: Read, room_id: str) -> RoomDetails:
    """One room.

    Raises:
        NotFound: there is no such room.
    """
    rows = _find_rows(read, [room_id])
    if not rows:
        raise NotFound("There is no such room.")
    facts = find_room_facts(read, [room_id])[room_id]
    tombstone = find_state_event_at(read, room_id, ("m.room.tombstone", ""), _LAST)
    content = {} if tombstone is None else decode_content(tombstone.json)
    members = find_members(read, room_id)
    devices = accounts.list_devices_of(read, members)
    return msgspec.convert(
        {
            **msgspec.structs.asdict(rows[0]),
            "avatar": _text(facts, "m.room.avatar", "url"),
            "topic": plain_topic(facts.contents.get("m.room.topic", {})),
            "joined_local_devices": sum(len(of_member) for of_member in devices.values()),
            "forgotten": _is_forgotten(read, room_id),
            "tombstoned": tombstone is not None,
            "replacement_room": content.get("replacement_room"),
        },
        RoomDetails,
    )


def find_members(read: Read, room_id: str) -> list[str]:
    """Who is in a room.

    Raises:
        NotFound: there is no such room.
    """
    known = sa.select(chat_room.c.room_id).where(chat_room.c.room_id == room_id)
    if read.conn.execute(known).first() is None:
        raise NotFound("There is no such room.")
    rows = read.conn.execute(
        sa.select(chat_membership.c.user_id)
        .where(chat_membership.c.room_id == room_id, chat_membership.c.membership == "join")
        .order_by(chat_membership.c.user_id)
    )
    return list(rows.scalars())


def is_blocked(read: Read, room_id: str) -> bool:
    """Whether a room is shut.

    Raises:
        NotFound: there is no such room.
    """
    found = read.conn.execute(
        sa.select(chat_room.c.is_blocked).where(chat_room.c.room_id == room_id)
    ).first()
    if found is None:
        raise NotFound("There is no such room.")
    return bool(found.is_blocked)


def _is_forgotten(read: Read, room_id: str) -> bool:
    kept = sa.select(chat_membership.c.user_id).where(
        chat_membership.c.room_id == room_id, chat_membership.c.is_forgotten.is_(False)
    )
    return read.conn.execute(kept.limit(1)).first() is None


def _find_rows(read: Read, room_ids: list[str]) -> list[RoomRow]:
    rows: list[RoomRow] = []
    for start in range(0, len(room_ids), _AT_ONCE):
        rows += _find_some_rows(read, room_ids[start : start + _AT_ONCE])
    return rows


def _find_some_rows(read: Read, room_ids: list[str]) -> list[RoomRow]:
    facts = find_room_facts(read, room_ids)
    listed = set(
        read.conn.execute(
            sa.select(chat_listed_room.c.room_id).where(chat_listed_room.c.room_id.in_(room_ids))
        ).scalars()
    )
    current = chat_current_state.c
    creators = _pairs(
        read,
        sa.select(current.room_id, chat_event.c.sender)
        .join_from(chat_current_state, chat_event, current.position == chat_event.c.position)
        .where(current.room_id.in_(room_ids), current.type == "m.room.create"),
    )
    counts = _pairs(
        read,
        sa.select(current.room_id, sa.func.count())
        .where(current.room_id.in_(room_ids))
        .group_by(current.room_id),
    )
    return [
        RoomRow(
            room_id=room_id,
            name=_text(room, "m.room.name", "name"),
            canonical_alias=_text(room, "m.room.canonical_alias", "alias"),
            joined_members=room.joined_count,
            joined_local_members=room.joined_count,
            version=room.version,
            creator=creators[room_id],
            encryption=_text(room, "m.room.encryption", "algorithm"),
            federatable=room.contents.get("m.room.create", {}).get("m.federate") is not False,
            public=room_id in listed,
            join_rules=_text(room, "m.room.join_rules", "join_rule"),
            guest_access=_text(room, "m.room.guest_access", "guest_access"),
            history_visibility=_text(room, "m.room.history_visibility", "history_visibility"),
            state_events=counts[room_id],
            room_type=_text(room, "m.room.create", "type"),
        )
        for room_id, room in facts.items()
    ]


def _pairs(read: Read, statement: sa.Select[tuple[str, Any]]) -> dict[str, Any]:
    return {row[0]: row[1] for row in read.conn.execute(statement)}


def _text(facts: RoomFacts, event_type: str, key: str) -> str | None:
    value = facts.contents.get(event_type, {}).get(key)
    return value if isinstance(value, str) else None


# Deletions


def find_deletions(
    read: Read, *, delete_id: str | None = None, room_id: str | None = None
) -> list[Deletion]:
    """How far deletions have come: one, or those of a room, the latest first.

    Raises:
        NotFound: there is none.
    """
    table = chat_room_deletion.c
    statement = sa.select(table.delete_id, table.room_id, table.status, table.result)
    if delete_id is not None:
        statement = statement.where(table.delete_id == delete_id)
    if room_id is not None:
        statement = statement.where(table.room_id == room_id)
    rows = read.conn.execute(statement.order_by(table.delete_id.desc()).limit(DELETIONS_MAX)).all()
    if not rows:
        raise NotFound("No deletion is known under this name.")
    return [
        Deletion(
            delete_id=row.delete_id,
            room_id=row.room_id,
            status=row.status,
            shutdown_room=msgspec.json.decode(row.result, type=ShutDown),
        )
        for row in rows
    ]
