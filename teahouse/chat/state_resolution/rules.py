"""State resolution, versions 2 (rooms 10 and 11) and 2.1 (rooms 12). Pure.

Source:
    Matrix specification, room versions 2 and 12, "State resolution". The words are those of its
    definitions.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple, TypeAlias

from teahouse.chat.auth_rules import (
    NotAllowed,
    check_auth,
    read_power_levels,
    select_auth_slots,
)
from teahouse.chat.events.types import (
    ROOM_CREATE,
    ROOM_JOIN_RULES,
    ROOM_MEMBER,
    ROOM_POWER_LEVELS,
    Event,
    RoomVersion,
    StateSlot,
)

StateMap: TypeAlias = Mapping[StateSlot, str]
"""A room state: the id of the event in each slot."""

_LEVELS: Final = (ROOM_POWER_LEVELS, "")
_CREATE: Final = (ROOM_CREATE, "")


class _Room(NamedTuple):
    """What is known of a room.

    Attributes:
        events: by id; those of the states, and all they rest on.
        rejected: ids of events that the state before them did not allow.
    """

    events: Mapping[str, Event]
    version: RoomVersion
    rejected: AbstractSet[str]

    def auth_events(self, event: Event) -> list[Event]:
        """The events that allow an event; the create event too where no event names it."""
        return [self.events[auth_id] for auth_id in self.auth_ids(event)]

    def auth_ids(self, event: Event) -> list[str]:
        """Their ids, as far as the event names them."""
        return [auth_id for auth_id in event.auth_events if auth_id in self.events]

    def create(self, event: Event) -> Event | None:
        """The create event on which an event rests."""
        if self.version.room_id_is_create_hash:
            return self.events.get(f"${event.room_id[1:]}")
        return self.auth_event(event, _CREATE)

    def auth_event(self, event: Event, slot: StateSlot) -> Event | None:
        """The auth event of a slot."""
        found = (auth for auth in self.auth_events(event) if auth.slot == slot)
        return next(found, None)


def resolve(
    states: Sequence[StateMap],
    events: Mapping[str, Event],
    version: RoomVersion,
    rejected: AbstractSet[str] = frozenset(),
) -> dict[StateSlot, str]:
    """The state that follows from several.

    Args:
        states: those after each of the events that come together; at least one.
        events: by id: those of the states, and all that are reached from them by `auth_events`.
        version: of the room.
        rejected: ids of events that the state before them did not allow.

    Returns:
        One state; the same for every order of `states`.
    """
    assert states
    room = _Room(events, version, rejected)
    unconflicted, conflicted = _split(states)
    if not conflicted:
        return unconflicted
    full = _full_conflicted_set(room, states, conflicted)
    resolved: dict[StateSlot, str] = {} if version.resolves_from_empty else dict(unconflicted)

    power = [event_id for event_id in full if _is_power_event(events[event_id])]
    # Other servers, too, follow the chains only as long as they stay in the conflicted set.
    first = _with_chains(room, power, within=full)
    _apply(room, resolved, _sort_by_power(room, first))

    rest = full - first
    _apply(room, resolved, _sort_by_mainline(room, rest, resolved.get(_LEVELS)))
    return resolved | unconflicted


def _split(states: Sequence[StateMap]) -> tuple[dict[StateSlot, str], set[str]]:
    """The unconflicted state map and the conflicted state set."""
    unconflicted: dict[StateSlot, str] = {}
    conflicted: set[str] = set()
    for slot in dict.fromkeys(slot for state in states for slot in state):
        values = {state.get(slot) for state in states}
        known = {event_id for event_id in values if event_id is not None}
        if len(values) == 1:
            unconflicted[slot] = known.pop()
        else:
            conflicted |= known
    return unconflicted, conflicted


def _full_conflicted_set(room: _Room, states: Sequence[StateMap], conflicted: set[str]) -> set[str]:
    # With the states' own events, as other servers have it: an event that is part of every state
    # is no difference between them.
    chains = [_with_chains(room, state.values()) for state in states]
    difference = set[str]().union(*chains).difference(set(chains[0]).intersection(*chains))
    full = conflicted | difference
    if room.version.resolves_from_empty:
        full |= _conflicted_subgraph(room, conflicted)
    return {event_id for event_id in full if event_id in room.events}


def _conflicted_subgraph(room: _Room, conflicted: set[str]) -> set[str]:
    """What lies on the ways from one conflicted event back to another."""
    reached = _with_chains(room, conflicted)
    return {
        event_id
        for event_id in reached
        if not conflicted.isdisjoint(_with_chains(room, room.auth_ids(room.events[event_id])))
    }


def _with_chains(
    room: _Room, event_ids: Iterable[str], *, within: AbstractSet[str] | None = None
) -> set[str]:
    """Some events and their auth chains; with `within`, only as far as these stay in a set."""
    found: set[str] = set()
    waiting = list(event_ids)
    while waiting:
        event_id = waiting.pop()
        is_meant = event_id in room.events and (within is None or event_id in within)
        if is_meant and event_id not in found:
            found.add(event_id)
            waiting += room.auth_ids(room.events[event_id])
    return found


def _is_power_event(event: Event) -> bool:
    """Whether an event might take somebody's ability to do something."""
    if event.type in {ROOM_POWER_LEVELS, ROOM_JOIN_RULES}:
        return True
    is_removal = event.content.get("membership") in {"leave", "ban"}
    return event.type == ROOM_MEMBER and is_removal and event.sender != event.state_key


