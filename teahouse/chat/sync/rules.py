"""Pure parts of `/sync`: which state, which members, in which form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from typing import Any, Final, TypeVar

import msgspec

from teahouse.chat.event_store.queries import MembershipRow
from teahouse.chat.event_store.rules import read_membership
from teahouse.chat.event_store.types import (
    ROOM_MEMBER,
    RoomState,
    StateEntry,
    StoredEvent,
    decode_content,
    splice,
)
from teahouse.chat.filters.rules import matches_event, pick_fields
from teahouse.chat.filters.types import (
    ALL_EVENTS,
    ALL_ROOM_EVENTS,
    EventFilter,
    FilteredEvent,
)
from teahouse.platform.json import JsonObject, decode_json, encode_json

HEROES_MAX: Final = 5
# Client-Server API, "Stripped state": what tells an invited member which room it is.
STRIPPED_TYPES: Final = (
    "m.room.create",
    "m.room.join_rules",
    "m.room.canonical_alias",
    "m.room.avatar",
    "m.room.encryption",
    "m.room.name",
    "m.room.topic",
)

E = TypeVar("E", StoredEvent, StateEntry)


class _Head(msgspec.Struct):
    type: str
    sender: str
    content: JsonObject


_head_decoder = msgspec.json.Decoder(_Head)


def filter_events(
    wanted: EventFilter, events: Sequence[E], *, room_id: str | None = None
) -> list[E]:
    """The events that pass a filter."""
    if wanted == ALL_ROOM_EVENTS or not _looks_at_events(wanted):
        return list(events)
    return [event for event in events if matches_event(wanted, _view(event, room_id or ""))]


def _looks_at_events(wanted: EventFilter) -> bool:
    """Whether a filter says more than how many, and how members are loaded."""
    return any(
        getattr(wanted, name) != getattr(ALL_ROOM_EVENTS, name)
        for name in ("types", "not_types", "senders", "not_senders", "rooms", "not_rooms",
                     "contains_url")
    )  # fmt: skip


def _view(event: StoredEvent | StateEntry, room_id: str) -> FilteredEvent:
    head = _head_decoder.decode(event.json)
    return FilteredEvent(head.type, head.sender, getattr(event, "room_id", room_id), head.content)


def filter_entries(wanted: EventFilter, entries: list[JsonObject]) -> list[JsonObject]:
    """The same for what is no event: account data, typing, receipts."""
    if wanted in (ALL_EVENTS, ALL_ROOM_EVENTS):
        return entries
    return [entry for entry in entries if matches_event(wanted, FilteredEvent(str(entry["type"])))]


def is_window_visible(state: RoomState, row: MembershipRow, window: Sequence[StoredEvent]) -> bool:
    """Whether a joined member sees every event of a window that reaches to the end.

    Only says yes where that follows from what is at hand; no means: ask the database.
    """
    if not window or row.position <= window[0].position:
        return True
    # Under `shared` and `world_readable` whoever is in now sees what was said before.
    values = {_visibility_of(state.content(_VISIBILITY))}
    for event in window:
        if event.type == _VISIBILITY and event.state_key == "":
            before = event.replaced_json
            values.add(_visibility_of({} if before is None else decode_content(before)))
    return values <= {"shared", "world_readable"}


_VISIBILITY: Final = "m.room.history_visibility"


def _visibility_of(content: JsonObject) -> object:
    return content.get("history_visibility", "shared")


def state_before(
    state: RoomState, timeline: Sequence[StoredEvent], *, after: int, up_to: int
) -> list[StateEntry]:
    """The state before a timeline that reaches to the end, as far as it changed after `after`.

    What changed within the timeline is replaced by what stood there before.
    """
    first = timeline[0].position if timeline else up_to + 1
    found = [entry for entry in state.entries() if after < entry.position < first]
    seen: set[tuple[str, str]] = set()
    for event in timeline:
        if event.state_key is None or event.slot in seen:
            continue
        seen.add(event.slot)
        replaced = event.replaces_position
        if replaced is not None and replaced > after and event.replaced_json is not None:
            found.append(
                _entry_of_json(event.replaced_json, replaced, is_member=event.type == ROOM_MEMBER)
            )
    return found


class _Ids(msgspec.Struct):
    event_id: str
    sender: str


_ids_decoder = msgspec.json.Decoder(_Ids)


def _entry_of_json(event_json: bytes, position: int, *, is_member: bool) -> StateEntry:
    ids = _ids_decoder.decode(event_json)
    membership = read_membership(event_json) if is_member else ""
    return StateEntry(position, ids.event_id, ids.sender, event_json, membership)


class _StateForm(msgspec.Struct):
    type: str
    state_key: str
    sender: str
    content: msgspec.Raw


_state_form_decoder = msgspec.json.Decoder(_StateForm)


def apply_lazy_loading(
    state: RoomState,
    entries: Sequence[StateEntry],
    events: Iterable[StoredEvent],
    *,
    me: str | None,
    known: Set[str],
) -> tuple[list[StateEntry], set[str]]:
    """Leave out the members that the events do not need, and add those they do.

    Of a room that is known already the entries are what has changed: memberships among them are
    all sent, since a client that missed one would encrypt for devices of who has left.

    Args:
        state: of the room.
        entries: the state to be sent.
        events: the timeline to be sent.
        me: who asks, where the room is new to them: their own membership and the heroes' are
            needed too, and those that the timeline changes.
        known: members that this device has been told of.

    Returns:
        The state to be sent, and the members that it tells of.
    """
    needed = dict.fromkeys(event.sender for event in events)
    if me is None:
        kept = list(entries)
    else:
        kept = [entry for entry in entries if not entry.membership]
        needed[me] = None
        needed.update(dict.fromkeys(_heroes(state, me)))
        changed = (e.state_key for e in events if e.type == ROOM_MEMBER and e.state_key)
        needed.update(dict.fromkeys(changed))
    told = {_state_form_decoder.decode(e.json).state_key for e in kept if e.membership}
    for user_id in needed:
        entry = state.members.get(user_id)
        if entry is not None and user_id not in known and user_id not in told:
            kept.append(entry)
            told.add(user_id)
    return kept, told


def choose_heroes(state: RoomState, me: str) -> dict[str, Any]:
    """The `summary` of a room: counts, and members to name it by where it has no name.

    Source: Client-Server API, "Calculating the display name for a room".
    """
    invited = sum(entry.membership == "invite" for entry in state.members.values())
    summary: dict[str, Any] = {
        "m.joined_member_count": len(state.joined),
        "m.invited_member_count": invited,
    }
    heroes = _heroes(state, me)
    if heroes:
        summary["m.heroes"] = heroes
    return summary


def _heroes(state: RoomState, me: str) -> list[str]:
    if state.content("m.room.name").get("name"):
        return []
    if state.content("m.room.canonical_alias").get("alias"):
        return []
    here = [u for u, e in state.members.items() if e.membership in {"join", "invite"} and u != me]
    if here:
        return here[:HEROES_MAX]
    return [user_id for user_id in state.members if user_id != me][:HEROES_MAX]


def stripped_state(state: RoomState, own: StateEntry) -> list[_StateForm]:
    """What an invited or knocking member is told of the room, their own membership last."""
    entries = [state.get(event_type) for event_type in STRIPPED_TYPES]
    inviter = state.members.get(own.sender)
    wanted = [*entries, inviter if inviter is not own else None, own]
    return [_state_form_decoder.decode(entry.json) for entry in wanted if entry is not None]


def client_event(
    event: StoredEvent,
    *,
    now: int,
    own_device: str | None = None,
    bundle: bytes | None = None,
    fields: Iterable[str] | None = None,
    room_id: str | None = None,
) -> msgspec.Raw:
    """An event as a client gets it.

    Args:
        event: the event.
        now: the instant of the answer, for `age`.
        own_device: the reader's device, where the reader is the sender: told the transaction id.
        bundle: JSON of `m.relations`.
        fields: the parts of the event that the filter asks for.
        room_id: to be said, where the answer does not say it elsewhere.

    Source: Client-Server API, "Room event format", `UnsignedData`.
    """
    parts = [b'{"age":%d' % max(0, now - event.origin_server_ts)]
    if event.client_txn_id is not None and own_device and event.sender_device == own_device:
        parts.append(b',"transaction_id":' + encode_json(event.client_txn_id))
    if event.replaced_json is not None:
        parts.append(_replaced_part(event.replaced_json))
    if event.redaction_json is not None:
        because = splice(event.redaction_json, room_id=event.room_id)
        parts.append(b',"redacted_because":' + because)
    if bundle is not None:
        parts.append(b',"m.relations":' + bundle)
    parts.append(b"}")
    rendered = splice(event.json, room_id=room_id, unsigned=b"".join(parts))
    if fields is not None:
        rendered = encode_json(pick_fields(decode_json(rendered), fields))
    return msgspec.Raw(rendered)


class _Replaced(msgspec.Struct):
    event_id: str
    sender: str
    content: msgspec.Raw


_replaced_decoder = msgspec.json.Decoder(_Replaced)


def _replaced_part(event_json: bytes) -> bytes:
    replaced = _replaced_decoder.decode(event_json)
    return b',"prev_content":%b,"prev_sender":%b,"replaces_state":%b' % (
        bytes(replaced.content),
        encode_json(replaced.sender),
        encode_json(replaced.event_id),
    )
