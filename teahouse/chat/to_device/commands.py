"""Sends messages to devices, and forgets them when they were delivered or are too old."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa

from teahouse.chat.to_device.announcements import ToDeviceSent
from teahouse.chat.to_device.queries import find_known_devices
from teahouse.chat.to_device.rules import ALL_DEVICES, Messages, check_names
from teahouse.chat.to_device.tables import chat_to_device, chat_to_device_txn
from teahouse.platform.db import Tx
from teahouse.platform.requester import Requester

_DAY_MS: Final = 86_400_000
# Who was away for longer starts anew with most keys; the published policy promises 30 days.
MESSAGE_LIFE_MS: Final = 30 * _DAY_MS
# A client repeats a request within minutes; seven days cover a device in a drawer.
TXN_LIFE_MS: Final = 7 * _DAY_MS
WAITING_MAX: Final = 20_000
"""Messages that wait for one device: a month of a busy member's keys; floods end here."""
SWEEP_ROWS_MAX: Final = 5000
"""Rows one sweep deletes in one transaction: some 50 ms, so that nobody waits long behind it."""

_t, _txn = chat_to_device.c, chat_to_device_txn.c


def send_to_device(
    tx: Tx, requester: Requester, event_type: str, client_txn_id: str, messages: Messages
) -> None:
    """Send messages to devices, once per transaction id.

    Args:
        tx: the transaction.
        requester: the sender.
        event_type: such as `m.room.encrypted`.
        client_txn_id: chosen by the sender's device; a repeated one changes nothing.
        messages: content by member and device; `*` means all of a member's devices. Unknown
            devices are passed over.

    Raises:
        InvalidParam: a type or transaction id that is too long.
    """
    check_names(event_type, client_txn_id)
    if _note_request(tx, requester, event_type, client_txn_id):
        deliver(tx, requester.user_id, event_type, messages)


def deliver(tx: Tx, sender: str, event_type: str, messages: Messages) -> None:
    """Put messages where the devices fetch them. What is delivered twice is there twice.

    Args:
        tx: the transaction.
        sender: a member, or one of the server's own accounts.
        event_type: such as `m.room.encrypted`.
        messages: content by member and device; `*` means all of a member's devices. Unknown
            devices are passed over.
    """
    addressed = _address(tx, messages)
    if not addressed:
        return
    position = tx.next_position()
    common = {
        "position": position,
        "sender": sender,
        "type": event_type,
        "sent_at": tx.now,
    }
    tx.conn.execute(
        sa.insert(chat_to_device),
        [
            {**common, "user_id": user_id, "device_id": device_id, "content": content}
            for user_id, by_device in addressed.items()
            for device_id, content in by_device.items()
        ],
    )
    for user_id, by_device in addressed.items():
        tx.announce(ToDeviceSent(user_id, tuple(by_device), position))


def delete_to_device(tx: Tx, user_id: str, device_id: str, up_to: int) -> None:
    """Forget what a device has received: it synced from a position at or after `up_to`."""
    tx.conn.execute(
        sa.delete(chat_to_device).where(
            _t.user_id == user_id, _t.device_id == device_id, _t.position <= up_to
        )
    )


def remove_device(tx: Tx, user_id: str, device_id: str) -> None:
    """Forget what waits for a device that is gone, and which requests it made."""
    tx.conn.execute(
        sa.delete(chat_to_device).where(_t.user_id == user_id, _t.device_id == device_id)
    )
    tx.conn.execute(
        sa.delete(chat_to_device_txn).where(_txn.user_id == user_id, _txn.device_id == device_id)
    )


def remove_member(tx: Tx, user_id: str) -> None:
    """Forget everything to and from a member."""
    tx.conn.execute(
        sa.delete(chat_to_device).where(sa.or_(_t.user_id == user_id, _t.sender == user_id))
    )
    tx.conn.execute(sa.delete(chat_to_device_txn).where(_txn.user_id == user_id))


def delete_expired(tx: Tx) -> int:
    """Forget a part of what is too old.

    Returns:
        How many rows; fewer than `SWEEP_ROWS_MAX` when nothing is left.
    """
    messages = (
        sa.select(_t.user_id, _t.device_id, _t.position)
        .where(_t.sent_at < tx.now - MESSAGE_LIFE_MS)
        .order_by(_t.sent_at)
        .limit(SWEEP_ROWS_MAX)
    )
    requests = (
        sa.select(_txn.user_id, _txn.device_id, _txn.type, _txn.client_txn_id)
        .where(_txn.sent_at < tx.now - TXN_LIFE_MS)
        .order_by(_txn.sent_at)
        .limit(SWEEP_ROWS_MAX)
    )
    expired = [
        sa.delete(chat_to_device).where(
            sa.tuple_(_t.user_id, _t.device_id, _t.position).in_(messages)
        ),
        sa.delete(chat_to_device_txn).where(
            sa.tuple_(_txn.user_id, _txn.device_id, _txn.type, _txn.client_txn_id).in_(requests)
        ),
    ]
    return max(tx.conn.execute(statement).rowcount for statement in expired)


def delete_surplus(tx: Tx) -> None:
    """Forget the oldest messages of devices that have more than `WAITING_MAX`."""
    crowded = tx.conn.execute(
        sa.select(_t.user_id, _t.device_id)
        .group_by(_t.user_id, _t.device_id)
        .having(sa.func.count() > WAITING_MAX)
        .order_by(_t.user_id, _t.device_id)
        .limit(SWEEP_ROWS_MAX)
    ).all()
    for user_id, device_id in crowded:
        last_surplus = tx.conn.execute(
            sa.select(_t.position)
            .where(_t.user_id == user_id, _t.device_id == device_id)
            .order_by(_t.position.desc())
            .offset(WAITING_MAX)
            .limit(1)
        ).scalar_one()
        delete_to_device(tx, user_id, device_id, last_surplus)


def _note_request(tx: Tx, requester: Requester, event_type: str, client_txn_id: str) -> bool:
    """Note that a request is carried out.

    Returns:
        Whether it is the first of its kind.
    """
    key = {
        "user_id": requester.user_id,
        # An application service acts without a device; its transaction ids are its own.
        "device_id": requester.device_id or "",
        "type": event_type,
        "client_txn_id": client_txn_id,
    }
    same = [chat_to_device_txn.c[name] == value for name, value in key.items()]
    earlier = tx.conn.execute(sa.select(_txn.sent_at).where(*same)).one_or_none()
    if earlier is not None:
        return False
    tx.conn.execute(sa.insert(chat_to_device_txn), {**key, "sent_at": tx.now})
    return True


def _address(tx: Tx, messages: Messages) -> dict[str, Mapping[str, bytes]]:
    """The messages by member and known device; a message for one device goes before `*`."""
    known = find_known_devices(tx, list(messages))
    addressed: dict[str, Mapping[str, bytes]] = {}
    for user_id, by_device in messages.items():
        devices = known.get(user_id, set())
        for_all = by_device.get(ALL_DEVICES)
        found = {} if for_all is None else dict.fromkeys(sorted(devices), for_all)
        found |= {name: content for name, content in by_device.items() if name in devices}
        if found:
            addressed[user_id] = found
    return addressed
