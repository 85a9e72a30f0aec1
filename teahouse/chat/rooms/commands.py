"""Making rooms and changing who is in them and what their state is."""

from __future__ import annotations

from typing import Final

import msgspec
import sqlalchemy as sa

from teahouse import accounts, privacy
from teahouse.chat.auth_rules import is_user_id
from teahouse.chat.event_store.commands import Appender, Draft, OpenRoom, RoomStore
from teahouse.chat.event_store.queries import find_membership
from teahouse.chat.event_store.tables import chat_membership
from teahouse.chat.event_store.types import ROOM_MEMBER, RoomState, StoredEvent, decode_content
from teahouse.chat.events.types import ROOM_VERSIONS, RoomVersion
from teahouse.chat.rooms.access import access_joined_room
from teahouse.chat.rooms.errors import (
    AliasTaken,
    BadAlias,
    BadState,
    InvalidRoomState,
    NotForgettable,
    NotJoined,
    UnsupportedRoomVersion,
)
from teahouse.chat.rooms.queries import find_alias, find_joined_rooms
from teahouse.chat.rooms.rules import (
    check_alias,
    choose_preset,
    initial_power_levels,
    merge_initial_state,
    preset_state,
)
from teahouse.chat.rooms.tables import chat_listed_room, chat_room_alias
from teahouse.chat.rooms.types import CreateRoom, MembershipChange
from teahouse.platform.db import Tx, upsert
from teahouse.platform.errors import BadJson, Forbidden, InvalidParam, NotFound
from teahouse.platform.json import JsonObject
from teahouse.platform.requester import Requester

INVITES_MAX: Final = 1000
INITIAL_STATE_MAX: Final = 500
REMOVE_ALIAS: Final = privacy.declare_deed("rooms.alias.remove", "chat_room_alias.creator")
_OPAQUE_BYTES: Final = 12


class RoomDefaults(msgspec.Struct, frozen=True):
    """What the operator has set for new rooms."""

    version: str
    encrypt_private: bool


# Making a room


def create_room(
    tx: Tx, store: RoomStore, defaults: RoomDefaults, *, creator: str, request: CreateRoom
) -> str:
    """Make a room and join its creator.

    Args:
        tx: the transaction.
        store: of rooms.
        defaults: of the operator.
        creator: full user id.
        request: what is asked for.

    Returns:
        The room id.

    Raises:
        UnsupportedRoomVersion: an unknown version.
        AliasTaken: the alias names another room.
        InvalidRoomState: the initial state contradicts the authorization rules.
        InvalidParam: an invitee's id is malformed, or too many invitees.

    Source:
        Client-server API, `POST createRoom`.
    """
    version = _choose_version(request, defaults)
    _check_request(request)
    alias = _claim_alias(tx, store, request)
    appender = Appender(store, tx)
    room = appender.create(
        f"!{tx.chance.secrets.token(_OPAQUE_BYTES)}:{store.server_name}",
        version.identifier,
        Draft(type="m.room.create", state_key="", sender=creator,
              content=_create_content(request, version, creator)),
    )  # fmt: skip
    try:
        _append_beginning(tx, room, defaults, creator=creator, request=request, alias=alias)
    except Forbidden as refused:
        raise InvalidRoomState(refused.text) from None
    appender.flush()
    if alias is not None:
        _insert_alias(tx, alias, room.room_id, creator)
    if request.visibility == "public":
        set_listed(tx, room.room_id, listed=True)
    return room.room_id


def _choose_version(request: CreateRoom, defaults: RoomDefaults) -> RoomVersion:
    version = ROOM_VERSIONS.get(request.room_version or defaults.version)
    if version is None:
        raise UnsupportedRoomVersion
    return version


def _check_request(request: CreateRoom) -> None:
    if len(request.invite) > INVITES_MAX or len(request.initial_state) > INITIAL_STATE_MAX:
        raise InvalidParam(
            f"At most {INVITES_MAX} invites and {INITIAL_STATE_MAX} state events at once."
        )
    if not all(is_user_id(user_id) for user_id in request.invite):
        raise InvalidParam("`invite` must hold full user ids.")
    if request.invite_3pid:
        raise InvalidParam("This server invites members only, not addresses.")


def _claim_alias(tx: Tx, store: RoomStore, request: CreateRoom) -> str | None:
    if request.room_alias_name is None:
        return None
    alias = f"#{request.room_alias_name}:{store.server_name}"
    check_alias(alias, store.server_name)
    if find_alias(tx, alias) is not None:
        raise AliasTaken
    return alias


