"""Reading what relates to an event, and the threads of a room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec
import sqlalchemy as sa

from teahouse.chat.account_data.queries import find_ignored
from teahouse.chat.event_store.queries import find_events, select_events, stored_event
from teahouse.chat.event_store.tables import chat_event
from teahouse.chat.event_store.types import StoredEvent
from teahouse.chat.history.access import access_event
from teahouse.chat.history.queries import render
from teahouse.chat.history.rules import BEGINNING, clip, go_on_from, is_visible
from teahouse.chat.history.types import Slice, Span
from teahouse.chat.messages.queries import THREAD, is_in_room
from teahouse.chat.relations.rules import hide_content
from teahouse.chat.relations.types import (
    Include,
    RelationsAnswer,
    RelationsWanted,
    ThreadsAnswer,
)
from teahouse.chat.rooms.access import access_history
from teahouse.chat.rooms.rules import LAST, Stretch
from teahouse.chat.sync.types import room_token

if TYPE_CHECKING:
    from teahouse.platform.db import Read
    from teahouse.platform.requester import Requester

# Client-Server API: "Homeservers SHOULD traverse at least 3 levels of relationships."
RECURSION_DEPTH: Final = 3
# Written into the statement: SQLite uses an index of a part of a table only where the condition
# is there to read.
_IS_REPLY: Final = chat_event.c.rel_type == sa.bindparam(None, THREAD, literal_execute=True)


# What relates to an event


def read_relations(
    read: Read, requester: Requester, *, room_id: str, wanted: RelationsWanted
) -> RelationsAnswer:
    """A page of the events that relate to an event.

    Raises:
        EventNotFound: no such event or room, or not for them.

    Source:
        Client-Server API, `GET /rooms/{roomId}/relations/{eventId}`.
    """
    parent, stretches = access_event(read, requester, room_id, wanted.event_id)
    ignored = find_ignored(read, requester.user_id)
    page = _find_relations(read, parent, stretches, wanted=wanted, ignored=ignored)
    span = wanted.span
    started = span.up_to if span.direction == "b" else span.after
    is_first = started in {LAST, BEGINNING}
    return RelationsAnswer(
        chunk=render(read, requester, page.events, up_to=stretches[-1].last),
        next_batch=None if page.rest is None else room_token(page.rest),
        prev_batch=None if is_first else room_token(started),
        recursion_depth=_told_depth(wanted),
    )


def _told_depth(wanted: RelationsWanted) -> int | None:
    if wanted.is_recursive is None:
        return None
    return RECURSION_DEPTH if wanted.is_recursive else 1


def _find_relations(
    read: Read,
    parent: StoredEvent,
    stretches: Sequence[Stretch],
    *,
    wanted: RelationsWanted,
    ignored: frozenset[str],
) -> Slice:
    query = select_events().where(is_in_room(chat_event, parent.room_id))
    if wanted.is_recursive:
        query = query.where(chat_event.c.event_id.in_(_select_descendants(parent)))
    else:
        query = query.where(chat_event.c.relates_to == parent.event_id)
    if wanted.rel_type is not None:
        query = query.where(chat_event.c.rel_type == wanted.rel_type)
    if wanted.event_type is not None:
        query = query.where(chat_event.c.type == wanted.event_type)
    if ignored:
        query = query.where(chat_event.c.sender.not_in(sorted(ignored)))
    return _slice(read, query, stretches, span=wanted.span, limit=wanted.limit)


def _select_descendants(parent: StoredEvent) -> sa.Select[Any]:
    """The ids of what relates to an event, and of what relates to that, a few levels deep."""
    start = sa.select(chat_event.c.event_id.label("event_id"), sa.literal(1).label("depth")).where(
        chat_event.c.relates_to == parent.event_id, is_in_room(chat_event, parent.room_id)
    )
    found = start.cte("descendants", recursive=True)
    child = chat_event.alias("child")
    found = found.union(
        sa.select(child.c.event_id, found.c.depth + 1)
        .join_from(found, child, child.c.relates_to == found.c.event_id)
        .where(found.c.depth < RECURSION_DEPTH, is_in_room(child, parent.room_id))
    )
    return sa.select(found.c.event_id)


def _slice(
    read: Read,
    query: sa.Select[Any],
    stretches: Sequence[Stretch],
    *,
    span: Span,
    limit: int,
) -> Slice:
    """The first events of a query that lie in visible stretches of a span."""
    position = chat_event.c.position
    ordered = query.order_by(position.desc() if span.direction == "b" else position.asc())
    rows: list[sa.Row[Any]] = []
    for stretch in clip(stretches, span):
        within = ordered.where(position >= stretch.first, position <= stretch.last)
        rows += read.conn.execute(within.limit(limit + 1 - len(rows)))
        if len(rows) > limit:
            break
    events = [stored_event(row) for row in rows[:limit]]
    rest = go_on_from(events[-1].position, span.direction) if len(rows) > limit else None
    return Slice(events, rest)


# Threads


def read_threads(
    read: Read,
    requester: Requester,
    *,
    room_id: str,
    include: Include,
    up_to: int,
    limit: int,
) -> ThreadsAnswer:
    """A page of the roots of a room's threads, that with the latest reply first.

    Args:
        read: the view.
        requester: who asks.
        room_id: of which room.
        include: all threads, or those the requester has a part in.
        up_to: only threads whose latest reply is not after this position.
        limit: the most roots, at least one.

    Raises:
        NotJoined: not in the room, and nothing of it is open to them.

    Source:
        Client-Server API, `GET /rooms/{roomId}/threads`.
    """
    stretches = access_history(read, requester, room_id)
    ignored = find_ignored(read, requester.user_id)
    latest = select_latest_replies(room_id, ignored, seen_up_to=stretches[-1].last)
    if include == "participated":
        latest = latest.where(_has_part(requester.user_id))
    rows = read.conn.execute(latest.where(chat_event.c.position <= up_to).limit(limit + 1)).all()
    roots = find_events(read, [row.relates_to for row in rows[:limit]])
    shown = [
        _hide_if_ignored(roots[row.relates_to], ignored)
        for row in rows[:limit]
        if row.relates_to in roots
        and roots[row.relates_to].room_id == room_id
        and is_visible(stretches, roots[row.relates_to].position)
    ]
    return ThreadsAnswer(
        chunk=render(read, requester, shown, up_to=stretches[-1].last),
        next_batch=room_token(rows[limit - 1].position - 1) if len(rows) > limit else None,
    )


def select_latest_replies(
    room_id: str, ignored: frozenset[str], *, seen_up_to: int
) -> sa.Select[Any]:
    """The latest reply of each thread of a room, latest first: those that none follows."""
    reply, later = chat_event, chat_event.alias("later")
    follows = sa.select(later.c.position).where(
        later.c.relates_to == reply.c.relates_to,
        later.c.rel_type == THREAD,
        later.c.position > reply.c.position,
        later.c.position <= seen_up_to,
        is_in_room(later, room_id),
    )
    query = sa.select(reply.c.relates_to, reply.c.position).where(
        reply.c.room_id == room_id,
        _IS_REPLY,
        reply.c.position <= seen_up_to,
    )
    if ignored:
        follows = follows.where(later.c.sender.not_in(sorted(ignored)))
        query = query.where(reply.c.sender.not_in(sorted(ignored)))
    return query.where(~follows.exists()).order_by(reply.c.position.desc())


def _has_part(user_id: str) -> sa.ColumnElement[bool]:
    """Whether a member wrote a thread's root or a reply."""
    root, own = chat_event.alias("root"), chat_event.alias("own")
    wrote_root = sa.select(root.c.position).where(
        root.c.event_id == chat_event.c.relates_to, root.c.sender == user_id
    )
    wrote_reply = sa.select(own.c.position).where(
        own.c.relates_to == chat_event.c.relates_to,
        own.c.rel_type == THREAD,
        own.c.sender == user_id,
    )
    return sa.or_(wrote_root.exists(), wrote_reply.exists())


def _hide_if_ignored(root: StoredEvent, ignored: frozenset[str]) -> StoredEvent:
    if root.sender not in ignored:
        return root
    return msgspec.structs.replace(root, json=hide_content(root.json))
