"""Brings chats, contacts and settings of another house in, and takes them back.

What was said elsewhere is said again by the archive's own account, in a room where nobody speaks:
nobody's name stands under words that they did not send here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from teahouse import privacy
from teahouse.chat.account_data.commands import store_account_data
from teahouse.chat.account_data.queries import find_content, find_object
from teahouse.chat.admin.commands import schedule_deletion
from teahouse.chat.archives.rules import ARCHIVED
from teahouse.chat.event_store.commands import Appender, Draft, RoomStore
from teahouse.chat.house.commands import ensure_house_account
from teahouse.chat.house.types import HouseAccount
from teahouse.chat.media.commands import delete_own_media
from teahouse.chat.rooms.commands import RoomDefaults, change_membership, create_room
from teahouse.chat.rooms.types import CreateRoom, MembershipChange
from teahouse.platform.db import Tx
from teahouse.platform.errors import Refusal
from teahouse.platform.json import Json, JsonObject, decode_json, encode_json

CONTACTS_TYPE: Final = "org.teahouse.brought_contacts"
_IGNORED_TYPE: Final = "m.ignored_user_list"
_ACCOUNT: Final = HouseAccount(
    name="archives", owner="teahouse.archives", shown_as="Archive · 归档"
)


class BroughtRoom(msgspec.Struct, frozen=True, kw_only=True):
    """A room to be made for what was said elsewhere.

    Attributes:
        kind: `chats` or `documents`.
        key: names it within the archive.
        name: as it was called there.
        topic: what it is.
        from_server: the house it is from.
        from_room: its id there; empty where it was none.
    """

    kind: str
    key: str
    name: str
    topic: str
    from_server: str
    from_room: str = ""


class Position(msgspec.Struct, frozen=True):
    """How far a room has come: kept with each part of it, so that a crash doubles nothing.

    Attributes:
        lines: of its file that were read.
        is_whole: whether the member was let in, after the last message.
    """

    lines: int = 0
    is_whole: bool = False


class Part(msgspec.Struct, frozen=True):
    """Some messages.

    Attributes:
        room_id: where to.
        said: instants and contents.
        lines: how many lines of the room's file are done with these.
    """

    room_id: str
    said: list[tuple[int, JsonObject]]
    lines: int


def open_brought_room(
    tx: Tx, store: RoomStore, defaults: RoomDefaults, *, place: tuple[str, str], room: BroughtRoom
) -> str:
    """Make a room in which only the archive's account speaks. The member comes in at the end.

    Args:
        tx: the transaction.
        store: of rooms.
        defaults: of the operator.
        place: the import and the member.
        room: what it is for.

    Returns:
        The room's id.
    """
    speaker = _find_speaker(tx, store.server_name)
    request = CreateRoom(
        name=room.name,
        topic=room.topic,
        preset="private_chat",
        creation_content={
            ARCHIVED: {"server": room.from_server, "room_id": room.from_room, "key": room.key}
        },
        # Nobody but the account: it is what was said, and nothing is added.
        power_level_content_override={
            "events_default": 100, "state_default": 100, "invite": 100, "redact": 100,
        },
    )  # fmt: skip
    # The server reads what it writes here: it came to it readable.
    plain = RoomDefaults(defaults.version, encrypt_private=False)
    room_id = create_room(tx, store, plain, creator=speaker, request=request)
    _note_room(tx, place, room, room_id, Position())
    return room_id


def say_again(
    tx: Tx, store: RoomStore, *, place: tuple[str, str], room: BroughtRoom, part: Part
) -> None:
    """Say some messages, each at the instant at which it was said.

    Args:
        tx: the transaction.
        store: of rooms.
        place: the import and the member.
        room: whose messages they are.
        part: what is said, and where.
    """
    appender = Appender(store, tx)
    opened = appender.open(part.room_id)
    speaker = _find_speaker(tx, store.server_name)
    for at, content in part.said:
        opened.append(
            Draft(
                type="m.room.message",
                sender=speaker,
                content=content,
                # A message cannot be from the future, whatever an archive says.
                origin_server_ts=max(0, min(at, tx.now)),
            )
        )
    appender.flush()
    _note_room(tx, place, room, part.room_id, Position(part.lines))


def let_member_in(
    tx: Tx, store: RoomStore, *, place: tuple[str, str], room: BroughtRoom, room_id: str
) -> None:
    """Bring the member in, once all is said: so that nothing of it rings."""
    user_id = place[1]
    speaker = _find_speaker(tx, store.server_name)
    for sender, membership in ((speaker, "invite"), (user_id, "join")):
        change = MembershipChange(
            room_id=room_id,
            sender=sender,
            target=user_id,
            membership=membership,  # type: ignore[arg-type]  # one of the two
        )
        try:
            change_membership(tx, store, change)
        except Refusal:
            # Already in, from before a crash; or the account is closed by now.
            break
    _note_room(tx, place, room, room_id, Position(is_whole=True))


def remove_brought_room(tx: Tx, room_id: str) -> None:
    """Destroy what was said in a room, and the room."""
    schedule_deletion(tx, room_id)


def take_back_media(tx: Tx, user_id: str, media_id: str) -> None:
    """Delete a file that came along."""
    delete_own_media(tx, user_id, [media_id])


def _note_room(
    tx: Tx, place: tuple[str, str], room: BroughtRoom, room_id: str, position: Position
) -> None:
    before = encode_json(position).decode()
    item = privacy.Item(kind=room.kind, key=room.key, made=room_id, before=before)
    privacy.note_item(tx, *place, item)


def _find_speaker(tx: Tx, server_name: str) -> str:
    """The account that says again what was said elsewhere."""
    return ensure_house_account(tx, server_name, _ACCOUNT)


# Contacts and settings


def bring_contacts(tx: Tx, import_id: str, user_id: str, contacts: Sequence[JsonObject]) -> None:
    """Keep whom the member knew there, for their app to suggest."""
    before = find_object(tx, user_id, data_type=CONTACTS_TYPE)
    kept = before.get("contacts")
    known = [one for one in kept if isinstance(one, dict)] if isinstance(kept, list) else []
    ids = {one.get("user_id") for one in known}
    added: list[Json] = [one for one in contacts if one.get("user_id") not in ids]
    if added:
        content: JsonObject = {"contacts": [*known, *added]}
        store_account_data(tx, user_id, data_type=CONTACTS_TYPE, content=content)
    for one in added:
        assert isinstance(one, dict)
        item = privacy.Item(kind="contacts", key=str(one["user_id"]), made=CONTACTS_TYPE)
        privacy.note_item(tx, import_id, user_id, item)


def take_back_contacts(tx: Tx, user_id: str, gone: frozenset[str]) -> None:
    """Forget whom the member knew there."""
    kept = find_object(tx, user_id, data_type=CONTACTS_TYPE).get("contacts")
    if isinstance(kept, list):
        left = [one for one in kept if isinstance(one, dict) and one.get("user_id") not in gone]
        content: JsonObject = {"contacts": [*left]}
        store_account_data(tx, user_id, data_type=CONTACTS_TYPE, content=content)


def bring_ignored(tx: Tx, import_id: str, user_id: str, ignored: Sequence[str]) -> None:
    """Ignore here, too, whom the member ignored there."""
    before = find_object(tx, user_id, data_type=_IGNORED_TYPE)
    kept = before.get("ignored_users")
    users: JsonObject = dict(kept) if isinstance(kept, dict) else {}
    added = [one for one in ignored if one not in users]
    if added:
        content: JsonObject = {**before, "ignored_users": {**users, **{one: {} for one in added}}}
        store_account_data(tx, user_id, data_type=_IGNORED_TYPE, content=content)
    for one in added:
        privacy.note_item(tx, import_id, user_id, privacy.Item(kind="ignored", key=one, made=one))


def take_back_ignored(tx: Tx, user_id: str, gone: frozenset[str]) -> None:
    """Ignore them no longer."""
    before = find_object(tx, user_id, data_type=_IGNORED_TYPE)
    users = before.get("ignored_users")
    if isinstance(users, dict):
        left = {one: how for one, how in users.items() if one not in gone}
        store_account_data(
            tx, user_id, data_type=_IGNORED_TYPE, content={**before, "ignored_users": left}
        )


def bring_setting(
    tx: Tx, import_id: str, user_id: str, *, data_type: str, content: JsonObject
) -> None:
    """Keep a setting of the member's apps, unless they have it here already."""
    if find_content(tx, user_id, room_id="", data_type=data_type) not in {None, b"{}"}:
        return
    try:
        store_account_data(tx, user_id, data_type=data_type, content=content)
    except Refusal:
        # More than this house keeps.
        return
    item = privacy.Item(kind="settings", key=data_type, made=encode_json(content).decode())
    privacy.note_item(tx, import_id, user_id, item)


def take_back_setting(tx: Tx, user_id: str, item: privacy.Item) -> None:
    """Empty a setting that is as it came. Matrix knows no deleting of settings."""
    now = find_object(tx, user_id, data_type=item.key)
    if now == decode_json(item.made.encode()):
        store_account_data(tx, user_id, data_type=item.key, content={})


def follow_erased(tx: Tx, gone: privacy.BroughtForgotten) -> None:
    """Destroy what an erased member had brought into rooms."""
    if gone.kind in {"chats", "documents"}:
        schedule_deletion(tx, gone.made)