def _create_content(request: CreateRoom, version: RoomVersion, creator: str) -> JsonObject:
    content: JsonObject = {**request.creation_content, "room_version": version.identifier}
    if version.create_has_creator:
        content["creator"] = creator
    else:
        content.pop("creator", None)
    if version.privileged_creators and choose_preset(request) == "trusted_private_chat":
        named = content.get("additional_creators", [])
        if not isinstance(named, list):
            raise InvalidParam("`additional_creators` must be a list of user ids.")
        extra = [user_id for user_id in request.invite if user_id not in named]
        content["additional_creators"] = [*named, *extra]
    return content


def _append_beginning(
    tx: Tx,
    room: OpenRoom,
    defaults: RoomDefaults,
    *,
    creator: str,
    request: CreateRoom,
    alias: str | None,
) -> None:
    def put(event_type: str, content: JsonObject, state_key: str = "") -> None:
        room.append(Draft(type=event_type, state_key=state_key, sender=creator, content=content))

    put(ROOM_MEMBER, _join_content(tx, creator), creator)
    put("m.room.power_levels", initial_power_levels(request, room.version, creator))
    if alias is not None:
        put("m.room.canonical_alias", {"alias": alias})
    preset = choose_preset(request)
    encrypted = defaults.encrypt_private and preset != "public_chat" and not _is_space(request)
    for event in merge_initial_state(preset_state(preset, encrypted=encrypted), request):
        put(event.type, event.content, event.state_key)
    for user_id in dict.fromkeys(request.invite):
        if user_id != creator:
            extra: JsonObject = {"is_direct": True} if request.is_direct else {}
            put(ROOM_MEMBER, {**_profile_content(tx, user_id), **extra, "membership": "invite"},
                user_id)  # fmt: skip


def _is_space(request: CreateRoom) -> bool:
    # A space only lists rooms; encrypting what is never said in it would hide nothing.
    return request.creation_content.get("type") == "m.space"


def _profile_content(tx: Tx, user_id: str) -> JsonObject:
    profile = accounts.find_profile(tx, user_id)
    content: JsonObject = {}
    if profile.displayname is not None:
        content["displayname"] = profile.displayname
    if profile.avatar_url is not None:
        content["avatar_url"] = profile.avatar_url
    return content


def _join_content(tx: Tx, user_id: str) -> JsonObject:
    return {**_profile_content(tx, user_id), "membership": "join"}


# Memberships


def change_membership(tx: Tx, store: RoomStore, change: MembershipChange) -> StoredEvent | None:
    """Change somebody's membership: join, leave, invite, kick, ban, unban, knock.

    Returns:
        The membership event; None where the membership was already so and nothing changes.

    Raises:
        Forbidden: the room's rules refuse it.
        BadState: inviting or knocking where the target is in, or banned.
        NotFound: the invitee has no account here.

    Source:
        Client-server API, "Room membership".
    """
    if not is_user_id(change.target):
        raise InvalidParam("`user_id` must be a full user id.")
    appender = Appender(store, tx)
    room = appender.open(change.room_id)
    now = room.state.membership(change.target)
    if change.membership == "join" and now == "join":
        return None
    _check_step(tx, change, now)
    content: JsonObject = {**change.content, "membership": change.membership}
    if change.membership in {"join", "knock", "invite"}:
        content = {**_profile_content(tx, change.target), **content}
    if change.reason is not None:
        content["reason"] = change.reason
    if change.membership == "join" and now not in {"invite", "join"}:
        content |= _restricted_join(tx, room, change.target)
    event = room.append(
        Draft(type=ROOM_MEMBER, state_key=change.target, sender=change.sender, content=content)
    )
    appender.flush()
    return event


def _check_step(tx: Tx, change: MembershipChange, now: str) -> None:
    if change.membership == "invite":
        if now in {"join", "ban"}:
            raise BadState(
                "This member is in the room already."
                if now == "join"
                else "This member is banned from the room."
            )
        if not accounts.is_active(tx, change.target):
            raise NotFound("There is no such member on this server.")
    if change.membership == "knock" and now in {"invite", "join"}:
        raise BadState("You are invited or in the room already.")
    if change.membership == "leave" and now == "leave":
        # Kicking or leaving where nobody is would only tell the room again.
        raise (
            NotJoined
            if change.sender == change.target
            else BadState("This member is not in the room.")
        )


