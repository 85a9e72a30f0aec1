"""Why an event cannot be appended.

Refusal
├── Forbidden        the room's authorization rules (platform.errors)
├── BadJson          a content that canonical JSON cannot carry (platform.errors)
├── TooLarge         over the size limits (platform.errors)
├── RoomNotFound     no such room, or none the requester may know of
└── RoomBlocked      the operator has shut the room
"""

from __future__ import annotations

from teahouse.platform.errors import Forbidden, NotFound


class RoomNotFound(NotFound):
    """No such room."""

    code = "room-not-found"
    message = "There is no such room."


class RoomBlocked(Forbidden):
    """The operator has shut the room."""

    code = "room-blocked"
    message = "The operator of this server has closed this room."
