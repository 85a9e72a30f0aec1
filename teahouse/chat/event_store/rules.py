"""From stored events to what clients see. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

from teahouse.chat.auth_rules import PowerLevels, read_power_levels
from teahouse.chat.event_store.types import ROOM_MEMBER, RoomState, StoredEvent
from teahouse.chat.events.rules import NAME_BYTES_LIMIT, decode_pdu, to_client_json
from teahouse.chat.events.types import Event
from teahouse.chat.push.rules import evaluate
from teahouse.chat.push.types import EventProfile, MemberView, PushRuleset, Verdict
from teahouse.platform.json import JsonObject, decode_json


def to_stored_json(event_id: str, room_id: str, pdu: bytes) -> bytes:
    """The client's form, without `room_id` and `unsigned`, of a stored event."""
    return to_client_json(decode_pdu(event_id, room_id, pdu), room_id=False)


class _MembershipContent(msgspec.Struct):
    membership: Literal["invite", "join", "knock", "leave", "ban"]


class _MembershipEvent(msgspec.Struct):
    content: _MembershipContent


_membership_decoder = msgspec.json.Decoder(_MembershipEvent)


def read_membership(event_json: bytes) -> str:
    """The membership that a membership event sets."""
    return _membership_decoder.decode(event_json).content.membership


class _StateJson(msgspec.Struct):
    event_id: str
    type: str
    sender: str
    origin_server_ts: int
    content: JsonObject
    state_key: str


_state_decoder = msgspec.json.Decoder(_StateJson)


def to_auth_event(room_id: str, event_json: bytes) -> Event:
    """A state event as authorization looks at it: without its place among the others."""
    decoded = _state_decoder.decode(event_json)
    return Event(
        event_id=decoded.event_id,
        room_id=room_id,
        type=decoded.type,
        sender=decoded.sender,
        origin_server_ts=decoded.origin_server_ts,
        content=decoded.content,
        state_key=decoded.state_key,
        depth=0,
        prev_events=[],
        auth_events=[],
    )


def read_relation(content: JsonObject) -> tuple[str | None, str | None]:
    """The event that a content relates to, and how.

    Returns:
        Event id and relation type, or None twice.

    Source:
        Client-server API, "Forming relationships between events".
    """
    relation = content.get("m.relates_to")
    if not isinstance(relation, dict):
        return None, None
    event_id, rel_type = relation.get("event_id"), relation.get("rel_type")
    if not isinstance(event_id, str) or not isinstance(rel_type, str):
        return None, None
    if not _is_name(event_id) or not _is_name(rel_type):
        return None, None
    return event_id, rel_type


def _is_name(text: str) -> bool:
    return 0 < len(text.encode()) <= NAME_BYTES_LIMIT and "\0" not in text


def attention_of(profile: EventProfile) -> int:
    """What the default push rules may make of an event for anybody but its sender.

    Returns:
        0: nothing; 1: unread, the same for all; 2: perhaps a highlight, member by member.
    """
    if profile.for_all is not None:
        return 1 if profile.for_all[0] else 0
    if profile.invited is not None or profile.mentioned or profile.mentions_room:
        return 2
    verdict = profile.unless_mentioned or profile.otherwise
    if profile.body is not None or verdict[1]:
        return 2
    return 1 if verdict[0] else 0


# What an event means to a member


def read_levels(state: RoomState) -> PowerLevels:
    """The power levels of a room."""
    create, levels = state.get("m.room.create"), state.get("m.room.power_levels")
    assert create is not None
    return read_power_levels(
        to_auth_event(state.room_id, create.json),
        None if levels is None else to_auth_event(state.room_id, levels.json),
        state.version,
    )


def display_name(state: RoomState, user_id: str) -> str | None:
    """The name a member has in a room."""
    name = state.content(ROOM_MEMBER, user_id).get("displayname")
    return name if isinstance(name, str) else None


def judge(
    event: StoredEvent, ruleset: PushRuleset, state: RoomState, levels: PowerLevels, user_id: str
) -> Verdict:
    """What an event means to a member, by all of their rules.

    Args:
        event: the event.
        ruleset: of the member, from `build_ruleset`.
        state: of the room.
        levels: of the room, from `read_levels`.
        user_id: the member.
    """
    view = MemberView(
        user_id=user_id,
        display_name=display_name(state, user_id),
        member_count=len(state.joined),
        sender_power_level=levels.of(event.sender),
        notification_levels=levels.notifications,
    )
    content = decode_json(event.json) | {"room_id": event.room_id}
    return evaluate(content, ruleset, view)
