"""Replacing a room by one of another version, in one transaction."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import sqlalchemy as sa

from teahouse import accounts
from teahouse.chat.auth_rules import is_user_id
from teahouse.chat.event_store.commands import Appender, Draft, OpenRoom, RoomStore
from teahouse.chat.event_store.types import ROOM_MEMBER, RoomState
from teahouse.chat.events.types import ROOM_VERSIONS, RoomVersion
from teahouse.chat.rooms.access import access_joined_room
from teahouse.chat.rooms.commands import set_listed
from teahouse.chat.rooms.errors import UnsupportedRoomVersion
from teahouse.chat.rooms.tables import chat_listed_room, chat_room_alias
from teahouse.chat.upgrades.rules import (
    closed_levels,
    copied_bans,
    copied_state,
    opening_levels,
    replacement_create,
    replacement_levels,
)
from teahouse.chat.upgrades.types import UpgradeRoom
from teahouse.platform.db import Tx
from teahouse.platform.errors import Forbidden, InvalidParam
from teahouse.platform.json import JsonObject
from teahouse.platform.requester import Requester

ADDITIONAL_CREATORS_MAX: Final = 100
_OPAQUE_BYTES: Final = 12
_POWER_LEVELS: Final = "m.room.power_levels"
_ALIAS: Final = "m.room.canonical_alias"


def upgrade_room(
    tx: Tx, store: RoomStore, requester: Requester, *, room_id: str, wanted: UpgradeRoom
) -> str:
    """Replace a room.

    The replacement gets the old room's state, names and place in the directory; a tombstone in
    the old room leads there. Members follow by themselves.

    Args:
        tx: the transaction.
        store: of rooms.
        requester: who becomes the replacement's creator.
        room_id: the old room.
        wanted: the new version.

    Returns:
        The id of the replacement.

    Raises:
        UnsupportedRoomVersion: an unknown version.
        InvalidParam: an additional creator whose id is malformed, or too many.
        NotJoined: the requester is not in the room.
        Forbidden: the requester may not send the tombstone.

    Source:
        Client-Server API, "Room upgrades".
    """
    version = ROOM_VERSIONS.get(wanted.new_version)
    if version is None:
        raise UnsupportedRoomVersion
    if version.privileged_creators:
        _check_creators(wanted)
    access_joined_room(tx, requester, room_id)
    appender = Appender(store, tx)
    old = appender.open(room_id)
    levels, sender = old.power_levels(), requester.user_id
    if levels.of(sender) < levels.needed_to_send("m.room.tombstone", is_state=True):
        raise Forbidden("Your power level in the room is too low to upgrade it.")
    before = old.state
    new = _replace(appender, old, version, sender=sender, wanted=wanted)
    creators = {sender, *wanted.additional_creators}
    final = replacement_levels(before, levels, version, creators)
    first = final if version.privileged_creators else opening_levels(final, levels, sender)
    _fill(tx, new, before, sender=sender, first_levels=first)
    _move_names(tx, old, new, sender=sender)
    if first != final:
        new.append(_draft(_POWER_LEVELS, final, sender=sender))
    _append_if_allowed(old, _draft(_POWER_LEVELS, closed_levels(before, levels), sender=sender))
    appender.flush()
    return new.room_id


def _check_creators(wanted: UpgradeRoom) -> None:
    if len(wanted.additional_creators) > ADDITIONAL_CREATORS_MAX:
        raise InvalidParam(f"At most {ADDITIONAL_CREATORS_MAX} additional creators.")
    if not all(is_user_id(user_id) for user_id in wanted.additional_creators):
        raise InvalidParam("`additional_creators` must hold full user ids.")


def _replace(
    appender: Appender, old: OpenRoom, version: RoomVersion, *, sender: str, wanted: UpgradeRoom
) -> OpenRoom:
    """Begin the replacement, and lead there from the old room."""
    content = replacement_create(
        old.state, version, sender=sender, additional_creators=wanted.additional_creators
    )
    create = _draft("m.room.create", content, sender=sender)
    if version.room_id_is_create_hash:
        # The create event cannot name the tombstone, which names the room by its hash.
        new = appender.create("", version.identifier, create)
        old.append(_tombstone(new.room_id, sender))
        return new
    store = appender.store
    new_id = f"!{appender.tx.chance.secrets.token(_OPAQUE_BYTES)}:{store.server_name}"
    tombstone = old.append(_tombstone(new_id, sender))
    content["predecessor"] = {"room_id": old.room_id, "event_id": tombstone.event_id}
    return appender.create(new_id, version.identifier, create)


def _tombstone(new_id: str, sender: str) -> Draft:
    content: JsonObject = {"body": "This room has been replaced.", "replacement_room": new_id}
    return _draft("m.room.tombstone", content, sender=sender)


def _draft(event_type: str, content: JsonObject, *, sender: str, state_key: str = "") -> Draft:
    return Draft(type=event_type, state_key=state_key, sender=sender, content=content)


def _fill(
    tx: Tx, new: OpenRoom, before: RoomState, *, sender: str, first_levels: JsonObject
) -> None:
    """Give the replacement its creator and the old room's state."""
    profile = accounts.find_profile(tx, sender)
    shown = {"displayname": profile.displayname, "avatar_url": profile.avatar_url}
    joins: JsonObject = {key: value for key, value in shown.items() if value is not None}
    joins["membership"] = "join"
    new.append(_draft(ROOM_MEMBER, joins, sender=sender, state_key=sender))
    new.append(_draft(_POWER_LEVELS, first_levels, sender=sender))
    for (event_type, state_key), content in copied_state(before):
        new.append(_draft(event_type, content, sender=sender, state_key=state_key))
    for user_id, content in copied_bans(before):
        new.append(_draft(ROOM_MEMBER, content, sender=sender, state_key=user_id))


def _move_names(tx: Tx, old: OpenRoom, new: OpenRoom, *, sender: str) -> None:
    """Let aliases and the public directory lead to the replacement."""
    tx.conn.execute(
        sa.update(chat_room_alias)
        .where(chat_room_alias.c.room_id == old.room_id)
        .values(room_id=new.room_id)
    )
    named = old.state.content(_ALIAS)
    if named:
        new.append(_draft(_ALIAS, named, sender=sender))
        _append_if_allowed(old, _draft(_ALIAS, {}, sender=sender))
    listed = sa.select(chat_listed_room.c.room_id).where(chat_listed_room.c.room_id == old.room_id)
    if tx.conn.execute(listed).first() is not None:
        set_listed(tx, old.room_id, listed=False)
        set_listed(tx, new.room_id, listed=True)


def _append_if_allowed(room: OpenRoom, draft: Draft) -> None:
    # The tombstone is what counts; who may send no more than that leaves the rest as it is.
    with suppress(Forbidden):
        room.append(draft)
