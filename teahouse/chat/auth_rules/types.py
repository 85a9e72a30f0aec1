"""What the members of a room may do, as levels. Knows neither rooms nor the database."""

from typing import Final

import msgspec

CREATOR_LEVEL: Final = 2**53
"""The level of creators where they are privileged: one more than any number in an event."""


class PowerLevels(msgspec.Struct, frozen=True, kw_only=True):
    """The power levels that hold in a room, with all defaults filled in.

    Attributes:
        creators: who stand above all levels; empty before room version 12.
        users: levels of single members.
        users_default: level of everyone else.
        events: level needed to send an event of a type.
        events_default: level needed for other message events.
        state_default: level needed for other state events.
        ban: level needed to ban, and to unban.
        kick: level needed to remove a member.
        redact: level needed to redact what others have sent.
        invite: level needed to invite.
        notifications: level needed to notify all, by kind, such as `room`.

    Source:
        Client-server API, `m.room.power_levels`.
    """

    creators: frozenset[str] = frozenset()
    users: dict[str, int] = {}
    users_default: int = 0
    events: dict[str, int] = {}
    events_default: int = 0
    state_default: int = 50
    ban: int = 50
    kick: int = 50
    redact: int = 50
    invite: int = 0
    notifications: dict[str, int] = {}

    def of(self, user_id: str) -> int:
        """Return the level of a user, in the room or not."""
        if user_id in self.creators:
            return CREATOR_LEVEL
        return self.users.get(user_id, self.users_default)

    def needed_to_send(self, event_type: str, *, is_state: bool) -> int:
        """Return the level needed to send an event of a type; not of memberships."""
        default = self.state_default if is_state else self.events_default
        return self.events.get(event_type, default)

    def notification(self, key: str) -> int:
        """Return the level needed for a kind of notification, 50 where none is set."""
        return self.notifications.get(key, 50)
