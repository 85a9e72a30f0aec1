"""Reads messages that wait for devices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from teahouse import accounts
from teahouse.chat.keys.queries import find_dehydrated_device, find_keyed_devices
from teahouse.chat.to_device.rules import to_event
from teahouse.chat.to_device.tables import chat_to_device
from teahouse.platform.db import Read
from teahouse.platform.errors import NotFound

PAGE_LIMIT: Final = 100
"""Messages in one answer of `/sync`: at 64 KiB each, 6 MB at most, and mostly 100 KB."""

_t = chat_to_device.c


def find_to_device(
    read: Read, user_id: str, device_id: str, since: int, up_to: int, limit: int = PAGE_LIMIT
) -> list[tuple[int, bytes]]:
    """Messages for a device, the oldest first.

    Args:
        read: the database.
        user_id: whose device.
        device_id: which.
        since: a position; only messages after it.
        up_to: a position; only messages up to it.
        limit: how many at most.

    Returns:
        Position and JSON of each event.
    """
    rows = read.conn.execute(
        sa.select(_t.position, _t.type, _t.sender, _t.content)
        .where(
            _t.user_id == user_id,
            _t.device_id == device_id,
            _t.position > since,
            _t.position <= up_to,
        )
        .order_by(_t.position)
        .limit(limit)
    )
    return [(row.position, to_event(row.type, row.sender, row.content)) for row in rows]


def find_dehydrated_to_device(
    read: Read, user_id: str, device_id: str, *, since: int
) -> tuple[list[bytes], int]:
    """Messages for a dehydrated device, for whoever wakes it (MSC3814).

    They stay until the device is deleted or replaced, so that a client that is interrupted can
    begin again.

    Returns:
        A page of events, and the position to go on from.

    Raises:
        NotFound: the member has no such dehydrated device.
    """
    if find_dehydrated_device(read, user_id).device_id != device_id:
        raise NotFound("There is no such dehydrated device.")
    page = find_to_device(read, user_id, device_id, since, 2**62)
    return [event for _, event in page], max((position for position, _ in page), default=since)


def find_known_devices(read: Read, users: Sequence[str]) -> dict[str, set[str]]:
    """Devices that can be sent to, by member: signed-in ones and dehydrated ones."""
    known = find_keyed_devices(read, users)
    for user_id, devices in accounts.list_devices_of(read, users).items():
        known.setdefault(user_id, set()).update(device.device_id for device in devices)
    return known
