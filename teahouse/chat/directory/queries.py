"""Looking for rooms."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

import sqlalchemy as sa

from teahouse import accounts
from teahouse.chat.directory.rules import (
    DESCRIBING_TYPES,
    SPACE,
    describe,
    directory_place,
    matches,
    may_see,
    parse_page_token,
    read_child,
    room_type,
    sort_children,
    to_hierarchy_token,
    to_page_token,
)
from teahouse.chat.directory.tables import chat_open_room
from teahouse.chat.directory.types import (
    FoundUser,
    FoundUsers,
    HierarchyPage,
    HierarchyQuery,
    HierarchyRoom,
    MemberSummary,
    MutualRooms,
    PublicRoom,
    PublicRoomsPage,
    RoomFacts,
    RoomFilter,
    SpaceChild,
    Visitor,
)
from teahouse.chat.event_store.queries import select_events, stored_event
from teahouse.chat.event_store.tables import (
    chat_current_state,
    chat_event,
    chat_membership,
    chat_room,
)
from teahouse.chat.event_store.types import decode_content
from teahouse.chat.rooms.tables import chat_listed_room, chat_network_room
from teahouse.platform.db import Read
from teahouse.platform.errors import Forbidden, InvalidParam, NotFound
from teahouse.platform.json import JsonObject

# A directory of so many rooms is read in about half a second when it is searched.
LISTED_ROOMS_MAX: Final = 10_000
# A space of more rooms is shown up to here: a walk must end.
HIERARCHY_ROOMS_MAX: Final = 2_000
# The children of one space that are looked at.
SPACE_CHILDREN_MAX: Final = 1_000
_ROOMS_AT_ONCE: Final = 500
ALL_NETWORKS: Final = "*"


# What rooms say


def find_room_facts(read: Read, room_ids: Collection[str]) -> dict[str, RoomFacts]:
    """What rooms say of themselves now; unknown rooms are left out."""
    found: dict[str, RoomFacts] = {}
    wanted = sorted(set(room_ids))
    for start in range(0, len(wanted), _ROOMS_AT_ONCE):
        found |= _find_some_facts(read, wanted[start : start + _ROOMS_AT_ONCE])
    return found


def _find_some_facts(read: Read, room_ids: Sequence[str]) -> dict[str, RoomFacts]:
    contents: dict[str, dict[str, JsonObject]] = {room_id: {} for room_id in room_ids}
    rows = read.conn.execute(
        select_events()
        .join_from(
            chat_current_state, chat_event, chat_current_state.c.position == chat_event.c.position
        )
        .where(
            chat_current_state.c.room_id.in_(room_ids),
            chat_current_state.c.type.in_(DESCRIBING_TYPES),
            chat_current_state.c.state_key == "",
        )
    )
    for row in rows:
        contents[row.room_id][row.type] = decode_content(stored_event(row).json)
    counts = count_joined(read, room_ids)
    rooms = read.conn.execute(
        sa.select(chat_room.c.room_id, chat_room.c.version, chat_room.c.is_blocked)
        .where(chat_room.c.room_id.in_(room_ids))
        .order_by(chat_room.c.room_id)
    )
    return {
        row.room_id: RoomFacts(
            room_id=row.room_id,
            version=row.version,
            is_blocked=row.is_blocked,
            joined_count=counts.get(row.room_id, 0),
            contents=contents[row.room_id],
        )
        for row in rooms
    }


def count_joined(read: Read, room_ids: Sequence[str]) -> dict[str, int]:
    """How many are in each of some rooms; empty rooms are left out."""
    rows = read.conn.execute(
        sa.select(chat_membership.c.room_id, sa.func.count().label("joined"))
        .where(chat_membership.c.room_id.in_(room_ids), chat_membership.c.membership == "join")
        .group_by(chat_membership.c.room_id)
    )
    return {row.room_id: row.joined for row in rows}


def find_visitor(read: Read, user_id: str | None) -> Visitor:
    """A member with their memberships; a stranger for None."""
    if user_id is None:
        return Visitor(user_id=None, memberships={})
    rows = read.conn.execute(
        sa.select(chat_membership.c.room_id, chat_membership.c.membership).where(
            chat_membership.c.user_id == user_id
        )
    )
    return Visitor(user_id=user_id, memberships={row.room_id: row.membership for row in rows})


def room_exists(read: Read, room_id: str) -> bool:
    """Whether there is such a room."""
    return (
        read.conn.execute(
            sa.select(chat_room.c.room_id).where(chat_room.c.room_id == room_id)
        ).first()
        is not None
    )


def is_listed(read: Read, room_id: str) -> bool:
    """Whether a room is in the public directory.

    Raises:
        NotFound: there is no such room.
    """
    if not room_exists(read, room_id):
        raise NotFound("There is no such room.")
    found = read.conn.execute(
        sa.select(chat_listed_room.c.room_id).where(chat_listed_room.c.room_id == room_id)
    ).first()
    return found is not None


# The public directory


def find_public_rooms(
    read: Read,
    *,
    limit: int,
    since: str | None = None,
    wanted: RoomFilter | None = None,
    network: str | None = None,
) -> PublicRoomsPage:
    """A page of the public directory, the fullest rooms first.

    Args:
        read: the view.
        limit: rooms on the page.
        since: `next_batch` or `prev_batch` of another page.
        wanted: which rooms; all for None.
        network: of a bridge, as `application service|network`; `*`: the server's own directory
            and those of all networks; None: the server's own.

    Raises:
        InvalidParam: `since` is no token.
    """
    listed = _find_listed(read, network)
    places = [directory_place(count, room_id) for room_id, count in listed.items()]
    rooms: dict[str, PublicRoom] = {}
    if wanted is not None:
        facts = find_room_facts(read, listed)
        described_rooms = {room_id: describe(facts[room_id], PublicRoom) for room_id in listed}
        rooms = {r: room for r, room in described_rooms.items() if matches(room, wanted)}
        places = [place for place in places if place[1] in rooms]
    places.sort()
    first, last = _cut_page(places, since, limit)
    page = [room_id for _, room_id in places[first:last]]
    if wanted is None:
        rooms = {r: describe(facts, PublicRoom) for r, facts in find_room_facts(read, page).items()}
    return PublicRoomsPage(
        chunk=[rooms[room_id] for room_id in page],
        total_room_count_estimate=len(places),
        next_batch=_edge_token("n", places, last - 1) if page and last < len(places) else None,
        prev_batch=_edge_token("p", places, first) if page and first > 0 else None,
    )


def _find_listed(read: Read, network: str | None) -> dict[str, int]:
    """The listed rooms that are open, with the number of those in them."""
    listed = _select_listed(network).subquery()
    joined = sa.and_(
        chat_membership.c.room_id == listed.c.room_id,
        chat_membership.c.membership == "join",
    )
    rows = read.conn.execute(
        sa.select(listed.c.room_id, sa.func.count(chat_membership.c.user_id).label("n"))
        .join_from(listed, chat_room, chat_room.c.room_id == listed.c.room_id)
        .outerjoin(chat_membership, joined)
        .where(chat_room.c.is_blocked.is_(False))
        .group_by(listed.c.room_id)
        .order_by(listed.c.room_id)
        .limit(LISTED_ROOMS_MAX)
    )
    return {row.room_id: row.n for row in rows}


def _select_listed(network: str | None) -> sa.Select[tuple[str]] | sa.CompoundSelect[tuple[str]]:
    """The ids of the rooms in a directory, each once."""
    own = sa.select(chat_listed_room.c.room_id)
    if network is None:
        return own
    of_networks = sa.select(chat_network_room.c.room_id)
    if network == ALL_NETWORKS:
        return sa.union(own, of_networks)
    appservice_id, _, network_id = network.partition("|")
    return of_networks.where(
        chat_network_room.c.appservice_id == appservice_id,
        chat_network_room.c.network_id == network_id,
    )


def _cut_page(places: Sequence[tuple[int, str]], since: str | None, limit: int) -> tuple[int, int]:
    """The first place of a page, and the first after it."""
    if since is None:
        return 0, min(limit, len(places))
    direction, edge = parse_page_token(since)
    if direction == "n":
        first = sum(place <= edge for place in places)
        return first, min(first + limit, len(places))
    last = sum(place < edge for place in places)
    return max(0, last - limit), last


def _edge_token(direction: str, places: Sequence[tuple[int, str]], index: int) -> str:
    count, room_id = places[index]
    return to_page_token(direction, -count, room_id)


# One room


def find_summary(read: Read, room_id: str, user_id: str | None) -> MemberSummary:
    """A room's summary, for who may join it or look into it.

    Args:
        read: the view.
        room_id: the room.
        user_id: who looks; None: somebody without an account.

    Raises:
        NotFound: there is no such room, or they may not know of it.
    """
    visitor = find_visitor(read, user_id)
    facts = find_room_facts(read, [room_id]).get(room_id)
    if facts is None or not may_see(facts, visitor):
        raise NotFound("There is no such room.")
    membership = None if user_id is None else visitor.memberships.get(room_id, "leave")
    return describe(facts, MemberSummary, membership=membership)


# People


def find_users(read: Read, user_id: str, *, term: str, limit: int) -> FoundUsers:
    """Members whose name or id fits, of those who share a room with a member or are in an open one.

    Args:
        read: the view.
        user_id: who looks.
        term: what they typed.
        limit: how many at most.
    """
    found = accounts.search_members(read, term, limit + 1, among=_select_visible(user_id))
    shown = found[:limit]
    profiles = accounts.find_profiles(read, shown)
    return FoundUsers(
        results=[
            FoundUser(user_id=found_id, display_name=profile.displayname,
                      avatar_url=profile.avatar_url)
            for found_id in shown
            for profile in [profiles.get(found_id, accounts.Profile())]
        ],
        limited=len(found) > limit,
    )  # fmt: skip


def _select_visible(user_id: str) -> sa.Select[tuple[str]]:
    mine = chat_membership.alias("mine")
    rooms = sa.union_all(
        sa.select(mine.c.room_id).where(mine.c.user_id == user_id, mine.c.membership == "join"),
        sa.select(chat_open_room.c.room_id),
    )
    return sa.select(chat_membership.c.user_id).where(
        chat_membership.c.room_id.in_(rooms), chat_membership.c.membership == "join"
    )


def find_mutual_rooms(
    read: Read, user_id: str, other_id: str, *, after: str, limit: int
) -> MutualRooms:
    """The rooms that two members are both in, in the order of their ids.

    Args:
        read: the view.
        user_id: who asks.
        other_id: about whom.
        after: the last room of the page before.
        limit: rooms on the page.
    """
    mine, theirs = chat_membership.alias("mine"), chat_membership.alias("theirs")
    rows = read.conn.execute(
        sa.select(mine.c.room_id)
        .join_from(mine, theirs, mine.c.room_id == theirs.c.room_id)
        .where(
            mine.c.user_id == user_id,
            mine.c.membership == "join",
            theirs.c.user_id == other_id,
            theirs.c.membership == "join",
        )
        .order_by(mine.c.room_id)
    )
    shared = [row.room_id for row in rows]
    rest = [room_id for room_id in shared if room_id > after]
    page = rest[:limit]
    next_batch = f"m{page[-1]}" if len(rest) > limit else None
    return MutualRooms(joined=page, count=len(shared), next_batch=next_batch)


# Spaces


def find_hierarchy(read: Read, query: HierarchyQuery, visitor: Visitor) -> HierarchyPage:
    """A page of a space's tree, depth first, without the rooms that the visitor may not see.

    Raises:
        Forbidden: the visitor may not see the space itself, or there is none.
        InvalidParam: the room after which the page begins is not in the tree.
    """
    page: list[HierarchyRoom] = []
    is_begun = query.resume_after is None
    more = False
    for room in _walk(read, query, visitor):
        if not is_begun:
            is_begun = room.room_id == query.resume_after
            continue
        if len(page) == query.limit:
            more = True
            break
        page.append(room)
    if not is_begun:
        raise InvalidParam("`from` is a token of a tree that has changed: begin again.")
    token = to_hierarchy_token(query, page[-1].room_id) if more else None
    return HierarchyPage(rooms=page, next_batch=token)


def _walk(read: Read, query: HierarchyQuery, visitor: Visitor) -> Iterator[HierarchyRoom]:
    facts = find_room_facts(read, [query.room_id])
    if query.room_id not in facts or not may_see(facts[query.room_id], visitor):
        raise Forbidden("You are not allowed to view this room.")
    waiting = [(query.room_id, 0)]
    met: set[str] = set()
    while waiting and len(met) < HIERARCHY_ROOMS_MAX:
        room_id, depth = waiting.pop()
        if room_id in met or room_id not in facts or not may_see(facts[room_id], visitor):
            continue
        met.add(room_id)
        children = _find_children(read, facts[room_id], suggested_only=query.suggested_only)
        stripped = [child.stripped for child in children]
        yield describe(facts[room_id], HierarchyRoom, children_state=stripped)
        if depth < query.max_depth:
            unknown = {child.room_id for child in children} - facts.keys()
            facts |= find_room_facts(read, unknown)
            waiting.extend((child.room_id, depth + 1) for child in reversed(children))


def _find_children(read: Read, space: RoomFacts, *, suggested_only: bool) -> list[SpaceChild]:
    if room_type(space) != SPACE:
        return []
    rows = read.conn.execute(
        select_events()
        .join_from(
            chat_current_state, chat_event, chat_current_state.c.position == chat_event.c.position
        )
        .where(
            chat_current_state.c.room_id == space.room_id,
            chat_current_state.c.type == "m.space.child",
        )
        .order_by(chat_current_state.c.state_key)
        .limit(SPACE_CHILDREN_MAX)
    )
    events = [stored_event(row) for row in rows]
    children = [
        child
        for event in events
        if (
            child := read_child(
                decode_content(event.json),
                room_id=event.state_key or "",
                sender=event.sender,
                ts=event.origin_server_ts,
            )
        )
        and (child.is_suggested or not suggested_only)
    ]
    return sort_children(children)
