"""Reading account data."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec
import sqlalchemy as sa

from teahouse.chat.account_data import access, rules
from teahouse.chat.account_data.errors import AccountDataNotFound
from teahouse.chat.account_data.tables import chat_account_data
from teahouse.chat.account_data.types import GLOBAL, IGNORED_USER_LIST, TAG, Entry
from teahouse.platform.json import JsonObject, decode_json

if TYPE_CHECKING:
    from collections.abc import Collection

    from teahouse.platform.db import Read
    from teahouse.platform.requester import Requester

AllEntries: TypeAlias = tuple[list[Entry], dict[str, list[Entry]]]
"""What belongs to no room, then by room."""

_data = chat_account_data.c
_find_content = sa.select(_data.content).where(
    _data.user_id == sa.bindparam("user_id"),
    _data.room_id == sa.bindparam("room_id"),
    _data.type == sa.bindparam("type"),
)
_find_all = (
    sa.select(_data.room_id, _data.type, _data.content)
    .where(_data.user_id == sa.bindparam("user_id"))
    .order_by(_data.position, _data.room_id, _data.type)
    # Clients cannot store more; what the server keeps there is at most as much again.
    .limit(2 * rules.ENTRIES_MAX)
)
_find_since = _find_all.where(
    _data.position > sa.bindparam("since"), _data.position <= sa.bindparam("up_to")
)
_find_global = _find_all.where(_data.room_id == GLOBAL)
_find_of_room = _find_all.where(_data.room_id == sa.bindparam("room_id"))


def find_own_account_data(
    read: Read,
    requester: Requester,
    *,
    user_id: str,
    room_id: str = GLOBAL,
    data_type: str,
) -> bytes:
    """The content of one type, as JSON.

    Raises:
        NotYourAccountData: someone else's.
        InvalidRoomId: no room id.
        AccountDataNotFound: nothing stored.
    """
    access.access_own_account_data(requester, user_id)
    if room_id != GLOBAL:
        rules.check_room_id(room_id)
    found = find_content(read, user_id, room_id=room_id, data_type=data_type)
    if found is None:
        raise AccountDataNotFound
    return found


def list_own_tags(read: Read, requester: Requester, *, user_id: str, room_id: str) -> JsonObject:
    """The tags of a room with their details.

    Raises:
        NotYourAccountData: someone else's.
        InvalidRoomId: no room id.
    """
    access.access_own_account_data(requester, user_id)
    rules.check_room_id(room_id)
    return rules.list_tags(find_object(read, user_id, room_id=room_id, data_type=TAG))


def find_content(
    read: Read, user_id: str, *, room_id: str = GLOBAL, data_type: str
) -> bytes | None:
    """The content of one type as JSON, or None."""
    found: str | None = read.conn.execute(
        _find_content, {"user_id": user_id, "room_id": room_id, "type": data_type}
    ).scalar_one_or_none()
    return None if found is None else found.encode()


def find_object(read: Read, user_id: str, *, room_id: str = GLOBAL, data_type: str) -> JsonObject:
    """The content of one type; `{}` where nothing is stored."""
    found = find_content(read, user_id, room_id=room_id, data_type=data_type)
    decoded: JsonObject = {} if found is None else decode_json(found)
    return decoded


def find_account_data(read: Read, user_id: str) -> AllEntries:
    """All of a member's account data, oldest change first: for the first sync."""
    return _collect(read, _find_all, {"user_id": user_id})


def find_account_data_since(read: Read, user_id: str, since: int, up_to: int) -> AllEntries:
    """What changed after position `since` and not after `up_to`, oldest change first."""
    return _collect(read, _find_since, {"user_id": user_id, "since": since, "up_to": up_to})


def find_global_account_data(read: Read, user_id: str) -> list[Entry]:
    """What belongs to no room, oldest change first."""
    return _collect(read, _find_global, {"user_id": user_id})[0]


def find_room_account_data(read: Read, user_id: str, room_id: str) -> list[Entry]:
    """What is about one room, oldest change first: for a room that is new to a client."""
    found = _collect(read, _find_of_room, {"user_id": user_id, "room_id": room_id})
    return found[1].get(room_id, [])


def find_ignored(read: Read, user_id: str) -> frozenset[str]:
    """Whom a member ignores, as full user ids."""
    content = find_object(read, user_id, data_type=IGNORED_USER_LIST)
    return rules.list_ignored(content, of=user_id)


def to_event(entry: Entry) -> JsonObject:
    """An entry in the form of `/sync`; its content stays the JSON that was stored."""
    return {"type": entry[0], "content": msgspec.Raw(entry[1])}  # type: ignore[dict-item]  # encodes as JSON


def _collect(read: Read, query: sa.Select[str, str, str], values: dict[str, object]) -> AllEntries:
    of_none: list[Entry] = []
    by_room: dict[str, list[Entry]] = {}
    for room_id, data_type, content in read.conn.execute(query, values):
        entries = of_none if room_id == GLOBAL else by_room.setdefault(room_id, [])
        entries.append((data_type, content.encode()))
    return of_none, by_room


def list_contents_with(read: Read, user_ids: Collection[str], part: str) -> list[str]:
    """What members keep that has a text in it, as JSON; at most all that they may keep.

    Args:
        read: the view.
        user_ids: some hundred members.
        part: the text, as it stands in JSON.
    """
    found = read.conn.execute(
        sa.select(_data.content)
        .where(_data.user_id.in_(sorted(user_ids)), _data.content.contains(part, autoescape=True))
        .order_by(_data.user_id, _data.room_id, _data.type)
        .limit(2 * rules.ENTRIES_MAX * len(user_ids))
    )
    return list(found.scalars())
