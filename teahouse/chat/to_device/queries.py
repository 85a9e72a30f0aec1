"""Reads messages that wait for devices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
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


class Addressed(msgspec.Struct, frozen=True):
    """A message on its way, with whom it is for.

    Attributes:
        position: of the request that sent it.
        event: as `/sync` would deliver it.
    """

    position: int
    user_id: str
    device_id: str
    event: bytes


def scan_to_device(
    read: Read, *, after: int, up_to: int, limit: int
) -> tuple[list[Addressed], int]:
    """The messages of a stretch of the stream, for whoever they are.

    Args:
        read: the database.
        after: position before the first.
        up_to: the last position that may be looked at.
        limit: how many at most, unless a single request has sent more.

    Returns:
        The messages, and the position up to which they are complete.
    """
    query = (
        sa.select(_t.position, _t.user_id, _t.device_id, _t.type, _t.sender, _t.content)
        .where(_t.position > after, _t.position <= up_to)
        .order_by(_t.position, _t.user_id, _t.device_id)
    )
    rows = read.conn.execute(query.limit(limit + 1)).all()
    if len(rows) > limit:
        cut = rows[limit].position
        rows = [row for row in rows if row.position < cut]
        up_to = cut - 1
        if not rows:
            rows = list(read.conn.execute(query.where(_t.position == cut)))
            up_to = cut
    found = [
        Addressed(
            row.position, row.user_id, row.device_id, to_event(row.type, row.sender, row.content)
        )
        for row in rows
    ]
    return found, up_to


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
