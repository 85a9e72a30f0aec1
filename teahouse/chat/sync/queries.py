"""What `/sync` reads where memory does not reach."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
import sqlalchemy as sa

from teahouse.chat.account_data.queries import find_ignored
from teahouse.chat.event_store.queries import (
    MembershipRow,
    find_latest_events,
    find_memberships,
    find_state_event_at,
    load_state,
    select_events,
    stored_event,
    with_context,
)
from teahouse.chat.event_store.tables import chat_event, chat_room
from teahouse.chat.event_store.types import (
    ROOM_MEMBER,
    RoomState,
    StoredEvent,
    decode_content,
)
from teahouse.chat.push.queries import find_custom_rules
from teahouse.chat.push.types import StoredRules
from teahouse.chat.receipts.queries import find_read_positions
from teahouse.chat.rooms.queries import find_visible_stretches
from teahouse.platform.db import Read, find_position

# Clients show "99+" beyond a hundred.
UNREAD_MAX = 200


class LoadedMember(msgspec.Struct, frozen=True):
    """A member as read at `position`."""

    user_id: str
    position: int
    memberships: list[MembershipRow]
    ignored: frozenset[str]
    custom_rules: StoredRules | None


def load_member(read: Read, user_id: str) -> LoadedMember:
    """What is remembered of a member."""
    return LoadedMember(
        user_id=user_id,
        position=find_position(read),
        memberships=find_memberships(read, user_id),
        ignored=find_ignored(read, user_id),
        custom_rules=find_custom_rules(read, user_id),
    )


def find_changed_rooms(read: Read, room_ids: Collection[str], since: int) -> set[str]:
    """Which of some rooms have events after a position."""
    rows = read.conn.execute(
        sa.select(chat_room.c.room_id).where(
            chat_room.c.room_id.in_(room_ids), chat_room.c.head_position > since
        )
    )
    return {row.room_id for row in rows}


class TimelinePart(msgspec.Struct, frozen=True):
    """The end of a timeline.

    Attributes:
        limited: whether events of the stretch are missing before it.
        complete_after: position after which `events` is complete.
        related: ids among `events` that others relate to.
    """

    events: list[StoredEvent]
    limited: bool
    complete_after: int
    related: frozenset[str] = frozenset()


def load_timeline(read: Read, room_id: str, *, after: int, up_to: int, limit: int) -> TimelinePart:
    """The last events of a stretch, whoever reads them."""
    events = find_latest_events(read, room_id, after=after, up_to=up_to, limit=limit + 1)
    limited = len(events) > limit
    kept = with_context(read, events[-limit:] if limit else [])
    complete_after = events[-limit - 1].position if limited else after
    return TimelinePart(kept, limited, complete_after, find_related(read, kept))


def load_visible_timeline(
    read: Read, room_id: str, *, user_id: str, after: int, up_to: int, limit: int
) -> TimelinePart:
    """The last events of a stretch that a member may see.

    Looks no further back than a few times `limit`: who may see little of a long stretch gets a
    limited timeline and can page on.
    """
    stretches = find_visible_stretches(read, room_id, user_id)
    seen = [s for s in stretches if s.first <= up_to and s.last > after]
    if not seen:
        return TimelinePart([], limited=False, complete_after=after)
    part = load_timeline(
        read,
        room_id,
        after=max(after, seen[-1].first - 1),
        up_to=min(up_to, seen[-1].last),
        limit=limit,
    )
    earlier = len(seen) > 1 or seen[-1].first - 1 > after
    return msgspec.structs.replace(part, limited=part.limited or earlier)


def was_joined(read: Read, room_id: str, user_id: str, position: int) -> bool:
    """Whether a member was in a room after the event at a position."""
    event = find_state_event_at(read, room_id, (ROOM_MEMBER, user_id), position)
    return event is not None and decode_content(event.json).get("membership") == "join"


def find_related(read: Read, events: Collection[StoredEvent]) -> frozenset[str]:
    """Which of some events others relate to."""
    if not events:
        return frozenset()
    rows = read.conn.execute(
        sa.select(chat_event.c.relates_to)
        .distinct()
        .where(chat_event.c.relates_to.in_([event.event_id for event in events]))
    )
    return frozenset(row.relates_to for row in rows)


class UnreadPart(msgspec.Struct, frozen=True):
    """What may be unread in a room: read positions by thread, and events after the lowest."""

    read_positions: dict[str, int]
    events: list[StoredEvent]


def load_unread(
    read: Read, room_id: str, *, user_id: str, joined_at: int, only_candidates: bool
) -> UnreadPart:
    """The events that may count as unread for a member, the last `UNREAD_MAX` of them."""
    positions = find_read_positions(read, user_id, room_id)
    lowest = max(joined_at, positions.get("", 0))
    query = (
        select_events()
        .where(
            chat_event.c.room_id == room_id,
            chat_event.c.position > lowest,
            chat_event.c.sender != user_id,
        )
        .order_by(chat_event.c.position.desc())
        .limit(UNREAD_MAX)
    )
    if only_candidates:
        query = query.where(chat_event.c.attention > 0)
    rows = read.conn.execute(query).all()
    return UnreadPart(positions, [stored_event(row) for row in reversed(rows)])


class WarmRoom(msgspec.Struct, frozen=True):
    """What the first answer needs of a room; None where it was at hand."""

    state: RoomState | None
    timeline: TimelinePart | None
    unread: UnreadPart | None


class WarmWish(msgspec.Struct, frozen=True):
    """What of a room is not at hand."""

    room_id: str
    state: bool
    timeline: bool
    unread: bool
    joined_at: int


def load_rooms(
    read: Read, wishes: Collection[WarmWish], *, user_id: str, limit: int, only_candidates: bool
) -> dict[str, WarmRoom]:
    """What is not at hand of many rooms, in one view."""
    position = find_position(read)
    return {
        wish.room_id: WarmRoom(
            load_state(read, wish.room_id) if wish.state else None,
            load_timeline(read, wish.room_id, after=-1, up_to=position, limit=limit)
            if wish.timeline
            else None,
            load_unread(
                read, wish.room_id, user_id=user_id, joined_at=wish.joined_at,
                only_candidates=only_candidates,
            )
            if wish.unread
            else None,
        )
        for wish in wishes
    }  # fmt: skip
