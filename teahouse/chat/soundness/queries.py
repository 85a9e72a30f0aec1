"""The checks of chat: each a query that yields what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from teahouse.chat.event_store.tables import (
    chat_current_state,
    chat_event,
    chat_membership,
    chat_room,
    chat_state,
)
from teahouse.chat.event_store.types import ROOM_MEMBER
from teahouse.chat.events.types import SigningKey
from teahouse.chat.media.tables import (
    MEDIA_FILES,
    THUMBNAIL_FILES,
    chat_media,
    chat_media_thumbnail,
)
from teahouse.chat.receipts.tables import chat_receipt
from teahouse.chat.retention.queries import find_overdue
from teahouse.chat.soundness.rules import (
    find_event_problems,
    follow_line,
    is_gap,
    read_membership_of,
)
from teahouse.chat.soundness.types import LineEnd, StoredRow
from teahouse.platform.checks import ROWS_A_STEP, Check, count_table_steps
from teahouse.platform.data_map import FileClass
from teahouse.platform.db import Read
from teahouse.platform.files import Files
from teahouse.platform.settings import Settings

_FILES_AT_ONCE: Final = 32


def make_checks(settings: Settings) -> list[Check]:
    """The checks of chat.

    Args:
        settings: where the signing key and the files are, and how long messages live.
    """
    key_file = settings.data_dir / "keys" / "signing.key"
    return [
        Check(
            "chat: Each event has the id, the hash and the signature of what it says",
            lambda read: find_wrong_events(read, load_key(key_file, settings.server_name)),
            _steps_of(chat_event),
        ),
        Check(
            "chat: The events of each room follow one another",
            find_broken_lines,
            _steps_of(chat_event),
        ),
        Check("chat: Each room knows its last event", find_wrong_heads, _steps_of(chat_room)),
        Check("chat: Each state event has its place in the room's state", find_wrong_states),
        Check("chat: The state of now is the latest of each kind", find_wrong_current_states),
        Check(
            "chat: Memberships are those of the state",
            find_wrong_memberships,
            _steps_of(chat_membership),
        ),
        Check("chat: Receipts are for events that are there", find_wrong_receipts),
        Check(
            "chat: No message has outlived its time",
            lambda read: find_overdue(read, settings.message_days),
        ),
        Check(
            "chat: Each medium has its file",
            lambda read: find_wrong_media(
                read, Files(settings.files_url, settings.data_dir / "files")
            ),
            _steps_of(chat_media, chat_media_thumbnail),
        ),
    ]


def _steps_of(*tables: sa.Table) -> Callable[[Read], int]:
    return lambda read: count_table_steps(read, *tables)


def load_key(file: Path, server_name: str) -> SigningKey | None:
    """This server's signing key, or None where there is none yet."""
    if not file.exists():
        return None
    key_id, seed_hex = file.read_text().split()
    return SigningKey.from_seed(bytes.fromhex(seed_hex), key_id=key_id, server_name=server_name)


# Events


def find_wrong_events(read: Read, key: SigningKey | None) -> Iterator[str | None]:
    """Events that are not what they claim."""
    for page in _pages_of_events(read):
        for row in page:
            for problem in find_event_problems(row, key):
                yield f"{row.event_id} {problem}"
        yield None


def find_broken_lines(read: Read) -> Iterator[str | None]:
    """Events that do not follow the one before."""
    ends: dict[str, LineEnd] = {}
    purged = _find_empty_rooms(read)
    for page in _pages_of_events(read):
        for row in page:
            before = ends.get(row.room_id)
            ends[row.room_id], problem = follow_line(row, before)
            # Of rooms that were shut down the messages may be destroyed, rows and all.
            if problem is not None and not (row.room_id in purged and is_gap(row, before)):
                yield f"{row.event_id} {problem}"
        yield None


def _find_empty_rooms(read: Read) -> set[str]:
    """The rooms that nobody is in."""
    joined = sa.exists().where(
        chat_membership.c.room_id == chat_room.c.room_id, chat_membership.c.membership == "join"
    )
    return set(read.conn.execute(sa.select(chat_room.c.room_id).where(~joined)).scalars())


