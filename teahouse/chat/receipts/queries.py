"""Reading receipts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from teahouse.chat.receipts.tables import chat_receipt
from teahouse.chat.receipts.types import READ, Receipt

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from teahouse.platform.db import Read

# The oldest SQLite in use takes 999 values in a statement.
_ROOMS_AT_ONCE = 500
# A member has two receipts for each thread of a room; an export is cut off after this many.
_EXPORT_LIMIT = 100_000

_receipt = chat_receipt.c
_columns = (
    _receipt.room_id,
    _receipt.user_id,
    _receipt.receipt_type,
    _receipt.thread_id,
    _receipt.event_id,
    _receipt.event_position,
    _receipt.ts,
    _receipt.position,
)
_find_since = (
    sa.select(*_columns)
    .where(
        _receipt.room_id.in_(sa.bindparam("room_ids", expanding=True)),
        _receipt.position > sa.bindparam("since"),
        _receipt.position <= sa.bindparam("up_to"),
        sa.or_(_receipt.receipt_type == READ, _receipt.user_id == sa.bindparam("for_user")),
    )
    .order_by(_receipt.room_id, _receipt.position)
)
_find_one = sa.select(*_columns).where(
    _receipt.room_id == sa.bindparam("room_id"),
    _receipt.user_id == sa.bindparam("user_id"),
    _receipt.receipt_type == sa.bindparam("receipt_type"),
    _receipt.thread_id == sa.bindparam("thread_id"),
)
_find_positions = (
    sa.select(_receipt.thread_id, sa.func.max(_receipt.event_position))
    .where(_receipt.room_id == sa.bindparam("room_id"), _receipt.user_id == sa.bindparam("user_id"))
    .group_by(_receipt.thread_id)
    .order_by(_receipt.thread_id)
)
_find_positions_of_rooms = (
    sa.select(_receipt.room_id, _receipt.thread_id, sa.func.max(_receipt.event_position))
    .where(
        _receipt.room_id.in_(sa.bindparam("room_ids", expanding=True)),
        _receipt.user_id == sa.bindparam("user_id"),
    )
    .group_by(_receipt.room_id, _receipt.thread_id)
    .order_by(_receipt.room_id, _receipt.thread_id)
)
_list_of_member = (
    sa.select(*_columns)
    .where(_receipt.user_id == sa.bindparam("user_id"))
    .order_by(_receipt.position)
    .limit(_EXPORT_LIMIT)
)


def find_receipts_since(
    read: Read, room_ids: Collection[str], *, since: int, up_to: int, for_user: str
) -> dict[str, list[Receipt]]:
    """What was read in some rooms after position `since` and not after `up_to`.

    Args:
        read: a view.
        room_ids: rooms that `for_user` may look into.
        since: a position; 0 for all that is known.
        up_to: a position.
        for_user: who will see it; of private receipts only their own are found.

    Returns:
        By room, oldest first; rooms without any are left out.
    """
    found: dict[str, list[Receipt]] = {}
    values = {"since": since, "up_to": up_to, "for_user": for_user}
    for some in _in_parts(room_ids):
        for row in read.conn.execute(_find_since, values | {"room_ids": some}):
            receipt = _to_receipt(row)
            found.setdefault(receipt.room_id, []).append(receipt)
    return found


def find_read_positions(read: Read, user_id: str, room_id: str) -> dict[str, int]:
    """Up to which event a member has read, publicly or privately, by thread.

    Returns:
        Positions of events by thread, `UNTHREADED` among them; see `compute_read_position`.
    """
    rows = read.conn.execute(_find_positions, {"room_id": room_id, "user_id": user_id})
    return {row[0]: row[1] for row in rows}


def find_read_positions_of_rooms(
    read: Read, user_id: str, room_ids: Collection[str]
) -> dict[str, dict[str, int]]:
    """The same for many rooms at once; rooms without any receipt are left out."""
    found: dict[str, dict[str, int]] = {}
    for some in _in_parts(room_ids):
        values = {"room_ids": some, "user_id": user_id}
        for room_id, thread_id, position in read.conn.execute(_find_positions_of_rooms, values):
            found.setdefault(room_id, {})[thread_id] = position
    return found


def find_receipt(
    read: Read, user_id: str, *, room_id: str, receipt_type: str, thread_id: str
) -> Receipt | None:
    """One receipt, or None."""
    values = {"room_id": room_id, "user_id": user_id}
    values |= {"receipt_type": receipt_type, "thread_id": thread_id}
    row = read.conn.execute(_find_one, values).one_or_none()
    return None if row is None else _to_receipt(row)


def list_receipts_of_member(read: Read, user_id: str) -> list[Receipt]:
    """All receipts of a member, oldest first."""
    return [_to_receipt(row) for row in read.conn.execute(_list_of_member, {"user_id": user_id})]


def _in_parts(room_ids: Collection[str]) -> list[list[str]]:
    in_order = sorted(room_ids)
    starts = range(0, len(in_order), _ROOMS_AT_ONCE)
    return [in_order[start : start + _ROOMS_AT_ONCE] for start in starts]


def _to_receipt(row: Sequence[Any]) -> Receipt:
    return Receipt(
        room_id=row[0],
        user_id=row[1],
        receipt_type=row[2],
        thread_id=row[3],
        event_id=row[4],
        event_position=row[5],
        ts=row[6],
        position=row[7],
    )
