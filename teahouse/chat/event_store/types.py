"""Events as they are kept and handed on, and the state of a room at one point."""

from __future__ import annotations

from typing import Final

import msgspec

from teahouse.chat.events.types import RoomVersion, StateSlot
from teahouse.platform.json import JsonObject

Membership = str
ABSENT: Final = "leave"
ROOM_MEMBER: Final = "m.room.member"


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An event in the form clients see, ready to be spliced into answers.

    Attributes:
        position: in the stream of all that happens.
        json: the client's form without `room_id` and `unsigned`.
        replaces_position: of the state event whose place it took.
        relates_to: id of the event it relates to, by `m.relates_to`.
        redacted_by: id of the redaction that emptied it.
        attention: what the default push rules may make of it for others: 0 nothing, 1 unread,
            2 perhaps a highlight.
        sender_device, client_txn_id: which request sent it; told only to that device.
        replaced_json: the state event whose place it took, in the same form.
        redaction_json: the redaction that emptied it, in the same form.
    """

    position: int
    event_id: str
    room_id: str
    type: str
    sender: str
    origin_server_ts: int
    json: bytes
    state_key: str | None = None
    replaces_position: int | None = None
    relates_to: str | None = None
    rel_type: str | None = None
    redacted_by: str | None = None
    attention: int = 0
    sender_device: str | None = None
    client_txn_id: str | None = None
    replaced_json: bytes | None = None
    redaction_json: bytes | None = None

    @property
    def slot(self) -> StateSlot:
        """Its place in the room state."""
        assert self.state_key is not None
        return (self.type, self.state_key)


class StateEntry(msgspec.Struct, frozen=True, gc=False):
    """A state event in force.

    Attributes:
        json: the client's form without `room_id` and `unsigned`.
        membership: of a membership event, else empty.
    """

    position: int
    event_id: str
    sender: str
    json: bytes
    membership: Membership = ""


class RoomState(msgspec.Struct, kw_only=True):
    """The state of one room at one point. Never changed: `with_entry` makes the next one.

    Attributes:
        position: up to where it holds at least.
        state_event_id: the last event that changed it.
        members: membership events by member.
        others: all other state events.
        joined: ids of members that are in, in the order of joining.
    """

    room_id: str
    version: RoomVersion
    position: int
    state_event_id: str
    members: dict[str, StateEntry]
    others: dict[StateSlot, StateEntry]
    joined: dict[str, None]

    def get(self, event_type: str, state_key: str = "") -> StateEntry | None:
        """The event that stands in a slot."""
        if event_type == ROOM_MEMBER:
            return self.members.get(state_key)
        return self.others.get((event_type, state_key))

    def content(self, event_type: str, state_key: str = "") -> JsonObject:
        """The content of the event in a slot; empty where there is none."""
        entry = self.get(event_type, state_key)
        return {} if entry is None else decode_content(entry.json)

    def membership(self, user_id: str) -> Membership:
        """A member's membership; `leave` for strangers."""
        entry = self.members.get(user_id)
        return ABSENT if entry is None else entry.membership

    def is_joined(self, user_id: str) -> bool:
        """Whether a member is in the room."""
        return user_id in self.joined

    def entries(self) -> list[StateEntry]:
        """All entries."""
        return [*self.others.values(), *self.members.values()]

    def with_entry(self, slot: StateSlot, entry: StateEntry) -> RoomState:
        """The state after one more state event."""
        members, others, joined = self.members, self.others, self.joined
        if slot[0] == ROOM_MEMBER:
            members = members | {slot[1]: entry}
            if (entry.membership == "join") != (slot[1] in joined):
                joined = dict(joined)
                if entry.membership == "join":
                    joined[slot[1]] = None
                else:
                    del joined[slot[1]]
        else:
            others = others | {slot: entry}
        return RoomState(
            room_id=self.room_id,
            version=self.version,
            position=max(self.position, entry.position),
            state_event_id=entry.event_id,
            members=members,
            others=others,
            joined=joined,
        )


class _Content(msgspec.Struct, gc=False):
    content: JsonObject


_content_decoder = msgspec.json.Decoder(_Content)


def decode_content(event_json: bytes) -> JsonObject:
    """The content of an event in the client's form."""
    return _content_decoder.decode(event_json).content


def splice(event_json: bytes, *, room_id: str | None = None, unsigned: bytes = b"") -> bytes:
    """Put `room_id` and `unsigned` into an event's client form.

    Args:
        event_json: without either.
        room_id: to be added, where the answer does not say it elsewhere.
        unsigned: JSON of the object, or nothing.
    """
    parts = [event_json[:-1]]
    if room_id is not None:
        parts.append(b',"room_id":' + msgspec.json.encode(room_id))
    if unsigned:
        parts.append(b',"unsigned":' + unsigned)
    parts.append(b"}")
    return b"".join(parts)