def _pages_of_events(read: Read) -> Iterator[list[StoredRow]]:
    event = chat_event.c
    columns = [
        event.position, event.event_id, event.room_id, event.type, event.state_key, event.sender,
        event.origin_server_ts, event.pdu, chat_room.c.version,
        sa.or_(event.redacted_by.is_not(None), event.emptied_at.is_not(None)).label("is_emptied"),
    ]  # fmt: skip
    query = (
        sa.select(*columns)
        .join_from(chat_event, chat_room, chat_room.c.room_id == event.room_id)
        .order_by(event.position)
        .limit(ROWS_A_STEP)
    )
    after = -1
    while rows := read.conn.execute(query.where(event.position > after)).all():
        yield [StoredRow(*row) for row in rows]
        after = rows[-1].position


def find_wrong_heads(read: Read) -> Iterator[str | None]:
    """Rooms whose row names another last event, depth or state than they have."""
    room, event = chat_room.c, chat_event.c
    last = (
        sa.select(event.room_id, sa.func.max(event.position).label("position"))
        .group_by(event.room_id)
        .subquery()
    )
    head, changed = chat_event.alias("head"), chat_event.alias("changed")
    query = (
        sa.select(
            room.room_id, room.head_event_id, room.head_position, room.depth,
            last.c.position.label("last_position"), head.c.event_id,
            head.c.pdu, changed.c.room_id.label("state_room"),
        )
        .select_from(
            chat_room.outerjoin(last, last.c.room_id == room.room_id)
            .outerjoin(head, head.c.position == room.head_position)
            .outerjoin(changed, changed.c.event_id == room.state_event_id)
        )
        .order_by(room.room_id)
    )  # fmt: skip
    emptied = _find_empty_rooms(read)
    for number, row in enumerate(_stream(read, query), 1):
        # What nobody may open any more need not have a last event.
        if row.room_id not in emptied:
            yield from _find_head_problems(row)
        if number % ROWS_A_STEP == 0:
            yield None


def _find_head_problems(row: sa.Row[Any]) -> Iterator[str]:
    if row.last_position != row.head_position or row.event_id != row.head_event_id:
        yield f"{row.room_id} names {row.head_event_id} as its last event, which it is not"
    elif follow_line(_head_row(row), None)[0].depth != row.depth:
        yield f"{row.room_id} has not the depth of its last event"
    if row.state_room != row.room_id:
        yield f"{row.room_id} names a state event that is not there"


def _head_row(row: sa.Row[Any]) -> StoredRow:
    return StoredRow(
        position=row.head_position, event_id=row.head_event_id, room_id=row.room_id, type="",
        state_key=None, sender="", origin_server_ts=0, pdu=row.pdu, version="", is_emptied=True,
    )  # fmt: skip


# State


def find_wrong_states(read: Read) -> Iterator[str]:
    """Entries of the state without their event, and state events without their entry."""
    state, event = chat_state.c, chat_event.c
    is_same = sa.and_(
        event.position == state.position,
        event.room_id == state.room_id,
        event.type == state.type,
        event.state_key == state.state_key,
    )
    lost = (
        sa.select(state.room_id, state.position)
        .where(~sa.exists().select_from(chat_event).where(is_same))
        .order_by(state.position)
    )
    for row in _stream(read, lost):
        yield f"{row.room_id} has state at {row.position} without such an event"
    missing = (
        sa.select(event.event_id)
        .where(event.state_key.is_not(None), ~sa.exists().select_from(chat_state).where(is_same))
        .order_by(event.position)
    )
    for row in _stream(read, missing):
        yield f"{row.event_id} is a state event without a place in the state"


def find_wrong_current_states(read: Read) -> Iterator[str]:
    """Places in a room's state where not the latest event stands."""
    state, current = chat_state.c, chat_current_state.c
    slot = (state.room_id, state.type, state.state_key)
    latest = (
        sa.select(*slot, sa.func.max(state.position).label("position")).group_by(*slot).subquery()
    )
    is_same = sa.and_(
        latest.c.room_id == current.room_id,
        latest.c.type == current.type,
        latest.c.state_key == current.state_key,
        latest.c.position == current.position,
    )
    for table, other in ((latest, chat_current_state), (chat_current_state, latest)):
        wrong = (
            sa.select(table.c.room_id, table.c.type, table.c.state_key)
            .select_from(table.outerjoin(other, is_same))
            .where(other.c.position.is_(None))
            .order_by(table.c.room_id, table.c.type, table.c.state_key)
        )
        for row in _stream(read, wrong):
            yield f"{row.room_id} has not the latest {row.type} {row.state_key!r} as its state"


