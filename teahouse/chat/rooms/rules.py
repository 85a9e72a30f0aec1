"""Pure rules of rooms: how a new one begins, and who sees which stretch of its history."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from teahouse.chat.events.types import RoomVersion
from teahouse.chat.rooms.types import CreateRoom, InitialState, Preset
from teahouse.platform.errors import InvalidParam
from teahouse.platform.json import JsonObject

ENCRYPTION_ALGORITHM: Final = "m.megolm.v1.aes-sha2"
# After how long and how many messages clients take a new key: the specification's own defaults.
ROTATION_PERIOD_MS: Final = 604_800_000
ROTATION_PERIOD_MESSAGES: Final = 100
_LOCALPART_LIMIT: Final = 255

_JOIN_RULES: Final[dict[Preset, str]] = {
    "private_chat": "invite",
    "trusted_private_chat": "invite",
    "public_chat": "public",
}


def choose_preset(request: CreateRoom) -> Preset:
    """The preset that holds: the one asked for, or the one that goes with the visibility."""
    if request.preset is not None:
        return request.preset
    return "public_chat" if request.visibility == "public" else "private_chat"


def initial_power_levels(request: CreateRoom, version: RoomVersion, creator: str) -> JsonObject:
    """The content of the first `m.room.power_levels`.

    Source:
        Client-server API, `createRoom`; room version 12 for creators and tombstones.
    """
    users: JsonObject = {} if version.privileged_creators else {creator: 100}
    if choose_preset(request) == "trusted_private_chat" and not version.privileged_creators:
        users |= dict.fromkeys(request.invite, 100)
    events: JsonObject = {
        "m.room.name": 50,
        "m.room.power_levels": 100,
        "m.room.history_visibility": 100,
        "m.room.canonical_alias": 50,
        "m.room.avatar": 50,
        "m.room.tombstone": 150 if version.privileged_creators else 100,
        "m.room.server_acl": 100,
        "m.room.encryption": 100,
    }
    content: JsonObject = {
        "users": users,
        "users_default": 0,
        "events": events,
        "events_default": 0,
        "state_default": 50,
        "ban": 50,
        "kick": 50,
        "redact": 50,
        "invite": 50 if choose_preset(request) == "public_chat" else 0,
        "notifications": {"room": 50},
    }
    return content | request.power_level_content_override


def preset_state(preset: Preset, *, encrypted: bool) -> list[InitialState]:
    """The state events that a preset begins with, and encryption where it is wanted."""
    guest_access = "forbidden" if preset == "public_chat" else "can_join"
    events = [
        InitialState("m.room.join_rules", {"join_rule": _JOIN_RULES[preset]}),
        InitialState("m.room.history_visibility", {"history_visibility": "shared"}),
        InitialState("m.room.guest_access", {"guest_access": guest_access}),
    ]
    if encrypted:
        events.append(
            InitialState(
                "m.room.encryption",
                {
                    "algorithm": ENCRYPTION_ALGORITHM,
                    "rotation_period_ms": ROTATION_PERIOD_MS,
                    "rotation_period_msgs": ROTATION_PERIOD_MESSAGES,
                },
            )
        )
    return events


def merge_initial_state(preset: list[InitialState], request: CreateRoom) -> list[InitialState]:
    """The state events of a new room in their order: what is named later replaces the preset's."""
    named = list(request.initial_state)
    if request.name is not None:
        named.append(InitialState("m.room.name", {"name": request.name}))
    if request.topic is not None:
        named.append(
            InitialState(
                "m.room.topic",
                {"topic": request.topic, "m.topic": {"m.text": [{"body": request.topic}]}},
            )
        )
    merged: dict[tuple[str, str], InitialState] = {}
    for event in [*preset, *named]:
        merged[(event.type, event.state_key)] = event
    return list(merged.values())


_ALIAS: Final = re.compile(r"#[^:\0]+:[^\0]+")


def check_alias(alias: str, server_name: str) -> None:
    """Check that an alias is one of this server.

    Raises:
        InvalidParam: it is not.
    """
    fits = _ALIAS.fullmatch(alias) and len(alias.encode()) <= _LOCALPART_LIMIT
    if not fits or alias.partition(":")[2] != server_name:
        raise InvalidParam(f"Room aliases here look like #name:{server_name}.")


# Who sees which stretch


class Stretch(msgspec.Struct, frozen=True):
    """Positions from `first` to `last`, both included."""

    first: int
    last: int

    def __contains__(self, position: int) -> bool:
        """Whether a position lies in it."""
        return self.first <= position <= self.last


LAST: Final = 2**62


def visible_stretches(
    visibilities: Sequence[tuple[int, str]],
    memberships: Sequence[tuple[int, str]],
) -> list[Stretch]:
    """The stretches of a room's history that a member may see.

    Args:
        visibilities: position and value of each `m.room.history_visibility`, oldest first.
        memberships: position and value of each membership of the member, oldest first.

    Returns:
        Stretches in order, without overlaps.

    Source:
        Client-server API, "Room history visibility": an event is seen by who was joined, or
        invited under `invited`, or joined at some later time under `shared`. A change of the
        visibility, and a change of the member's own membership, is seen by who could see it
        before or after.
    """
    last_join = max((at for at, membership in memberships if membership == "join"), default=-1)
    edges = sorted({0, *(at for at, _ in visibilities), *(at for at, _ in memberships)})
    pieces: list[Stretch] = []
    for edge, next_edge in zip(edges, [*edges[1:], LAST], strict=True):
        if _is_seen(
            _value_at(visibilities, edge, "shared"),
            _value_at(memberships, edge, "leave"),
            joins_later=edge <= last_join,
        ):
            # The edge event that ends the stretch was seen from before it.
            pieces.append(Stretch(edge, next_edge))
    return _merge(pieces)


def _is_seen(visibility: str, membership: str, *, joins_later: bool) -> bool:
    if visibility == "world_readable" or membership == "join":
        return True
    if visibility == "shared":
        return joins_later
    return visibility == "invited" and membership == "invite"


def _value_at(changes: Sequence[tuple[int, str]], position: int, default: str) -> str:
    value = default
    for at, changed in changes:
        if at > position:
            break
        value = changed
    return value


def _merge(pieces: list[Stretch]) -> list[Stretch]:
    merged: list[Stretch] = []
    for piece in pieces:
        if merged and piece.first <= merged[-1].last:
            merged[-1] = Stretch(merged[-1].first, piece.last)
        else:
            merged.append(piece)
    return merged
