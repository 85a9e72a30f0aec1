"""Reading timelines and what relates to their events."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Final

import msgspec
import sqlalchemy as sa

from teahouse.chat.account_data.queries import find_ignored
from teahouse.chat.event_store.queries import find_events, find_events_at
from teahouse.chat.event_store.tables import chat_event
from teahouse.chat.event_store.types import StoredEvent, splice
from teahouse.chat.messages.rules import is_slowed, is_valid_edit
from teahouse.chat.rooms.rules import LAST
from teahouse.platform.json import encode_json

if TYPE_CHECKING:
    from teahouse.platform.db import Read

REPLACE: Final = "m.replace"
THREAD: Final = "m.thread"
REFERENCE: Final = "m.reference"
# Of an event's edits the last few are looked at: the latest may be malformed.
_EDIT_CANDIDATES: Final = 3
# References are few (a poll's end, a verification's steps); more can be paged through.
_REFERENCES_MAX: Final = 50
# Slow mode looks so far back for a member's last message where memory does not know it.
_RECENT_EVENTS: Final = 1000


def is_in_room(
    event: sa.FromClause, room_id: sa.ColumnElement[str] | str
) -> sa.ColumnElement[bool]:
    """That a related event is in a room, written such that no index is chosen by it.

    Without statistics SQLite takes "in this room" for as rare as "relates to this event" and may
    read the whole room where it should follow a handful of relations.
    """
    return sa.func.coalesce(event.c.room_id, "") == room_id


def find_last_send(read: Read, room_id: str, sender: str) -> tuple[int, str] | None:
    """When a member last sent a message in a room, and its id; for slow mode.

    Only the latest events are looked at, so that a long history costs nothing.
    """
    recent = (
        sa.select(
            chat_event.c.position,
            chat_event.c.event_id,
            chat_event.c.type,
            chat_event.c.state_key,
            chat_event.c.sender,
            chat_event.c.origin_server_ts,
        )
        .where(chat_event.c.room_id == room_id)
        .order_by(chat_event.c.position.desc())
        .limit(_RECENT_EVENTS)
        .subquery()
    )
    rows = read.conn.execute(
        sa.select(recent.c.origin_server_ts, recent.c.event_id, recent.c.type)
        .where(recent.c.sender == sender, recent.c.state_key.is_(None))
        .order_by(recent.c.position.desc())
    )
    for row in rows:
        if is_slowed(row.type):
            return row.origin_server_ts, row.event_id
    return None


# What relates to events, told with them


def find_bundles(
    read: Read, events: Sequence[StoredEvent], user_id: str, *, up_to: int = LAST
) -> dict[str, bytes]:
    """What later events say about some events: the latest edit, the thread, the references.

    Args:
        read: the view.
        events: about which; of one room or several.
        user_id: who reads; whom they ignore does not count in threads.
        up_to: the last position the reader may see.

    Returns:
        By event id the JSON object for `unsigned["m.relations"]`; events without are left out.

    Source:
        Client-Server API, "Aggregations of child events", "Server-side aggregation" of edits,
        threads and references.
    """
    by_kind = _find_related_by_kind(read, events, up_to)
    if not by_kind:
        return {}
    by_id = {event.event_id: event for event in events}
    made: dict[str, dict[str, msgspec.Raw]] = {}
    edits = find_edits(read, [by_id[e] for e in by_kind.get(REPLACE, ())], up_to=up_to)
    for event_id, edit in edits.items():
        made.setdefault(event_id, {})[REPLACE] = _with_room(edit)
    threads = [by_id[e] for e in by_kind.get(THREAD, ())]
    for event_id, thread in _bundle_threads(read, threads, user_id, up_to).items():
        made.setdefault(event_id, {})[THREAD] = thread
    references = [by_id[e] for e in by_kind.get(REFERENCE, ())]
    for event_id, chunk in _bundle_references(read, references, up_to).items():
        made.setdefault(event_id, {})[REFERENCE] = chunk
    return {event_id: encode_json(bundle) for event_id, bundle in made.items()}


def _with_room(event: StoredEvent, unsigned: bytes = b"") -> msgspec.Raw:
    return msgspec.Raw(splice(event.json, room_id=event.room_id, unsigned=unsigned))


def _find_related_by_kind(
    read: Read, events: Sequence[StoredEvent], up_to: int
) -> dict[str, list[str]]:
    """The ids of the events that others relate to, by relation type; from the index alone."""
    if not events:
        return {}
    rows = read.conn.execute(
        sa.select(chat_event.c.relates_to, chat_event.c.rel_type)
        .distinct()
        .where(
            chat_event.c.relates_to.in_([event.event_id for event in events]),
            chat_event.c.rel_type.in_([REPLACE, THREAD, REFERENCE]),
            chat_event.c.position <= up_to,
        )
        .order_by(chat_event.c.relates_to, chat_event.c.rel_type)
    )
    by_kind: dict[str, list[str]] = {}
    for row in rows:
        by_kind.setdefault(row.rel_type, []).append(row.relates_to)
    return by_kind


def find_edits(
    read: Read, events: Collection[StoredEvent], *, up_to: int = LAST
) -> dict[str, StoredEvent]:
    """The latest valid edit of each of some events, by the edited event's id.

    Source:
        Client-Server API, "Event replacements": the latest by `origin_server_ts`, then by id.
    """
    editable = {event.event_id: event for event in events if event.redacted_by is None}
    if not editable:
        return {}
    edit, original = chat_event.alias("edit"), chat_event.alias("original")
    ranked = (
        sa.select(
            edit.c.event_id,
            sa.func.row_number()
            .over(
                partition_by=edit.c.relates_to,
                order_by=(edit.c.origin_server_ts.desc(), edit.c.event_id.desc()),
            )
            .label("place"),
        )
        .join_from(original, edit, edit.c.relates_to == original.c.event_id)
        .where(
            original.c.event_id.in_(list(editable)),
            edit.c.rel_type == REPLACE,
            is_in_room(edit, original.c.room_id),
            edit.c.sender == original.c.sender,
            edit.c.type == original.c.type,
            edit.c.position <= up_to,
        )
        .subquery()
    )
    rows = read.conn.execute(
        sa.select(ranked.c.event_id)
        .where(ranked.c.place <= _EDIT_CANDIDATES)
        .order_by(ranked.c.place)
    )
    candidates = find_events(read, [row.event_id for row in rows])
    latest: dict[str, StoredEvent] = {}
    for candidate in sorted(
        candidates.values(),
        key=lambda e: (e.origin_server_ts, e.event_id),
        reverse=True,
    ):
        edited = editable.get(candidate.relates_to or "")
        if edited is not None and is_valid_edit(edited, candidate):
            latest.setdefault(edited.event_id, candidate)
    return latest


class _ThreadSummary(msgspec.Struct, frozen=True):
    latest_event: msgspec.Raw
    count: int
    current_user_participated: bool


def _bundle_threads(
    read: Read, roots: Sequence[StoredEvent], user_id: str, up_to: int
) -> dict[str, msgspec.Raw]:
    if not roots:
        return {}
    reply, root = chat_event.alias("reply"), chat_event.alias("root")
    query = (
        sa.select(
            root.c.event_id,
            sa.func.count().label("reply_count"),
            sa.func.max(reply.c.position).label("last"),
            sa.func.max(sa.case((reply.c.sender == user_id, 1), else_=0)).label("replied"),
        )
        .join_from(root, reply, reply.c.relates_to == root.c.event_id)
        .where(
            root.c.event_id.in_([event.event_id for event in roots]),
            reply.c.rel_type == THREAD,
            is_in_room(reply, root.c.room_id),
            reply.c.position <= up_to,
        )
        .group_by(root.c.event_id)
    )
    ignored = find_ignored(read, user_id)
    if ignored:
        query = query.where(reply.c.sender.not_in(sorted(ignored)))
    rows = read.conn.execute(query).all()
    latest = find_events_at(read, [row.last for row in rows])
    edits = find_edits(read, latest.values(), up_to=up_to)
    senders = {event.event_id: event.sender for event in roots}
    return {
        row.event_id: msgspec.Raw(
            encode_json(
                _ThreadSummary(
                    latest_event=_with_edit(latest[row.last], edits),
                    count=row.reply_count,
                    current_user_participated=(
                        bool(row.replied) or senders[row.event_id] == user_id
                    ),
                )
            )
        )
        for row in rows
    }


def _with_edit(event: StoredEvent, edits: dict[str, StoredEvent]) -> msgspec.Raw:
    """An event with its latest edit, as it stands inside a thread's summary."""
    edit = edits.get(event.event_id)
    if edit is None:
        return _with_room(event)
    return _with_room(event, encode_json({"m.relations": {REPLACE: _with_room(edit)}}))


def _bundle_references(
    read: Read, events: Sequence[StoredEvent], up_to: int
) -> dict[str, msgspec.Raw]:
    if not events:
        return {}
    referring, referred = chat_event.alias("referring"), chat_event.alias("referred")
    rows = read.conn.execute(
        sa.select(referring.c.event_id, referring.c.relates_to)
        .join_from(referred, referring, referring.c.relates_to == referred.c.event_id)
        .where(
            referred.c.event_id.in_([event.event_id for event in events]),
            referring.c.rel_type == REFERENCE,
            is_in_room(referring, referred.c.room_id),
            referring.c.position <= up_to,
        )
        .order_by(referring.c.position)
        .limit(_REFERENCES_MAX * len(events))
    )
    chunks: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        chunk = chunks.setdefault(row.relates_to, [])
        if len(chunk) < _REFERENCES_MAX:
            chunk.append({"event_id": row.event_id})
    return {
        event_id: msgspec.Raw(encode_json({"chunk": chunk})) for event_id, chunk in chunks.items()
    }
