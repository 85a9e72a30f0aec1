"""What clients ask for when they make and change rooms."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from teahouse.platform.json import JsonObject

Preset: TypeAlias = Literal["private_chat", "public_chat", "trusted_private_chat"]


class InitialState(msgspec.Struct, frozen=True):
    """A state event to begin with."""

    type: str
    content: JsonObject
    state_key: str = ""


class CreateRoom(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `createRoom`; see the specification."""

    visibility: Literal["public", "private"] = "private"
    room_alias_name: str | None = None
    name: str | None = None
    topic: str | None = None
    invite: list[str] = []
    invite_3pid: list[JsonObject] = []
    room_version: str | None = None
    creation_content: JsonObject = {}
    initial_state: list[InitialState] = []
    preset: Preset | None = None
    is_direct: bool = False
    power_level_content_override: JsonObject = {}


class MembershipChange(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's membership is to change.

    Attributes:
        sender: who changes it.
        target: whose it is.
        reason: told to the room.
        content: further members of the event's content.
    """

    room_id: str
    sender: str
    target: str
    membership: Literal["invite", "join", "knock", "leave", "ban"]
    reason: str | None = None
    content: JsonObject = {}