def _restricted_join(tx: Tx, room: OpenRoom, user_id: str) -> JsonObject:
    """Whom a restricted room lets in, and by whose authority.

    Source:
        Client-server API, "Restricted rooms"; room version 8.
    """
    rule = room.state.content("m.room.join_rules")
    if rule.get("join_rule") not in {"restricted", "knock_restricted"}:
        return {}
    allowed = rule.get("allow")
    wanted = {
        condition.get("room_id")
        for condition in (allowed if isinstance(allowed, list) else [])
        if isinstance(condition, dict) and condition.get("type") == "m.room_membership"
    }
    if not wanted & set(find_joined_rooms(tx, user_id)):
        raise Forbidden("You must be in one of the rooms that this room lets in.")
    return {"join_authorised_via_users_server": _find_authoriser(room)}


def _find_authoriser(room: OpenRoom) -> str:
    levels = room.power_levels()
    for user_id in room.state.joined:
        if levels.of(user_id) >= levels.invite:
            return user_id
    raise Forbidden("Nobody in the room may let others in.")


def kick(tx: Tx, store: RoomStore, change: MembershipChange) -> None:
    """Remove somebody who is in, invited or knocking.

    Raises:
        Forbidden: the target is not there, or the rules refuse it.
    """
    membership = find_membership(tx, change.target, change.room_id)
    if membership is None or membership.membership not in {"join", "invite", "knock"}:
        raise Forbidden("This member is not in the room.")
    change_membership(tx, store, change)


def unban(tx: Tx, store: RoomStore, change: MembershipChange) -> None:
    """Take a ban back.

    Raises:
        BadState: the target is not banned.
    """
    membership = find_membership(tx, change.target, change.room_id)
    if membership is None or membership.membership != "ban":
        raise BadState("This member is not banned.")
    change_membership(tx, store, change)


def forget_room(tx: Tx, requester: Requester, room_id: str) -> None:
    """Let a member forget a room they left: it goes from their lists and history.

    Raises:
        NotForgettable: they are still in it.
    """
    membership = find_membership(tx, requester.user_id, room_id)
    if membership is None:
        raise NotJoined
    if membership.membership not in {"leave", "ban"}:
        raise NotForgettable
    tx.conn.execute(
        sa.update(chat_membership)
        .where(chat_membership.c.user_id == requester.user_id, chat_membership.c.room_id == room_id)
        .values(is_forgotten=True)
    )


def update_profile_in_rooms(tx: Tx, store: RoomStore, user_id: str) -> None:
    """Tell every room a member is in of their new name and picture."""
    profile = _profile_content(tx, user_id)
    appender = Appender(store, tx)
    for room in appender.open_many(find_joined_rooms(tx, user_id)).values():
        if room is None:
            continue
        old = room.state.content(ROOM_MEMBER, user_id)
        kept = {key: value for key, value in old.items() if key not in _PROFILE_KEYS}
        content: JsonObject = {**kept, **profile, "membership": "join"}
        if content != old:
            room.append(Draft(type=ROOM_MEMBER, state_key=user_id, sender=user_id, content=content))
    appender.flush()


_PROFILE_KEYS: Final = frozenset({"displayname", "avatar_url", "reason", "membership"})


def leave_all_rooms(tx: Tx, store: RoomStore, user_id: str) -> None:
    """Take a member out of every room they are in, invited to or knocking at."""
    rows = tx.conn.execute(
        sa.select(chat_membership.c.room_id).where(
            chat_membership.c.user_id == user_id,
            chat_membership.c.membership.in_(("join", "invite", "knock")),
        )
    )
    appender = Appender(store, tx)
    for room in appender.open_many([row.room_id for row in rows]).values():
        if room is not None:
            room.append(
                Draft(type=ROOM_MEMBER, state_key=user_id, sender=user_id,
                      content={"membership": "leave"})
            )  # fmt: skip
    appender.flush()


# State


def send_state(
    tx: Tx, store: RoomStore, requester: Requester, *, room_id: str, draft: Draft
) -> str:
    """Set a piece of the room's state.

    Setting what is there already changes nothing and answers with the event that is there.

    Returns:
        The id of the state event.

    Raises:
        NotJoined: the requester is not in the room.
        Forbidden: the room's rules refuse it.
        BadAlias: a canonical alias that does not name this room.
    """
    assert draft.state_key is not None
    if draft.type == ROOM_MEMBER:
        return _send_membership(tx, store, room_id=room_id, draft=draft)
    access_joined_room(tx, requester, room_id)
    appender = Appender(store, tx)
    room = appender.open(room_id)
    standing = room.state.get(draft.type, draft.state_key)
    if (
        standing is not None
        and standing.sender == draft.sender
        and decode_content(standing.json) == draft.content
    ):
        return standing.event_id
    if draft.type == "m.room.canonical_alias":
        _check_canonical_alias(tx, room.state, draft.content)
    event = room.append(draft)
    appender.flush()
    return event.event_id


