"""Changing account data. Every change takes a position, and only a change does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from teahouse.chat.account_data import access, queries, rules
from teahouse.chat.account_data.announcements import AccountDataChanged
from teahouse.chat.account_data.errors import TooMuchAccountData
from teahouse.chat.account_data.tables import chat_account_data
from teahouse.chat.account_data.types import GLOBAL, TAG
from teahouse.platform.db import upsert

if TYPE_CHECKING:
    from teahouse.platform.db import Tx
    from teahouse.platform.json import JsonObject
    from teahouse.platform.requester import Requester

_data = chat_account_data.c
_upsert = upsert(chat_account_data, "content", "position")
_count = sa.select(sa.func.count()).where(_data.user_id == sa.bindparam("user_id"))


def put_account_data(
    tx: Tx,
    requester: Requester,
    *,
    user_id: str,
    room_id: str = GLOBAL,
    data_type: str,
    content: JsonObject,
) -> None:
    """Store what a client wants to keep.

    Args:
        tx: the transaction.
        requester: who asks.
        user_id: whose account data; the requester's own.
        room_id: the room it is about, `GLOBAL` for none. It need not exist.
        data_type: 1 to 255 bytes.
        content: any JSON object of at most `rules.CONTENT_BYTES_MAX`.

    Raises:
        NotYourAccountData: someone else's.
        InvalidRoomId: no room id.
        InvalidDataType: an empty or too long type.
        KeptByTheServer: `m.fully_read` or `m.push_rules`.
        AccountDataTooLarge: too long a content.
        TooMuchAccountData: too many types and rooms.
    """
    access.access_own_account_data(requester, user_id)
    if room_id != GLOBAL:
        rules.check_room_id(room_id)
    rules.check_client_may_change(data_type)
    _store_for_client(tx, user_id, room_id=room_id, data_type=data_type, content=content)


def put_tag(
    tx: Tx,
    requester: Requester,
    *,
    user_id: str,
    room_id: str,
    tag: str,
    details: JsonObject,
) -> None:
    """Give a room a tag, or other details of it.

    Raises:
        NotYourAccountData: someone else's.
        InvalidRoomId: no room id.
        InvalidTag: a name or an order that a tag cannot have.
        TooManyTags: the room has `rules.TAGS_MAX` already.
        AccountDataTooLarge: too long details.
        TooMuchAccountData: too many types and rooms.
    """
    access.access_own_account_data(requester, user_id)
    rules.check_room_id(room_id)
    before = queries.find_object(tx, user_id, room_id=room_id, data_type=TAG)
    after = rules.add_tag(before, tag, details)
    _store_for_client(tx, user_id, room_id=room_id, data_type=TAG, content=after)


def delete_tag(tx: Tx, requester: Requester, *, user_id: str, room_id: str, tag: str) -> None:
    """Take a tag from a room; nothing happens where it has none of that name.

    Raises:
        NotYourAccountData: someone else's.
        InvalidRoomId: no room id.
    """
    access.access_own_account_data(requester, user_id)
    rules.check_room_id(room_id)
    before = queries.find_object(tx, user_id, room_id=room_id, data_type=TAG)
    if tag in rules.list_tags(before):
        after = rules.remove_tag(before, tag)
        store_account_data(tx, user_id, room_id=room_id, data_type=TAG, content=after)


def store_account_data(
    tx: Tx, user_id: str, *, room_id: str = GLOBAL, data_type: str, content: JsonObject
) -> int | None:
    """Store what the server itself keeps as account data, for a member who may exist.

    Returns:
        The position of the change; None where the content was the same already.

    Raises:
        AccountDataTooLarge: too long a content.
    """
    encoded = rules.encode_content(content)
    before = queries.find_content(tx, user_id, room_id=room_id, data_type=data_type)
    if before == encoded.encode():
        return None
    position = tx.next_position()
    row = {"user_id": user_id, "room_id": room_id, "type": data_type}
    tx.conn.execute(_upsert, row | {"content": encoded, "position": position})
    tx.announce(AccountDataChanged(user_id, room_id or None, data_type, position))
    return position


def delete_all_account_data(tx: Tx, user_id: str) -> None:
    """Erase a member's account data: when the account is erased, so that nobody is told."""
    tx.conn.execute(sa.delete(chat_account_data).where(_data.user_id == user_id))


def _store_for_client(
    tx: Tx, user_id: str, *, room_id: str, data_type: str, content: JsonObject
) -> None:
    is_new = queries.find_content(tx, user_id, room_id=room_id, data_type=data_type) is None
    if is_new and tx.conn.execute(_count, {"user_id": user_id}).scalar_one() >= rules.ENTRIES_MAX:
        raise TooMuchAccountData
    store_account_data(tx, user_id, room_id=room_id, data_type=data_type, content=content)
