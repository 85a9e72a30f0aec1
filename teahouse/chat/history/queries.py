"""Reading a room's timeline as one member may see it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec
import sqlalchemy as sa

from teahouse.chat.account_data.queries import find_ignored
from teahouse.chat.event_store.queries import (
    find_events_at,
    select_events,
    stored_event,
    with_context,
)
from teahouse.chat.event_store.tables import chat_event, chat_state
from teahouse.chat.event_store.types import ROOM_MEMBER, StoredEvent
from teahouse.chat.filters.types import RoomEventFilter
from teahouse.chat.history.access import access_event
from teahouse.chat.history.errors import EventNotFound
from teahouse.chat.history.rules import (
    BEGINNING,
    clip,
    go_on_from,
    has_wanted_url,
    is_selective,
    may_pass,
)
from teahouse.chat.history.types import (
    ContextAnswer,
    Direction,
    EventAtAnswer,
    MessagesAnswer,
    Slice,
    Span,
)
from teahouse.chat.messages.queries import find_bundles
from teahouse.chat.rooms.access import access_history
from teahouse.chat.rooms.rules import LAST, Stretch
from teahouse.chat.sync.rules import client_event
from teahouse.chat.sync.types import room_token

if TYPE_CHECKING:
    from teahouse.platform.db import Read
    from teahouse.platform.requester import Requester

Passes = Callable[[sa.Row[Any]], bool]

# How many events one request looks at where a filter lets few of them pass: some 100 ms of work.
# The client gets what was found so far, and a token to go on.
SCANNED_MAX: Final = 5000
_SCAN_BATCH: Final = 500


# Pages


def read_messages(
    read: Read,
    requester: Requester,
    *,
    room_id: str,
    span: Span,
    limit: int,
    wanted: RoomEventFilter,
) -> MessagesAnswer:
    """A page of a room's timeline.

    Args:
        read: the view.
        requester: who asks.
        room_id: of which room.
        span: from where to where, and which way.
        limit: the most events, at least one.
        wanted: what passes; with `lazy_load_members` the senders' memberships come along.

    Raises:
        NotJoined: not in the room, and nothing of it is open to them.

    Source:
        Client-Server API, `GET /rooms/{roomId}/messages`.
    """
    stretches = access_history(read, requester, room_id)
    passes = _make_sieve(read, requester, room_id, wanted)
    page = find_slice(read, room_id, stretches, span=span, limit=limit, passes=passes)
    members = find_senders(read, page.events) if wanted.lazy_load_members else []
    return MessagesAnswer(
        chunk=render(read, requester, page.events, up_to=stretches[-1].last),
        start=room_token(_beginning_of(read, room_id, span, page)),
        end=None if page.rest is None else room_token(page.rest),
        state=render(read, requester, members, is_state=True),
    )


def _beginning_of(read: Read, room_id: str, span: Span, page: Slice) -> int:
    """Where a page begins, as a place to go the other way from."""
    if span.direction == "f":
        return max(span.after, 0)
    if span.up_to != LAST:
        return span.up_to
    if page.events:
        return page.events[0].position
    newest = _fetch(read, room_id, Stretch(0, LAST), direction="b", limit=1)
    return newest[0].position if newest else 0


def find_slice(
    read: Read,
    room_id: str,
    stretches: Sequence[Stretch],
    *,
    span: Span,
    limit: int,
    passes: Passes | None = None,
) -> Slice:
    """The first events of a span that lie in visible stretches and pass.

    Args:
        read: the view.
        room_id: of which room.
        stretches: what may be seen.
        span: from where to where, and which way.
        limit: the most events.
        passes: tells of a row of the event columns whether it is wanted; None for all.
    """
    kept: list[StoredEvent] = []
    batch = limit + 1 if passes is None else max(limit + 1, _SCAN_BATCH)
    rows = _scan(read, room_id, clip(stretches, span), direction=span.direction, batch=batch)
    for scanned, row in enumerate(rows, start=1):
        if passes is None or passes(row):
            if len(kept) == limit:
                return Slice(kept, _rest(kept, row, span.direction))
            kept.append(stored_event(row))
        if passes is not None and scanned == SCANNED_MAX:
            return Slice(kept, go_on_from(row.position, span.direction))
    return Slice(kept, None)


def _rest(kept: Sequence[StoredEvent], beyond: sa.Row[Any], direction: Direction) -> int:
    if kept:
        return go_on_from(kept[-1].position, direction)
    return int(beyond.position) if direction == "b" else int(beyond.position) - 1


def _scan(
    read: Read,
    room_id: str,
    stretches: Iterable[Stretch],
    *,
    direction: Direction,
    batch: int,
) -> Iterator[sa.Row[Any]]:
    """The rows of some stretches in the order of reading, fetched as they are needed."""
    for stretch in stretches:
        left: Stretch | None = stretch
        while left is not None:
            rows = _fetch(read, room_id, left, direction=direction, limit=batch)
            yield from rows
            left = _left_of(left, rows, direction) if len(rows) == batch else None


def _left_of(stretch: Stretch, rows: Sequence[sa.Row[Any]], direction: Direction) -> Stretch | None:
    last = rows[-1].position
    left = Stretch(stretch.first, last - 1) if direction == "b" else Stretch(last + 1, stretch.last)
    return left if left.first <= left.last else None


def _fetch(
    read: Read, room_id: str, stretch: Stretch, *, direction: Direction, limit: int
) -> Sequence[sa.Row[Any]]:
    return read.conn.execute(
        select_stretch(room_id, stretch, direction=direction).limit(limit)
    ).all()


def select_stretch(room_id: str, stretch: Stretch, *, direction: Direction) -> sa.Select[Any]:
    """A SELECT of the events of a stretch; add a limit."""
    position = chat_event.c.position
    return (
        select_events()
        .where(
            chat_event.c.room_id == room_id,
            position >= stretch.first,
            position <= stretch.last,
        )
        .order_by(position.desc() if direction == "b" else position.asc())
    )


def _make_sieve(
    read: Read, requester: Requester, room_id: str, wanted: RoomEventFilter
) -> Passes | None:
    """What a page leaves out: what the filter does not want, and messages of whom one ignores.

    Source:
        Client-Server API, "Ignoring Users": state events are told all the same.
    """
    ignored = find_ignored(read, requester.user_id)
    if not ignored and not is_selective(wanted):
        return None

    def passes(row: sa.Row[Any]) -> bool:
        if row.state_key is None and row.sender in ignored:
            return False
        if not may_pass(wanted, room_id=room_id, event_type=row.type, sender=row.sender):
            return False
        return wanted.contains_url is None or has_wanted_url(wanted, stored_event(row))

    return passes


# One event, and what is around it


def read_event(read: Read, requester: Requester, *, room_id: str, event_id: str) -> msgspec.Raw:
    """One event.

    Raises:
        EventNotFound: none, or not for them.
    """
    event, stretches = access_event(read, requester, room_id, event_id)
    return render(read, requester, [event], up_to=stretches[-1].last)[0]


def read_context(
    read: Read,
    requester: Requester,
    *,
    room_id: str,
    event_id: str,
    limit: int,
    wanted: RoomEventFilter,
) -> ContextAnswer:
    """An event with those before and after it, and the state at the last of them.

    Raises:
        NotJoined: not in the room.
        EventNotFound: no such event, or not for them.

    Source:
        Client-Server API, `GET /rooms/{roomId}/context/{eventId}`.
    """
    access_history(read, requester, room_id)
    event, stretches = access_event(read, requester, room_id, event_id)
    passes = _make_sieve(read, requester, room_id, wanted)
    before, after = find_around(
        read,
        event,
        stretches,
        before=limit // 2,
        after=limit - limit // 2,
        passes=passes,
    )
    shown = [*reversed(before.events), event, *after.events]
    state = _find_state_around(read, shown, wanted)
    up_to = stretches[-1].last
    return ContextAnswer(
        start=room_token(shown[0].position - 1),
        end=room_token(shown[-1].position),
        events_before=render(read, requester, before.events, up_to=up_to),
        event=render(read, requester, [event], up_to=up_to)[0],
        events_after=render(read, requester, after.events, up_to=up_to),
        state=render(read, requester, state, is_state=True),
    )


def find_around(
    read: Read,
    event: StoredEvent,
    stretches: Sequence[Stretch],
    *,
    before: int,
    after: int,
    passes: Passes | None = None,
) -> tuple[Slice, Slice]:
    """The events before an event, latest first, and those after it, earliest first."""
    backwards = Span(after=BEGINNING, up_to=event.position - 1, direction="b")
    forwards = Span(after=event.position, up_to=LAST, direction="f")
    return (
        find_slice(read, event.room_id, stretches, span=backwards, limit=before, passes=passes),
        find_slice(read, event.room_id, stretches, span=forwards, limit=after, passes=passes),
    )


def _find_state_around(
    read: Read, shown: Sequence[StoredEvent], wanted: RoomEventFilter
) -> list[StoredEvent]:
    """The state at the last event shown; of the members only the senders, where that is wanted."""
    last = shown[-1]
    state = find_state_at(
        read, last.room_id, last.position, with_members=not wanted.lazy_load_members
    )
    if wanted.lazy_load_members:
        state += find_senders(read, shown)
    return [
        event
        for event in state
        if may_pass(wanted, room_id=last.room_id, event_type=event.type, sender=event.sender)
        and has_wanted_url(wanted, event)
    ]


def read_event_at(
    read: Read, requester: Requester, *, room_id: str, ts: int, direction: Direction
) -> EventAtAnswer:
    """The event closest to an instant: the first from then on, or the last up to then.

    Events are in the order in which they arrived; where a bridge brought in old ones later, the
    answer is near rather than nearest.

    Raises:
        NotJoined: not in the room.
        EventNotFound: no visible event on that side.

    Source:
        Client-Server API, `GET /rooms/{roomId}/timestamp_to_event`.
    """
    stretches = access_history(read, requester, room_id)
    if direction == "f":
        span = Span(after=_find_first_since(read, room_id, ts) - 1, up_to=LAST, direction="f")
    else:
        until = _find_first_since(read, room_id, ts + 1) - 1
        span = Span(after=BEGINNING, up_to=until, direction="b")
    found = find_slice(read, room_id, stretches, span=span, limit=1).events
    if not found:
        raise EventNotFound("There is no event on that side of the given time.")
    return EventAtAnswer(found[0].event_id, found[0].origin_server_ts)


def _find_first_since(read: Read, room_id: str, ts: int) -> int:
    """The position of the first event of a room at or after an instant; `LAST` where none is.

    Halves the range of positions, which costs some thirty look-ups whatever the room's length,
    instead of an index that every send would have to write.
    """
    probe = (
        sa.select(chat_event.c.position, chat_event.c.origin_server_ts)
        .where(
            chat_event.c.room_id == room_id,
            chat_event.c.position > sa.bindparam("low"),
            chat_event.c.position <= sa.bindparam("high"),
        )
        .limit(1)
    )
    forwards = probe.order_by(chat_event.c.position)
    newest = read.conn.execute(
        probe.order_by(chat_event.c.position.desc()), {"low": BEGINNING, "high": LAST}
    ).first()
    if newest is None or newest.origin_server_ts < ts:
        return LAST
    # The wanted position is `best`, or lies above `low` and not above `high`.
    best, low, high = newest.position, BEGINNING, newest.position - 1
    while low < high:
        middle = (low + high) // 2
        found = read.conn.execute(forwards, {"low": middle, "high": high}).first()
        if found is None or found.origin_server_ts >= ts:
            best = best if found is None else found.position
            high = middle
        else:
            low = found.position
    return int(best)


# State beside a timeline


def find_senders(read: Read, events: Collection[StoredEvent]) -> list[StoredEvent]:
    """The memberships of the senders of some events, each as of their last event."""
    if not events:
        return []
    last_by_sender: dict[str, int] = {}
    for event in events:
        last_by_sender[event.sender] = max(
            event.position, last_by_sender.get(event.sender, BEGINNING)
        )
    rows = read.conn.execute(
        sa.select(chat_event.c.sender, sa.func.max(chat_state.c.position).label("member_at"))
        .join_from(
            chat_event,
            chat_state,
            sa.and_(
                chat_state.c.room_id == chat_event.c.room_id,
                chat_state.c.type == ROOM_MEMBER,
                chat_state.c.state_key == chat_event.c.sender,
                chat_state.c.position <= chat_event.c.position,
            ),
        )
        .where(chat_event.c.position.in_(list(last_by_sender.values())))
        .group_by(chat_event.c.room_id, chat_event.c.sender)
    ).all()
    found = find_events_at(read, [row.member_at for row in rows])
    return sorted(found.values(), key=lambda event: event.position)


def find_state_at(
    read: Read, room_id: str, position: int, *, with_members: bool
) -> list[StoredEvent]:
    """The state after the event at a position, with or without the memberships."""
    latest = (
        sa.select(sa.func.max(chat_state.c.position).label("position"))
        .where(chat_state.c.room_id == room_id, chat_state.c.position <= position)
        .group_by(chat_state.c.type, chat_state.c.state_key)
    )
    if not with_members:
        # As two ranges, so that the index leads past the members instead of through them.
        latest = latest.where(
            sa.or_(chat_state.c.type < ROOM_MEMBER, chat_state.c.type > ROOM_MEMBER)
        )
    positions = [row.position for row in read.conn.execute(latest)]
    found = find_events_at(read, positions)
    return sorted(found.values(), key=lambda event: event.position)


# Rendering


def render(
    read: Read,
    requester: Requester,
    events: Sequence[StoredEvent],
    *,
    up_to: int = LAST,
    is_state: bool = False,
) -> list[msgspec.Raw]:
    """Events as the requester gets them, with all that is told beside them.

    Args:
        read: the view.
        requester: who asks.
        events: which.
        up_to: the last position the requester may see.
        is_state: whether they only accompany a timeline: then without what relates to them.
    """
    me, device = requester.user_id, requester.device_id or requester.appservice_id
    bundles = {} if is_state else find_bundles(read, events, me, up_to=up_to)
    return [
        client_event(
            event,
            now=read.now,
            own_device=device if event.sender == me else None,
            bundle=bundles.get(event.event_id),
            room_id=event.room_id,
        )
        for event in (events if is_state else with_context(read, events))
    ]