def _send_membership(tx: Tx, store: RoomStore, *, room_id: str, draft: Draft) -> str:
    membership = draft.content.get("membership")
    if membership not in {"invite", "join", "knock", "leave", "ban"}:
        raise BadJson("`membership` must be invite, join, knock, leave or ban.")
    assert draft.state_key is not None
    appender = Appender(store, tx)
    room = appender.open(room_id)
    if membership == "invite" and not accounts.is_active(tx, draft.state_key):
        raise NotFound("There is no such member on this server.")
    standing = room.state.get(ROOM_MEMBER, draft.state_key)
    if standing is not None and decode_content(standing.json) == draft.content:
        return standing.event_id
    event = room.append(draft)
    appender.flush()
    return event.event_id


def _check_canonical_alias(tx: Tx, state: RoomState, content: JsonObject) -> None:
    """Check newly named aliases; those that stood there before may have gone since.

    Source:
        Client-server API, `PUT rooms/{roomId}/state`: M_BAD_ALIAS, M_INVALID_PARAM.
    """
    old = state.content("m.room.canonical_alias")
    for alias in _named_aliases(content):
        if alias in _named_aliases(old):
            continue
        if not isinstance(alias, str) or not alias.startswith("#") or ":" not in alias:
            raise InvalidParam("Room aliases look like #name:server.")
        if find_alias(tx, alias) != state.room_id:
            raise BadAlias


def _named_aliases(content: JsonObject) -> list[object]:
    others = content.get("alt_aliases")
    main = content.get("alias")
    named = [] if main in (None, "") else [main]
    return [*named, *(others if isinstance(others, list) else [])]


# Names


def create_alias(
    tx: Tx, store: RoomStore, requester: Requester, *, alias: str, room_id: str
) -> None:
    """Give a room a name.

    Raises:
        InvalidParam: not an alias of this server.
        AliasTaken: it names a room already (M_UNKNOWN with 409, as the specification says).
        NotJoined: the requester is not in the room.
    """
    check_alias(alias, store.server_name)
    if find_alias(tx, alias) is not None:
        raise _AliasExists
    access_joined_room(tx, requester, room_id)
    _insert_alias(tx, alias, room_id, requester.user_id)


class _AliasExists(AliasTaken):
    status, errcode = 409, "M_UNKNOWN"


def _insert_alias(tx: Tx, alias: str, room_id: str, creator: str) -> None:
    tx.conn.execute(
        sa.insert(chat_room_alias).values(
            alias=alias, room_id=room_id, creator=creator, created_at=tx.now
        )
    )


def delete_alias(tx: Tx, store: RoomStore, requester: Requester, *, alias: str) -> None:
    """Take a name away, by who gave it, or by who may change the room's canonical alias.

    Raises:
        NotFound: no such alias.
        Forbidden: it is another's.
    """
    row = tx.conn.execute(
        sa.select(chat_room_alias.c.creator, chat_room_alias.c.room_id).where(
            chat_room_alias.c.alias == alias
        )
    ).first()
    if row is None:
        raise NotFound("There is no such room alias.")
    if row.creator != requester.user_id and "operator" in requester.roles:
        accounts.note_staff_act(tx, requester, REMOVE_ALIAS, row.creator)
    elif row.creator != requester.user_id:
        _check_may_set(tx, store, requester, row.room_id, "m.room.canonical_alias")
    tx.conn.execute(sa.delete(chat_room_alias).where(chat_room_alias.c.alias == alias))


def _check_may_set(
    tx: Tx, store: RoomStore, requester: Requester, room_id: str, event_type: str
) -> None:
    """Check that the requester is in a room and may set a piece of its state."""
    access_joined_room(tx, requester, room_id)
    levels = Appender(store, tx).open(room_id).power_levels()
    if levels.of(requester.user_id) < levels.needed_to_send(event_type, is_state=True):
        raise Forbidden("Your power level in the room is too low for this.")


def publish_room(
    tx: Tx, store: RoomStore, requester: Requester, *, room_id: str, listed: bool
) -> None:
    """List a room in the public directory, or take it out.

    Raises:
        Forbidden: the requester may not set the room's canonical alias.
    """
    _check_may_set(tx, store, requester, room_id, "m.room.canonical_alias")
    set_listed(tx, room_id, listed=listed)


def set_listed(tx: Tx, room_id: str, *, listed: bool) -> None:
    """Put a room into the public directory, or take it out."""
    if listed:
        tx.conn.execute(upsert(chat_listed_room).values(room_id=room_id, listed_at=tx.now))
    else:
        tx.conn.execute(sa.delete(chat_listed_room).where(chat_listed_room.c.room_id == room_id))
