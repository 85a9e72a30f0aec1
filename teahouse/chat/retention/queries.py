"""Which messages have reached their time, and what was destroyed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa

from teahouse.chat.event_store.tables import chat_current_state, chat_event, chat_room
from teahouse.chat.event_store.types import decode_content
from teahouse.chat.retention.rules import RETENTION, lifetime_of
from teahouse.chat.retention.tables import chat_retention_run
from teahouse.chat.retention.types import Destroyed, RoomLifetime
from teahouse.platform.db import Read

RUNS_LIMIT: Final = 1000

# As the partial index has it: only messages, only what is not yet emptied.
_is_alive: Final = sa.and_(chat_event.c.state_key.is_(None), chat_event.c.emptied_at.is_(None))


def find_expired(read: Read, *, before: int, limit: int) -> list[int]:
    """Positions of disappearing messages whose time came not after `before`, earliest first."""
    return list(read.conn.execute(select_expired(before=before).limit(limit)).scalars())


def select_expired(*, before: int) -> sa.Select[int]:
    """A SELECT of the positions of disappearing messages whose time has come."""
    return (
        sa.select(chat_event.c.position)
        .where(chat_event.c.expires_at <= before, _is_alive)
        .order_by(chat_event.c.expires_at, chat_event.c.position)
    )


def find_outlived(read: Read, room_id: str, *, before: int, limit: int) -> list[int]:
    """Positions of messages of a room that were sent before an instant, oldest first."""
    return list(read.conn.execute(select_outlived(room_id, before=before).limit(limit)).scalars())


def select_outlived(room_id: str, *, before: int) -> sa.Select[int]:
    """A SELECT of the positions of messages of a room that were sent before an instant."""
    return (
        sa.select(chat_event.c.position)
        .where(chat_event.c.room_id == room_id, chat_event.c.origin_server_ts < before, _is_alive)
        .order_by(chat_event.c.origin_server_ts, chat_event.c.position)
    )


def list_lifetimes(
    read: Read, *, default_days: int, after: str = "", limit: int
) -> list[RoomLifetime | str]:
    """How long messages live, room by room in the order of their ids.

    Args:
        read: the view.
        default_days: for rooms without a rule of their own; 0: for ever.
        after: the room before the first.
        limit: how many rooms are looked at.

    Returns:
        For each room its lifetime; only its id where messages live for ever.
    """
    current = chat_current_state.c
    rule = sa.and_(
        current.room_id == chat_room.c.room_id, current.type == RETENTION, current.state_key == ""
    )
    query = (
        sa.select(chat_room.c.room_id, chat_event.c.pdu)
        .select_from(
            chat_room.outerjoin(chat_current_state, rule).outerjoin(
                chat_event, chat_event.c.position == current.position
            )
        )
        .where(chat_room.c.room_id > after)
        .order_by(chat_room.c.room_id)
        .limit(limit)
    )
    found: list[RoomLifetime | str] = []
    for row in read.conn.execute(query):
        content = {} if row.pdu is None else decode_content(row.pdu)
        lifetime = lifetime_of(content, default_days=default_days)
        found.append(row.room_id if lifetime is None else RoomLifetime(row.room_id, lifetime))
    return found


def list_destroyed(read: Read, *, limit: int = RUNS_LIMIT) -> list[Destroyed]:
    """What was destroyed lately, the latest first."""
    run = chat_retention_run.c
    query = (
        sa.select(run.run_id, run.room_id, run.reason, run.at, run.event_count)
        .order_by(run.at.desc(), run.run_id.desc(), run.room_id)
        .limit(limit)
    )
    return [Destroyed(*row) for row in read.conn.execute(query)]


# `teahouse check`

# The jobs run each minute and each hour; a server that was down has that long to catch up.
_EXPIRY_GRACE_MS: Final = 10 * 60_000
_LIFETIME_GRACE_MS: Final = 2 * 3_600_000
_ROOMS_AT_ONCE: Final = 1000


def find_overdue(read: Read, default_days: int) -> Iterator[str]:
    """Rooms that hold messages past their time."""
    expired = find_expired(read, before=read.now - _EXPIRY_GRACE_MS, limit=100)
    for position in expired:
        yield f"chat_event {position} should have disappeared"
    after = ""
    while rooms := list_lifetimes(
        read, default_days=default_days, after=after, limit=_ROOMS_AT_ONCE
    ):
        for room in rooms:
            after = room if isinstance(room, str) else room.room_id
            if isinstance(room, str):
                continue
            before = read.now - room.lifetime_ms - _LIFETIME_GRACE_MS
            for position in find_outlived(read, room.room_id, before=before, limit=1):
                yield f"chat_event {position} of {room.room_id} has outlived its room's rule"
