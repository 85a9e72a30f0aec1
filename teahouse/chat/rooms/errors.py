"""Why something cannot be done in or with a room.

Refusal
├── Forbidden
│   ├── NotJoined                the requester is not in the room
│   └── NotInvitedYet            a restricted room whose conditions are not met
├── UnsupportedRoomVersion
├── AliasTaken
├── InvalidRoomState             the requested initial state contradicts the rules
└── NotForgettable               only a room that was left can be forgotten
"""

from __future__ import annotations

from teahouse.platform.errors import Forbidden, Refusal


class NotJoined(Forbidden):
    """The requester is not in the room. A room that does not exist looks the same."""

    code = "not-joined"
    message = "You are not in this room."


class UnsupportedRoomVersion(Refusal):
    """A room version this server does not make."""

    code, errcode = "unsupported-room-version", "M_UNSUPPORTED_ROOM_VERSION"
    message = "This server makes rooms of version 10, 11 and 12."


class AliasTaken(Refusal):
    """The alias names another room."""

    code, errcode = "alias-taken", "M_ROOM_IN_USE"
    message = "This room alias is taken."


class InvalidRoomState(Refusal):
    """The requested initial state contradicts the rules of rooms."""

    code, errcode = "invalid-room-state", "M_INVALID_ROOM_STATE"
    message = "The room cannot begin with this state."


class NotForgettable(Refusal):
    """Only a room that was left can be forgotten."""

    code, errcode = "not-forgettable", "M_UNKNOWN"
    message = "Leave the room before you forget it."


class BadState(Refusal):
    """A membership that does not allow this step."""

    status, code, errcode = 403, "bad-state", "M_BAD_STATE"
    message = "The membership does not allow this."


class BadAlias(Refusal):
    """A canonical alias event that names an alias of another room."""

    code, errcode = "bad-alias", "M_BAD_ALIAS"
    message = "The alias does not name this room."
