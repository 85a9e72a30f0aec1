"""Rooms, events and rows of tables for the tests of the authorization rules."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec
import pytest

from teahouse.chat.auth_rules import (
    NotAllowed,
    check_auth,
    server_name_of,
)
from teahouse.chat.events import (
    ROOM_VERSIONS,
    Event,
    Json,
    JsonObject,
    RoomVersion,
    StateSlot,
)

V10, V11, V12 = ROOM_VERSIONS["10"], ROOM_VERSIONS["11"], ROOM_VERSIONS["12"]
ALL = (V10, V11, V12)
versions = pytest.mark.parametrize("version", ALL, ids=["v10", "v11", "v12"])

State = Mapping[StateSlot, Event]

CREATOR, ADMIN, MOD = "@creator:tea", "@admin:tea", "@mod:tea"
MEMBER, OTHER = "@member:tea", "@other:tea"
BANNED, INVITED, KNOCKED, LEFT = "@banned:tea", "@invited:tea", "@knocked:tea", "@left:tea"
STRANGER, FOREIGNER = "@stranger:tea", "@foreigner:elsewhere"

MEMBERSHIPS = {
    CREATOR: "join",
    ADMIN: "join",
    MOD: "join",
    MEMBER: "join",
    OTHER: "join",
    BANNED: "ban",
    INVITED: "invite",
    KNOCKED: "knock",
    LEFT: "leave",
    FOREIGNER: "join",
}
LEVELS: JsonObject = {
    "users": {ADMIN: 100, MOD: 50},
    "events": {"m.room.name": 50, "m.room.locked": 100, "m.room.tea": 0},
    "notifications": {"room": 50},
    "invite": 10,
    "kick": 40,
    "ban": 50,
    "redact": 50,
    "users_default": 10,
    "events_default": 10,
    "state_default": 50,
}


def make_event(
    event_type: str,
    sender: str = MEMBER,
    *,
    state_key: str | None = None,
    content: JsonObject | None = None,
    **changes: object,
) -> Event:
    event = Event(
        event_id=f"${event_type}/{state_key}",
        room_id="!room:tea",
        type=event_type,
        sender=sender,
        origin_server_ts=1,
        content=content or {},
        depth=5,
        prev_events=["$before"],
        auth_events=[],
        state_key=state_key,
        signatures={server_name_of(sender): {"ed25519:1": "checked elsewhere"}},
    )
    return msgspec.structs.replace(event, **changes)


def make_create(version: RoomVersion, **content: Json) -> Event:
    if version.create_has_creator:
        content["creator"] = CREATOR
    return make_event(
        "m.room.create",
        CREATOR,
        state_key="",
        content=content,
        event_id="$room:tea",
        prev_events=[],
    )


def make_member(user_id: str, membership: str, sender: str | None = None, **content: Json) -> Event:
    return make_event(
        "m.room.member",
        sender or user_id,
        state_key=user_id,
        content={"membership": membership, **content},
    )


def make_levels(sender: str = MOD, **changes: Json) -> Event:
    content = {**LEVELS, **changes}
    kept: JsonObject = {key: value for key, value in content.items() if value is not None}
    return make_event("m.room.power_levels", sender, state_key="", content=kept)


def make_state(
    version: RoomVersion,
    *,
    join_rule: str | None = "invite",
    levels: Event | None = None,
    create: JsonObject | None = None,
) -> dict[StateSlot, Event]:
    events = [make_create(version, **(create or {})), levels or make_levels(ADMIN)]
    events += [make_member(user_id, membership) for user_id, membership in MEMBERSHIPS.items()]
    if join_rule is not None:
        content: JsonObject = {"join_rule": join_rule}
        events.append(make_event("m.room.join_rules", ADMIN, state_key="", content=content))
    return {event.slot: event for event in events}


def why_not(event: Event, state: State, version: RoomVersion) -> str | None:
    """Tell the reason of the refusal, None if the event is allowed."""
    try:
        check_auth(event, state, version)
    except NotAllowed as refusal:
        return refusal.reason
    return None


def assert_outcome(outcome: str | None, expected: str | None) -> None:
    """Compare with nothing if the event is to be allowed, else with a part of the reason."""
    if expected is None:
        assert outcome is None
    else:
        assert outcome is not None, "allowed"
        assert expected in outcome


class Row(NamedTuple):
    """One event in one room and what comes of it, in some room versions."""

    rule: str
    event: Event
    expected: str | None
    join_rule: str | None = "invite"
    of: tuple[RoomVersion, ...] = ALL


def unpack(rows: list[Row]) -> pytest.MarkDecorator:
    """Make one case of each row and version."""
    cases = [
        pytest.param(row, version, id=f"{row.rule} v{version.identifier}")
        for row in rows
        for version in row.of
    ]
    return pytest.mark.parametrize(("row", "version"), cases)
