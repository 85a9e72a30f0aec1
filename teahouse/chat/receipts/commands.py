"""Moving receipts and fully-read markers: forward only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa
from msgspec import UNSET, UnsetType

from teahouse.chat.account_data.commands import store_account_data
from teahouse.chat.account_data.queries import find_object
from teahouse.chat.account_data.types import FULLY_READ
from teahouse.chat.receipts import queries, rules
from teahouse.chat.receipts.announcements import ReceiptChanged
from teahouse.chat.receipts.errors import EventNotFound, InvalidThread
from teahouse.chat.receipts.tables import chat_receipt
from teahouse.chat.receipts.types import (
    MAIN_THREAD,
    READ,
    READ_PRIVATE,
    UNTHREADED,
    ReceiptType,
)
from teahouse.chat.rooms.access import access_joined_room
from teahouse.chat.rooms.queries import find_event_position
from teahouse.platform.db import upsert

if TYPE_CHECKING:
    from teahouse.platform.db import Read, Tx
    from teahouse.platform.json import Json
    from teahouse.platform.requester import Requester

_upsert = upsert(chat_receipt, "event_id", "event_position", "ts", "position")


def put_receipt(
    tx: Tx,
    requester: Requester,
    *,
    room_id: str,
    receipt_type: str,
    event_id: str,
    thread_id: Json | UnsetType = UNSET,
) -> None:
    """Note that a member has read up to an event; nothing happens where they read further.

    Args:
        tx: the transaction.
        requester: who has read.
        room_id: a room they are joined to.
        receipt_type: `m.read`, `m.read.private` or `m.fully_read`.
        event_id: an event of the room.
        thread_id: as it stands in the request; `UNSET` for all threads.

    Raises:
        UnknownReceiptType: another type.
        InvalidThread: no thread of the room, or one beside `m.fully_read`.
        Forbidden: not joined.
        EventNotFound: the room has no such event.
    """
    thread = rules.check_thread(thread_id, receipt_type=receipt_type)
    if receipt_type == FULLY_READ:
        put_read_markers(tx, requester, room_id=room_id, fully_read=event_id)
        return
    known_type = rules.check_receipt_type(receipt_type)
    access_joined_room(tx, requester, room_id)
    _check_thread_exists(tx, room_id, thread)
    _put(tx, requester.user_id, room_id, kind=(known_type, thread), event_id=event_id)


def put_read_markers(
    tx: Tx,
    requester: Requester,
    *,
    room_id: str,
    fully_read: str | None = None,
    read: str | None = None,
    read_private: str | None = None,
) -> None:
    """Move the fully-read marker and the unthreaded receipts: all of them, or none.

    Args:
        tx: the transaction.
        requester: who has read.
        room_id: a room they are joined to.
        fully_read: the event where the marker goes.
        read: the event of the public receipt.
        read_private: the event of the private receipt.

    Raises:
        Forbidden: not joined.
        EventNotFound: the room has no such event.
    """
    access_joined_room(tx, requester, room_id)
    if fully_read is not None:
        _move_fully_read(tx, requester.user_id, room_id, event_id=fully_read)
    wanted: tuple[tuple[ReceiptType, str | None], ...] = (
        (READ, read),
        (READ_PRIVATE, read_private),
    )
    for receipt_type, event_id in wanted:
        if event_id is not None:
            kind = (receipt_type, UNTHREADED)
            _put(tx, requester.user_id, room_id, kind=kind, event_id=event_id)


def delete_receipts_of_member(tx: Tx, user_id: str) -> None:
    """Erase a member's receipts: when the account is erased, so that nobody is told."""
    tx.conn.execute(sa.delete(chat_receipt).where(chat_receipt.c.user_id == user_id))


def delete_receipts_of_room(tx: Tx, room_id: str) -> None:
    """Erase a room's receipts: when the room is."""
    tx.conn.execute(sa.delete(chat_receipt).where(chat_receipt.c.room_id == room_id))


def _find_position(read: Read, room_id: str, event_id: str) -> int:
    position = find_event_position(read, room_id, event_id)
    if position is None:
        raise EventNotFound
    return position


def _check_thread_exists(read: Read, room_id: str, thread_id: str) -> None:
    if thread_id in {UNTHREADED, MAIN_THREAD}:
        return
    if find_event_position(read, room_id, thread_id) is None:
        raise InvalidThread


def _put(
    tx: Tx, user_id: str, room_id: str, *, kind: tuple[ReceiptType, str], event_id: str
) -> None:
    """Store a receipt of a type and a thread, if it moves forward."""
    receipt_type, thread = kind
    event_position = _find_position(tx, room_id, event_id)
    before = queries.find_receipt(
        tx, user_id, room_id=room_id, receipt_type=receipt_type, thread_id=thread
    )
    if before is not None and before.event_position >= event_position:
        return
    changed = ReceiptChanged(
        room_id=room_id,
        user_id=user_id,
        receipt_type=receipt_type,
        thread_id=thread,
        event_id=event_id,
        event_position=event_position,
        ts=tx.now,
        position=tx.next_position(),
    )
    tx.conn.execute(_upsert, msgspec.structs.asdict(changed))
    tx.announce(changed)


def _move_fully_read(tx: Tx, user_id: str, room_id: str, *, event_id: str) -> None:
    position = _find_position(tx, room_id, event_id)
    before = find_object(tx, user_id, room_id=room_id, data_type=FULLY_READ).get("event_id")
    if isinstance(before, str):
        # An event that was purged meanwhile lies behind any that is still there.
        position_before = find_event_position(tx, room_id, before) or 0
        if position_before >= position:
            return
    store_account_data(
        tx, user_id, room_id=room_id, data_type=FULLY_READ, content={"event_id": event_id}
    )
