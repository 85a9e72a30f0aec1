"""Rooms without a database: events as the store would hand them on, and states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from teahouse.chat.event_store.queries import state_entry
from teahouse.chat.event_store.types import RoomState, StoredEvent
from teahouse.chat.events.types import ROOM_VERSIONS

ROOM = "!room:teahouse.test"
NOBODY = "@nobody:teahouse.test"


def make_event(
    position: int,
    event_type: str = "m.room.message",
    content: dict[str, Any] | None = None,
    *,
    sender: str = NOBODY,
    state_key: str | None = None,
    replaced: StoredEvent | None = None,
    **more: Any,
) -> StoredEvent:
    """An event at a position; `replaced` is what stood in its slot before."""
    event_id = f"${position}"
    said = {
        "type": event_type,
        "event_id": event_id,
        "sender": sender,
        "origin_server_ts": position,
        "content": content or {},
        **({} if state_key is None else {"state_key": state_key}),
    }
    return StoredEvent(
        position=position,
        event_id=event_id,
        room_id=ROOM,
        type=event_type,
        sender=sender,
        origin_server_ts=position,
        json=msgspec.json.encode(said),
        state_key=state_key,
        replaces_position=None if replaced is None else replaced.position,
        replaced_json=None if replaced is None else replaced.json,
        **more,
    )


def make_member(position: int, user_id: str, membership: str, **more: Any) -> StoredEvent:
    """A membership event."""
    content = {"membership": membership}
    return make_event(position, "m.room.member", content, sender=user_id, state_key=user_id, **more)


def make_line(steps: Sequence[tuple[str, str | None, dict[str, Any]]]) -> list[StoredEvent]:
    """Events of a room in their order, at positions 1, 2, ...

    Args:
        steps: type, state key (None for a message) and content of each.
    """
    events: list[StoredEvent] = []
    standing: dict[tuple[str, str], StoredEvent] = {}
    for position, (event_type, state_key, content) in enumerate(steps, 1):
        replaced = None if state_key is None else standing.get((event_type, state_key))
        sender = state_key if event_type == "m.room.member" and state_key else NOBODY
        event = make_event(
            position, event_type, content, sender=sender, state_key=state_key, replaced=replaced
        )
        if state_key is not None:
            standing[event_type, state_key] = event
        events.append(event)
    return events


def make_state(events: Sequence[StoredEvent]) -> RoomState:
    """The state after some events."""
    state = RoomState(
        room_id=ROOM, version=ROOM_VERSIONS["12"], position=0, state_event_id="",
        members={}, others={}, joined={},
    )  # fmt: skip
    for event in events:
        if event.state_key is not None:
            state = state.with_entry(event.slot, state_entry(event))
    return state