# Orders


def _sort_by_power(room: _Room, event_ids: AbstractSet[str]) -> list[str]:
    """The reverse topological power ordering of a set of events."""
    followers: dict[str, list[str]] = {event_id: [] for event_id in event_ids}
    missing: dict[str, int] = {}
    for event_id in event_ids:
        before = event_ids & set(room.auth_ids(room.events[event_id]))
        missing[event_id] = len(before)
        for earlier in before:
            followers[earlier].append(event_id)
    ready = [_power_key(room, event_id) for event_id, count in missing.items() if not count]
    heapq.heapify(ready)
    ordered: list[str] = []
    while ready:
        event_id = heapq.heappop(ready)[-1]
        ordered.append(event_id)
        for follower in followers[event_id]:
            missing[follower] -= 1
            if not missing[follower]:
                heapq.heappush(ready, _power_key(room, follower))
    assert len(ordered) == len(missing), "events cannot allow one another in a circle"
    return ordered


def _power_key(room: _Room, event_id: str) -> tuple[int, int, str]:
    event = room.events[event_id]
    create = room.create(event)
    level = 0
    if create is not None:
        levels = room.auth_event(event, _LEVELS)
        level = read_power_levels(create, levels, room.version).of(event.sender)
    return (-level, event.origin_server_ts, event_id)


def _sort_by_mainline(room: _Room, event_ids: Collection[str], levels_id: str | None) -> list[str]:
    """The mainline ordering of a set of events, based on a power levels event."""
    mainline = _levels_behind(room, levels_id)
    # From the beginning of the room on, so that an earlier one is less; 0: none of them.
    places = {event_id: place for place, event_id in enumerate(reversed(mainline), 1)}

    def key(event_id: str) -> tuple[int, int, str]:
        event = room.events[event_id]
        own = room.auth_event(event, _LEVELS)
        behind = _levels_behind(room, None if own is None else own.event_id)
        place = next((places[one] for one in behind if one in places), 0)
        return (place, event.origin_server_ts, event_id)

    return sorted(event_ids, key=key)


def _levels_behind(room: _Room, levels_id: str | None) -> list[str]:
    """A power levels event, the one that it rests on, and so on."""
    found: list[str] = []
    while levels_id is not None and levels_id not in found:
        found.append(levels_id)
        before = room.auth_event(room.events[levels_id], _LEVELS)
        levels_id = None if before is None else before.event_id
    return found


# Iterative auth checks


def _apply(room: _Room, state: dict[StateSlot, str], event_ids: Iterable[str]) -> None:
    """Put events into a state, one after the other, where the state allows them."""
    for event_id in event_ids:
        event = room.events[event_id]
        try:
            check_auth(event, _auth_state(room, state, event), room.version)
        except NotAllowed:
            continue
        state[event.slot] = event_id


def _auth_state(room: _Room, state: StateMap, event: Event) -> dict[StateSlot, Event]:
    """What of a state decides about an event; what is missing is taken from its auth events."""
    found = {
        auth.slot: auth for auth in room.auth_events(event) if auth.event_id not in room.rejected
    }
    create = room.create(event)
    if create is not None:
        found[_CREATE] = create
    slots = select_auth_slots(
        event.type, event.state_key, event.sender, event.content, room.version
    )
    for slot in slots:
        standing = room.events.get(state.get(slot, ""))
        if standing is not None:
            found[slot] = standing
    return found
