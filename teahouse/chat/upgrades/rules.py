"""Pure rules of upgrades: what a room hands on to its replacement."""

from __future__ import annotations

from typing import Final

from teahouse.chat.auth_rules import PowerLevels
from teahouse.chat.event_store.types import RoomState, decode_content
from teahouse.chat.events.types import RoomVersion, StateSlot
from teahouse.platform.json import JsonObject

# The state that is copied, in this order. Client-Server API, "Room upgrades", and this server's
# own rules of rooms; memberships and whatever depends on its sender stay behind.
_COPIED: Final = (
    "m.room.join_rules",
    "m.room.history_visibility",
    "m.room.guest_access",
    "m.room.encryption",
    "m.room.server_acl",
    "m.room.name",
    "m.room.topic",
    "m.room.avatar",
    "m.room.retention",
    "org.teahouse.disappearing",
    "org.teahouse.slow_mode",
)
_ADMINISTRATOR: Final = 100
_MODERATOR: Final = 50
# Of the old create event: these belong to the old room alone.
_OWN: Final = frozenset({"creator", "room_version", "predecessor", "additional_creators"})


def replacement_create(
    old: RoomState, version: RoomVersion, *, sender: str, additional_creators: list[str]
) -> JsonObject:
    """The content of the replacement's create event, without the tombstone's id."""
    content: JsonObject = {
        key: value for key, value in old.content("m.room.create").items() if key not in _OWN
    }
    content |= {"room_version": version.identifier, "predecessor": {"room_id": old.room_id}}
    if version.create_has_creator:
        content["creator"] = sender
    others = [user_id for user_id in dict.fromkeys(additional_creators) if user_id != sender]
    if version.privileged_creators and others:
        content["additional_creators"] = list(others)
    return content


def replacement_levels(
    old: RoomState, levels: PowerLevels, version: RoomVersion, creators: set[str]
) -> JsonObject:
    """The content of the replacement's power levels.

    Args:
        old: the state of the old room.
        levels: in force there.
        version: of the replacement.
        creators: of the replacement.

    Source:
        Room version 12: creators stand in no `users` map; who was above all levels becomes an
        administrator where the version knows no such creators.
    """
    content = old.content("m.room.power_levels")
    users = dict(levels.users)
    if version.privileged_creators:
        users = {user_id: level for user_id, level in users.items() if user_id not in creators}
    else:
        highest = max([_ADMINISTRATOR, *users.values()])
        users |= dict.fromkeys(levels.creators, highest)
    return {**content, "users": dict(users)}


def opening_levels(final: JsonObject, levels: PowerLevels, sender: str) -> JsonObject:
    """Power levels under which the sender can copy the state into the replacement.

    Who may send a tombstone may not send all that is copied; in a room of their own making they
    hold what it takes, until it is done.

    Args:
        final: what `replacement_levels` says.
        levels: in force in the old room.
        sender: the replacement's creator.
    """
    users = final["users"]
    assert isinstance(users, dict)
    needed = max(
        _ADMINISTRATOR,
        levels.state_default,
        levels.ban,
        *levels.events.values(),
        *levels.users.values(),
    )
    return {**final, "users": {**users, sender: needed}}


def closed_levels(old: RoomState, levels: PowerLevels) -> JsonObject:
    """Power levels under which nobody but moderators writes in the old room.

    Source:
        Client-Server API, "Room upgrades": the greater of 50 and `users_default` + 1.
    """
    floor = max(_MODERATOR, levels.users_default + 1)
    return old.content("m.room.power_levels") | {
        "events_default": max(floor, levels.events_default),
        "invite": max(floor, levels.invite),
    }


def copied_state(old: RoomState) -> list[tuple[StateSlot, JsonObject]]:
    """The state that the replacement begins with, in order; emptied events are left out."""
    slots = [(event_type, "") for event_type in _COPIED]
    # A space keeps its rooms.
    slots += sorted(slot for slot in old.others if slot[0] == "m.space.child")
    found = [(slot, old.content(*slot)) for slot in slots]
    return [(slot, content) for slot, content in found if content]


def copied_bans(old: RoomState) -> list[tuple[str, JsonObject]]:
    """Who stays banned, with the content of the ban."""
    return [
        (user_id, decode_content(entry.json))
        for user_id, entry in sorted(old.members.items())
        if entry.membership == "ban"
    ]
