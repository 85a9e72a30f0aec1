"""Who may send which event. Pure: told the room state, knows neither rooms nor database.

The comments give the numbers of the rules as room version 11 counts them. Version 10 counts
the same; from the second rule on, version 12 counts one more.

Source:
    Matrix specification, room versions 10, 11 and 12, "Authorisation rules".
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple, TypeGuard, cast

from teahouse.chat.auth_rules.errors import NotAllowed
from teahouse.chat.auth_rules.types import PowerLevels
from teahouse.chat.events.rules import check_json_signature, compute_room_id
from teahouse.chat.events.types import (
    ROOM_CREATE,
    ROOM_JOIN_RULES,
    ROOM_MEMBER,
    ROOM_POWER_LEVELS,
    ROOM_THIRD_PARTY_INVITE,
    ROOM_VERSIONS,
    Event,
    Json,
    JsonObject,
    RoomVersion,
    StateSlot,
)

AUTHORISED_VIA: Final = "join_authorised_via_users_server"

USER_ID_BYTES_LIMIT: Final = 255
"""Appendix "User Identifiers"."""

THIRD_PARTY_CHECKS_LIMIT: Final = 100
"""Ours: how many pairs of signature and key are tried for one invite. An honest one has a
handful; without a limit, 64 KiB of signatures would keep a core busy for minutes."""


def select_auth_slots(
    event_type: str,
    state_key: str | None,
    sender: str,
    content: JsonObject,
    version: RoomVersion,
) -> list[StateSlot]:
    """List the places in the room state that decide whether an event is allowed.

    Args:
        event_type: of the event.
        state_key: of a state event, else None.
        sender: full user id.
        content: of the event.
        version: of its room.

    Returns:
        Slots without duplicates; those that are filled go into `auth_events`. The create
        event is not among them in version 12, though `check_auth` wants it in the state.

    Source:
        Server-server API, "Auth events selection".
    """
    if event_type == ROOM_CREATE:
        return []
    slots = [(ROOM_POWER_LEVELS, ""), (ROOM_MEMBER, sender)]
    if not version.room_id_is_create_hash:
        slots.insert(0, (ROOM_CREATE, ""))
    if event_type == ROOM_MEMBER and state_key is not None:
        if state_key != sender:
            slots.append((ROOM_MEMBER, state_key))
        slots.extend(_select_for_membership(content, version))
    return list(dict.fromkeys(slots))


def _select_for_membership(content: JsonObject, version: RoomVersion) -> Iterator[StateSlot]:
    membership = content.get("membership")
    if membership in ("join", "invite", "knock"):
        yield (ROOM_JOIN_RULES, "")
    if membership == "invite":
        token = _get(_get(content.get("third_party_invite"), "signed"), "token")
        if isinstance(token, str):
            yield (ROOM_THIRD_PARTY_INVITE, token)
    if membership == "join" and version.restricted_join:
        authoriser = content.get(AUTHORISED_VIA)
        if isinstance(authoriser, str):
            yield (ROOM_MEMBER, authoriser)


class _Room(NamedTuple):
    """What the rules look at."""

    create: Event
    levels: PowerLevels
    state: Mapping[StateSlot, Event]
    version: RoomVersion


def check_auth(event: Event, state: Mapping[StateSlot, Event], version: RoomVersion) -> None:
    """Check an event against the authorization rules of its room.

    That an event is well signed by its sender's server, and that its auth events are the
    right ones (`check_auth_events`), is checked elsewhere. A server named in
    `join_authorised_via_users_server` must have signed; that its signature is valid is
    for whoever receives the event to check.

    Args:
        event: to be checked.
        state: the room state before the event; the create event and what stands in
            `select_auth_slots` is enough.
        version: of the room.

    Raises:
        NotAllowed: a rule stands against it.
    """
    if event.type == ROOM_CREATE:
        _check_create(event, version)
        return
    room = _look_at_room(event, state, version)
    if event.type == ROOM_MEMBER:
        _check_member(event, room)
        return

    # Rule 5.
    if _find_membership(room, event.sender) != "join":
        raise NotAllowed("The sender is not in the room.")
    sender_level = room.levels.of(event.sender)
    # Rule 6: the level for invites counts and no other.
    if event.type == ROOM_THIRD_PARTY_INVITE:
        _need(sender_level, room.levels.invite, "invite")
        return
    # Rule 7.
    needed = room.levels.needed_to_send(event.type, is_state=event.is_state)
    _need(sender_level, needed, f"send {event.type}")
    # Rule 8.
    if _is_anothers_state_key(event):
        raise NotAllowed("A state key that starts with @ must be the sender's own id.")
    if event.type == ROOM_POWER_LEVELS:
        _check_power_levels(event, room)


def _is_anothers_state_key(event: Event) -> bool:
    state_key = event.state_key
    return state_key is not None and state_key.startswith("@") and state_key != event.sender


def _need(level: int, needed: int, deed: str) -> None:
    if level < needed:
        raise NotAllowed(f"To {deed}, level {needed} is needed; the sender has {level}.")


def _check_create(event: Event, version: RoomVersion) -> None:
    # Rule 1.
    if event.prev_events:
        raise NotAllowed("A room is created by its first event only.")
    if version.room_id_is_create_hash:
        # A create event that names a room has a hash that cannot be that name.
        if event.room_id != compute_room_id(event.event_id):
            raise NotAllowed("A create event of this room version must not name a room.")
    elif server_name_of(event.room_id) != server_name_of(event.sender):
        raise NotAllowed("A room id must name the server of the room's creator.")
    _check_create_content(event.content, version)


def _check_create_content(content: JsonObject, version: RoomVersion) -> None:
    if "room_version" in content:
        identifier = content["room_version"]
        if not isinstance(identifier, str) or identifier not in ROOM_VERSIONS:
            raise NotAllowed("The room version is not known.")
    if version.create_has_creator and "creator" not in content:
        raise NotAllowed("A create event of this room version must name the creator.")
    if version.privileged_creators and "additional_creators" in content:
        additional = content["additional_creators"]
        if not isinstance(additional, list) or not all(map(is_user_id, additional)):
            raise NotAllowed("additional_creators must be a list of user ids.")


def _look_at_room(event: Event, state: Mapping[StateSlot, Event], version: RoomVersion) -> _Room:
    create = state.get((ROOM_CREATE, ""))
    # Rule 2, and rule 2 of version 12.
    if create is None:
        raise NotAllowed("The room has not been created.")
    by_hash = version.room_id_is_create_hash
    room_id = compute_room_id(create.event_id) if by_hash else create.room_id
    if event.room_id != room_id:
        raise NotAllowed("The event is of another room.")
    # Rule 3.
    is_local = server_name_of(event.sender) == server_name_of(create.sender)
    if not is_local and create.content.get("m.federate") is False:
        raise NotAllowed("The room is closed to users of other servers.")
    levels = read_power_levels(create, state.get((ROOM_POWER_LEVELS, "")), version)
    return _Room(create, levels, state, version)


def _find_membership(room: _Room, user_id: str) -> str:
    event = room.state.get((ROOM_MEMBER, user_id))
    membership = None if event is None else event.content.get("membership")
    return membership if isinstance(membership, str) else "leave"


def _find_join_rule(room: _Room) -> Json:
    event = room.state.get((ROOM_JOIN_RULES, ""))
    return "invite" if event is None else event.content.get("join_rule")


# --- Rule 4: memberships ------------------------------------------------------------------


def _check_member(event: Event, room: _Room) -> None:
    target, membership = event.state_key, event.content.get("membership")
    # Rule 4.1.
    if target is None or membership is None:
        raise NotAllowed("A membership event needs a state key and a membership.")
    # Rule 4.2.
    if AUTHORISED_VIA in event.content:
        authoriser = event.content[AUTHORISED_VIA]
        if not isinstance(authoriser, str) or server_name_of(authoriser) not in event.signatures:
            raise NotAllowed(f"The server in {AUTHORISED_VIA} has not signed the event.")
    # Rules 4.3 to 4.8.
    check = _MEMBERSHIP_CHECKS.get(membership) if isinstance(membership, str) else None
    if check is None:
        raise NotAllowed("The membership is not known.")
    check(event, room, target)


def _check_join(event: Event, room: _Room, target: str) -> None:
    # Rule 4.3.1.
    if event.prev_events == [room.create.event_id] and target == _creator_of(room):
        return
    # Rule 4.3.2.
    if event.sender != target:
        raise NotAllowed("Nobody can join in another's name.")
    membership = _find_membership(room, target)
    # Rule 4.3.3.
    if membership == "ban":
        raise NotAllowed("The sender is banned from the room.")
    # Rules 4.3.4 to 4.3.7. Whoever is in or invited may join under all rules that are known.
    join_rule = _find_join_rule(room)
    if join_rule == "public":
        return
    restricted = _is_restricted(join_rule, room.version)
    if not restricted and join_rule not in ("invite", "knock"):
        raise NotAllowed("The room has a join rule under which nobody can join.")
    if membership in ("join", "invite"):
        return
    if not restricted:
        raise NotAllowed("The sender is not invited to the room.")
    _check_authoriser(event, room)


def _creator_of(room: _Room) -> Json:
    if room.version.create_has_creator:
        return room.create.content.get("creator")
    return room.create.sender


def _is_restricted(join_rule: Json, version: RoomVersion) -> bool:
    if join_rule == "knock_restricted":
        return version.knock_restricted
    return join_rule == "restricted" and version.restricted_join


def _check_authoriser(event: Event, room: _Room) -> None:
    # Rule 4.3.5.2.
    authoriser = event.content.get(AUTHORISED_VIA)
    if not isinstance(authoriser, str):
        raise NotAllowed("The sender is neither invited nor authorised to join the room.")
    if _find_membership(room, authoriser) != "join":
        raise NotAllowed("Who authorises the join is not in the room.")
    if room.levels.of(authoriser) < room.levels.invite:
        raise NotAllowed("Who authorises the join may not invite to the room.")


def _check_invite(event: Event, room: _Room, target: str) -> None:
    # Rule 4.4.1.
    if "third_party_invite" in event.content:
        _check_third_party_invite(event, room, target)
        return
    # Rules 4.4.2 to 4.4.5.
    _check_sender_joined(event, room)
    membership = _find_membership(room, target)
    if membership == "join":
        raise NotAllowed("The invited user is in the room already.")
    if membership == "ban":
        raise NotAllowed("The invited user is banned from the room.")
    _need(room.levels.of(event.sender), room.levels.invite, "invite")


def _check_sender_joined(event: Event, room: _Room) -> None:
    if _find_membership(room, event.sender) != "join":
        raise NotAllowed("The sender is not in the room.")


def _check_third_party_invite(event: Event, room: _Room, target: str) -> None:
    # Rules 4.4.1.1 to 4.4.1.8.
    if _find_membership(room, target) == "ban":
        raise NotAllowed("The invited user is banned from the room.")
    signed = _get(event.content["third_party_invite"], "signed")
    if not isinstance(signed, dict):
        raise NotAllowed("The third-party invite is not signed.")
    mxid, token = signed.get("mxid"), signed.get("token")
    if mxid is None or not isinstance(token, str):
        raise NotAllowed("The third-party invite has no mxid or no token.")
    if mxid != target:
        raise NotAllowed("The third-party invite is for another user.")
    invite = room.state.get((ROOM_THIRD_PARTY_INVITE, token))
    if invite is None:
        raise NotAllowed("The room has no third-party invite with this token.")
    if invite.sender != event.sender:
        raise NotAllowed("The third-party invite is from another sender.")
    if not _is_signed_by_any(signed, _list_public_keys(invite.content)):
        raise NotAllowed("The third-party invite has no valid signature.")


def _list_public_keys(content: JsonObject) -> list[str]:
    listed = content.get("public_keys")
    keys = [_get(key, "public_key") for key in listed] if isinstance(listed, list) else []
    return [key for key in (content.get("public_key"), *keys) if isinstance(key, str)]


def _is_signed_by_any(signed: JsonObject, public_keys: Collection[str]) -> bool:
    signatures = signed.get("signatures")
    if not isinstance(signatures, dict):
        return False
    tried_count = 0
    for server_name, by_key in signatures.items():
        for key_id in by_key if isinstance(by_key, dict) else ():
            for public_key in public_keys:
                if tried_count == THIRD_PARTY_CHECKS_LIMIT:
                    return False
                tried_count += 1
                if check_json_signature(
                    signed, server_name=server_name, key_id=key_id, public_key=public_key
                ):
                    return True
    return False


def _check_leave(event: Event, room: _Room, target: str) -> None:
    # Rule 4.5.1.
    if event.sender == target:
        if _find_membership(room, target) not in ("invite", "join", "knock"):
            raise NotAllowed("The sender is not in the room, not invited and has not knocked.")
        return
    # Rules 4.5.2 to 4.5.5.
    _check_sender_joined(event, room)
    sender_level = room.levels.of(event.sender)
    if _find_membership(room, target) == "ban":
        _need(sender_level, room.levels.ban, "lift a ban")
    _need(sender_level, room.levels.kick, "remove a member")
    _check_outranks(sender_level, room, target)


def _check_outranks(sender_level: int, room: _Room, target: str) -> None:
    if room.levels.of(target) >= sender_level:
        raise NotAllowed("The sender's level is not above that of the other user.")


def _check_ban(event: Event, room: _Room, target: str) -> None:
    # Rule 4.6.
    _check_sender_joined(event, room)
    sender_level = room.levels.of(event.sender)
    _need(sender_level, room.levels.ban, "ban")
    _check_outranks(sender_level, room, target)


def _check_knock(event: Event, room: _Room, target: str) -> None:
    # Rule 4.7.
    knock_rules = ("knock", "knock_restricted") if room.version.knock_restricted else ("knock",)
    if _find_join_rule(room) not in knock_rules:
        raise NotAllowed("The room takes no knocks.")
    if event.sender != target:
        raise NotAllowed("Nobody can knock in another's name.")
    if _find_membership(room, target) in ("ban", "invite", "join"):
        raise NotAllowed("The sender is banned, invited or in the room already.")


_MEMBERSHIP_CHECKS: Final[dict[str, Callable[[Event, _Room, str], None]]] = {
    "join": _check_join,
    "invite": _check_invite,
    "leave": _check_leave,
    "ban": _check_ban,
    "knock": _check_knock,
}


# --- Rule 9: power levels -----------------------------------------------------------------

_SINGLE_LEVELS: Final = (
    "users_default",
    "events_default",
    "state_default",
    "ban",
    "redact",
    "kick",
    "invite",
)


def read_power_levels(
    create: Event, power_levels: Event | None, version: RoomVersion
) -> PowerLevels:
    """Work out the levels that hold in a room.

    Args:
        create: the room's create event.
        power_levels: the `m.room.power_levels` event of the room state, if there is one.
        version: of the room.

    Returns:
        All levels with their defaults.

    Source:
        Client-server API, `m.room.power_levels`; room version 12 for creators.
    """
    creators = list_creators(create, version)
    privileged = creators if version.privileged_creators else frozenset[str]()
    if power_levels is None:
        users = {} if version.privileged_creators else dict.fromkeys(creators, 100)
        return PowerLevels(creators=privileged, users=users)
    content = power_levels.content
    return PowerLevels(
        creators=privileged,
        users=_read_levels(content, "users"),
        users_default=_read_level(content, "users_default", 0),
        events=_read_levels(content, "events"),
        events_default=_read_level(content, "events_default", 0),
        state_default=_read_level(content, "state_default", 50),
        ban=_read_level(content, "ban", 50),
        kick=_read_level(content, "kick", 50),
        redact=_read_level(content, "redact", 50),
        invite=_read_level(content, "invite", 0),
        notifications=_read_levels(content, "notifications"),
    )


def list_creators(create: Event, version: RoomVersion) -> frozenset[str]:
    """Name the creators of a room.

    Args:
        create: the room's create event.
        version: of the room.

    Returns:
        One user id; in version 12 perhaps more.
    """
    if version.create_has_creator:
        creator = create.content.get("creator")
        return frozenset([creator] if isinstance(creator, str) else [])
    if version.privileged_creators:
        additional = create.content.get("additional_creators")
        if isinstance(additional, list):
            return frozenset(
                [create.sender, *(user for user in additional if isinstance(user, str))]
            )
    return frozenset([create.sender])


def _read_level(content: JsonObject, key: str, default: int) -> int:
    value = content.get(key)
    return value if type(value) is int else default


def _read_levels(content: JsonObject, key: str) -> dict[str, int]:
    # Rules 9.1 to 9.3 have let only integers into the room state. So a map of thousands of
    # users is not gone through for every message.
    value = content.get(key)
    return cast("dict[str, int]", value) if isinstance(value, dict) else {}


def _check_power_levels(event: Event, room: _Room) -> None:
    if room.version.integer_power_levels:
        _check_levels_are_integers(event.content)
    # Rule 9.3.
    users = event.content.get("users", {})
    if not _holds_integers(users) or not all(map(is_user_id, users)):
        raise NotAllowed("users must map user ids to integers.")
    # Rule 10.4 of version 12.
    if not room.levels.creators.isdisjoint(users):
        raise NotAllowed("Creators stand above all levels and may not be listed in users.")
    # Rule 9.4.
    earlier = room.state.get((ROOM_POWER_LEVELS, ""))
    if earlier is not None:
        sender_level = room.levels.of(event.sender)
        _check_level_changes(earlier.content, event.content, sender_level)
        _check_user_changes(earlier.content, event, sender_level)


def _check_levels_are_integers(content: JsonObject) -> None:
    # Rules 9.1 and 9.2.
    for key in _SINGLE_LEVELS:
        if key in content and type(content[key]) is not int:
            raise NotAllowed(f"{key} must be an integer.")
    for key in ("events", "notifications"):
        if not _holds_integers(content.get(key, {})):
            raise NotAllowed(f"{key} must map names to integers.")


def _holds_integers(value: Json) -> TypeGuard[dict[str, int]]:
    # A bool is an int to isinstance, but not to the specification.
    return isinstance(value, dict) and all(type(level) is int for level in value.values())


def _check_level_changes(earlier: JsonObject, new: JsonObject, sender_level: int) -> None:
    # Rules 9.5 to 9.7.
    singles = _list_changes(_pick_single_levels(earlier), _pick_single_levels(new))
    events = _list_changes(_read_levels(earlier, "events"), _read_levels(new, "events"))
    notifications = _list_changes(
        _read_levels(earlier, "notifications"), _read_levels(new, "notifications")
    )
    for key, old_level, new_level in (*singles, *events, *notifications):
        if old_level is not None and old_level > sender_level:
            raise NotAllowed(f"The level of {key} is above the sender's own.")
        if new_level is not None and new_level > sender_level:
            raise NotAllowed(f"The new level of {key} would be above the sender's own.")


def _pick_single_levels(content: JsonObject) -> dict[str, int]:
    return {key: cast("int", content[key]) for key in _SINGLE_LEVELS if key in content}


def _check_user_changes(earlier: JsonObject, event: Event, sender_level: int) -> None:
    changes = _list_changes(_read_levels(earlier, "users"), _read_levels(event.content, "users"))
    for user_id, old_level, new_level in changes:
        # Rule 9.8.
        if user_id != event.sender and old_level is not None and old_level >= sender_level:
            raise NotAllowed(f"The sender's level is not above that of {user_id}.")
        # Rule 9.9.
        if new_level is not None and new_level > sender_level:
            raise NotAllowed(f"The new level of {user_id} would be above the sender's own.")


def _list_changes(
    earlier: Mapping[str, int], new: Mapping[str, int]
) -> Iterator[tuple[str, int | None, int | None]]:
    for key in earlier.keys() | new.keys():
        old_level, new_level = earlier.get(key), new.get(key)
        if old_level != new_level:
            yield key, old_level, new_level


# --- Around the rules ---------------------------------------------------------------------


def check_auth_events(
    event: Event,
    auth_events: Sequence[Event],
    version: RoomVersion,
    *,
    rejected: AbstractSet[str] = frozenset(),
) -> None:
    """Check that an event names the right auth events, as for one from another server.

    Args:
        event: to be checked.
        auth_events: the events that its `auth_events` name.
        version: of the room.
        rejected: ids of events that were themselves rejected.

    Raises:
        NotAllowed: one is missing, twice, of another room, rejected, or not called for.

    Source:
        Room version 11, rule 2; room version 12, rule 3.
    """
    if event.type == ROOM_CREATE:
        return
    called_for = select_auth_slots(
        event.type, event.state_key, event.sender, event.content, version
    )
    found: set[StateSlot] = set()
    for auth_event in auth_events:
        if not auth_event.is_state or auth_event.slot not in called_for:
            raise NotAllowed("An auth event is none that this event calls for.")
        if auth_event.slot in found:
            raise NotAllowed("Two auth events stand in the same place of the room state.")
        if auth_event.event_id in rejected:
            raise NotAllowed("An auth event was itself rejected.")
        if auth_event.room_id != event.room_id:
            raise NotAllowed("An auth event is of another room.")
        found.add(auth_event.slot)
    if not version.room_id_is_create_hash and (ROOM_CREATE, "") not in found:
        raise NotAllowed("The create event is missing among the auth events.")


def check_redaction(levels: PowerLevels, *, sender: str, target_sender: str) -> None:
    """Check that a member may redact an event; that they may send `m.room.redaction` is apart.

    Between servers, any user of the server that sent an event may redact it, because servers
    answer for their users. Here we are that server, so the event must be the sender's own.

    Args:
        levels: of the room.
        sender: who wants to redact.
        target_sender: who has sent what is to be redacted.

    Raises:
        NotAllowed: it is another's event and the sender's level is below `redact`.

    Source:
        Room version 11, "Handling redactions"; client-server API, "Redactions".
    """
    if sender != target_sender:
        _need(levels.of(sender), levels.redact, "redact what others have sent")


_SERVER_NAME: Final = r"(?:\[[0-9A-Fa-f:.]{2,45}\]|[0-9A-Za-z.-]{1,255})(?::[0-9]{1,5})?"
_USER_ID: Final = re.compile(rf"@[^:\0]*:{_SERVER_NAME}")


def is_user_id(value: Json) -> bool:
    """Tell whether a value is a user id, be it of the historical kind.

    Args:
        value: anything.

    Returns:
        Whether it is a string with sigil, local part, colon and server name.

    Source:
        Matrix specification, appendix "User Identifiers", "Historical User IDs".
    """
    return (
        isinstance(value, str)
        and len(value.encode(errors="replace")) <= USER_ID_BYTES_LIMIT
        and _USER_ID.fullmatch(value) is not None
    )


def server_name_of(matrix_id: str) -> str:
    """Return what follows the first colon of a user id or room id, empty where there is none."""
    return matrix_id.partition(":")[2]


def _get(value: Json, key: str) -> Json:
    return value.get(key) if isinstance(value, dict) else None