def find_wrong_memberships(read: Read) -> Iterator[str | None]:
    """Memberships that say something else than the state of the room."""
    current, member = chat_current_state.c, chat_membership.c
    query = (
        sa.select(
            current.room_id, current.state_key, current.position, chat_event.c.pdu,
            member.membership, member.position.label("member_position"),
        )
        .select_from(
            chat_current_state.join(
                chat_event, chat_event.c.position == current.position
            ).outerjoin(
                chat_membership,
                sa.and_(member.room_id == current.room_id, member.user_id == current.state_key),
            )
        )
        .where(current.type == ROOM_MEMBER)
        .order_by(current.room_id, current.state_key)
    )  # fmt: skip
    for number, row in enumerate(_stream(read, query), 1):
        said = (read_membership_of(row.pdu), row.position)
        if (row.membership, row.member_position) != said:
            yield f"{row.room_id} has another membership of {row.state_key} than its state"
        if number % ROWS_A_STEP == 0:
            yield None
    yield from _find_stray_memberships(read)


def _find_stray_memberships(read: Read) -> Iterator[str]:
    current, member = chat_current_state.c, chat_membership.c
    in_state = sa.exists().where(
        current.room_id == member.room_id,
        current.type == ROOM_MEMBER,
        current.state_key == member.user_id,
    )
    stray = (
        sa.select(member.room_id, member.user_id)
        .where(~in_state)
        .order_by(member.room_id, member.user_id)
    )
    for row in _stream(read, stray):
        yield f"{row.room_id} has a membership of {row.user_id} that is not in its state"


# What belongs to events and members


def find_wrong_receipts(read: Read) -> Iterator[str]:
    """Receipts for what is not there, in rooms where messages cannot have been destroyed."""
    receipt, event = chat_receipt.c, chat_event.c
    is_there = sa.exists().where(
        event.position == receipt.event_position,
        event.event_id == receipt.event_id,
        event.room_id == receipt.room_id,
    )
    wrong = (
        sa.select(receipt.room_id, receipt.user_id, receipt.event_id)
        .where(~is_there)
        .order_by(receipt.room_id, receipt.user_id)
    )
    emptied = _find_empty_rooms(read)
    for row in _stream(read, wrong):
        if row.room_id not in emptied:
            yield f"{row.user_id} has a receipt for {row.event_id}, which is not in its room"


# Media


def find_wrong_media(read: Read, files: Files) -> Iterator[str | None]:
    """Media and thumbnails without a file of the right size."""
    media, thumbnail = chat_media.c, chat_media_thumbnail.c
    stored = sa.select(media.media_id, media.stored_as, media.size).where(media.status == "stored")
    made = sa.select(thumbnail.media_id, thumbnail.stored_as, thumbnail.size)
    for query, file_class in (
        (stored.order_by(media.media_id), MEDIA_FILES),
        (made.order_by(thumbnail.media_id, thumbnail.form), THUMBNAIL_FILES),
    ):
        for part in _stream(read, query).partitions(ROWS_A_STEP):
            yield from asyncio.run(_find_wrong_files(files, file_class, part))
            if len(part) == ROWS_A_STEP:
                yield None


async def _find_wrong_files(
    files: Files, file_class: FileClass, rows: Sequence[sa.Row[Any]]
) -> list[str]:
    found: list[str] = []
    for start in range(0, len(rows), _FILES_AT_ONCE):
        some = rows[start : start + _FILES_AT_ONCE]
        stored = await asyncio.gather(*(files.find(file_class, row.stored_as) for row in some))
        for row, file in zip(some, stored, strict=True):
            if file is None:
                found.append(f"{row.media_id} has lost its file {row.stored_as}")
            elif file.size != row.size:
                found.append(f"{row.media_id} has a file of another size, {row.stored_as}")
    return found


def _stream(read: Read, query: sa.Select[Any]) -> sa.Result[Any]:
    """The rows of a query, a thousand at a time in memory."""
    return read.conn.execute(query, execution_options={"yield_per": ROWS_A_STEP})
