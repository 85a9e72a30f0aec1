"""Pure parts of sliding sync: windows, filters, and which state is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from teahouse.chat.event_store.types import RoomState, StateEntry, StoredEvent
from teahouse.chat.sliding_sync.types import ListConfig, ListFilters, RoomConfig, Wanted

TIMELINE_LIMIT_MAX: Final = 100
WINDOW_MAX: Final = 1000
ANY: Final = "*"
ME: Final = "$ME"
LAZY: Final = "$LAZY"
_MEMBER: Final = "m.room.member"
# MSC4186, `bump_stamp`.
BUMP_TYPES: Final = frozenset(
    {
        "m.room.create", "m.room.message", "m.room.encrypted", "m.sticker", "m.call.invite",
        "m.poll.start", "m.beacon_info",
    }
)  # fmt: skip


class ListedRoom(msgspec.Struct, frozen=True):
    """What lists look at.

    Attributes:
        state: None for rooms the member is only invited to or knocks at.
        bump_stamp: position of the last activity.
    """

    room_id: str
    membership: str
    bump_stamp: int
    is_dm: bool
    tags: frozenset[str]
    room_type: str | None
    is_encrypted: bool
    name: str | None
    parents: frozenset[str]


def to_wanted(config: RoomConfig) -> Wanted:
    """What a configuration wants, in one form."""
    required = config.required_state
    if isinstance(required, list):
        state = frozenset(required)
    else:
        state = frozenset((element.type, element.state_key) for element in required.include)
        if required.lazy_members:
            state |= {(_MEMBER, LAZY)}
    return Wanted(min(config.timeline_limit, TIMELINE_LIMIT_MAX), state)


def is_listed(filters: ListFilters, room: ListedRoom) -> bool:
    """Whether a room passes a list's filters."""
    checks: list[tuple[object, bool]] = [
        (filters.is_dm, filters.is_dm == room.is_dm),
        (filters.is_encrypted, filters.is_encrypted == room.is_encrypted),
        (filters.is_invite, filters.is_invite == (room.membership == "invite")),
        (filters.room_types, room.room_type in (filters.room_types or [])),
        (filters.not_room_types, room.room_type not in (filters.not_room_types or [])),
        (filters.tags, not room.tags.isdisjoint(filters.tags or [])),
        (filters.not_tags, room.tags.isdisjoint(filters.not_tags or [])),
        (filters.spaces, not room.parents.isdisjoint(filters.spaces or [])),
        (
            filters.room_name_like,
            (filters.room_name_like or "").casefold() in (room.name or "").casefold(),
        ),
    ]
    return all(passes for asked, passes in checks if asked is not None)


def sort_rooms(rooms: Iterable[ListedRoom]) -> list[ListedRoom]:
    """The most active first."""
    return sorted(rooms, key=lambda room: room.bump_stamp, reverse=True)


def window(config: ListConfig, rooms: Sequence[ListedRoom]) -> list[ListedRoom]:
    """The rooms in the ranges of a list; all of them where it names none."""
    ranges = list(config.ranges or [])
    if config.range is not None:
        ranges.append(config.range)
    if not ranges:
        return list(rooms[:WINDOW_MAX])
    shown: dict[str, ListedRoom] = {}
    for first, last in ranges:
        shown.update({room.room_id: room for room in rooms[first : last + 1][:WINDOW_MAX]})
    return list(shown.values())


def select_state(
    state: RoomState,
    wanted: frozenset[tuple[str, str]],
    events: Sequence[StoredEvent],
    *,
    me: str,
    after: int,
    before: Wanted | None,
) -> list[StateEntry]:
    """The state to be sent: what is wanted and new to the connection.

    Args:
        state: of the room.
        wanted: patterns.
        events: the timeline to be sent, whose senders `$LAZY` means.
        me: whom `$ME` means.
        after: position up to which the connection knows the state.
        before: what the connection wanted then; None where it knows nothing.
    """
    senders = {event.sender for event in events}
    senders |= {e.state_key for e in events if e.type == _MEMBER and e.state_key is not None}
    known = frozenset[tuple[str, str]]() if before is None else before.state
    found: list[StateEntry] = []
    for slot, entry in _slots(state):
        if not _is_wanted(slot, wanted, senders=senders, me=me):
            continue
        is_known = before is not None and _is_wanted(slot, known, senders=set(), me=me)
        is_lazy = (_MEMBER, LAZY) in wanted and slot[0] == _MEMBER and slot[1] in senders
        if entry.position > after or not is_known or is_lazy:
            found.append(entry)
    return found


def _slots(state: RoomState) -> Iterable[tuple[tuple[str, str], StateEntry]]:
    yield from state.others.items()
    for user_id, entry in state.members.items():
        yield (_MEMBER, user_id), entry


def _is_wanted(
    slot: tuple[str, str], wanted: frozenset[tuple[str, str]], *, senders: set[str], me: str
) -> bool:
    event_type, key = slot
    for kind in (event_type, ANY):
        if (kind, ANY) in wanted or (kind, key) in wanted:
            return True
        if key == me and (kind, ME) in wanted:
            return True
    return event_type == _MEMBER and key in senders and (_MEMBER, LAZY) in wanted


def direct_rooms(content: Mapping[str, Any]) -> frozenset[str]:
    """The rooms that `m.direct` names."""
    return frozenset(
        room_id
        for rooms in content.values()
        if isinstance(rooms, list)
        for room_id in rooms
        if isinstance(room_id, str)
    )


def has_secret(events: Sequence[StoredEvent], after: int) -> bool:
    """Whether a room's latest events hold one after a position that encryption may owe an answer.

    Args:
        events: oldest first.
        after: the position.
    """
    for event in reversed(events):
        if event.position <= after:
            return False
        if event.type == "m.room.encrypted" or event.type.startswith("m.key.verification."):
            return True
    return False
