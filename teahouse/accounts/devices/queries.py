"""Reads devices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.accounts.tables import accounts_device
from teahouse.accounts.types import Device
from teahouse.platform.db import Read

# A member with more has a broken client; their list is cut, signing out still works.
DEVICES_MAX = 1000
# SQLite takes 32,766 parameters.
_MEMBERS_PER_STATEMENT = 5000

_d = accounts_device.c
_columns = (_d.device_id, _d.display_name, _d.last_seen_at, _d.last_seen_address)


def list_devices(read: Read, user_id: str) -> list[Device]:
    """A member's devices, in the order of their ids."""
    statement = (
        sa.select(*_columns).where(_d.user_id == user_id).order_by(_d.device_id).limit(DEVICES_MAX)
    )
    return [_device(row) for row in read.conn.execute(statement)]


def list_devices_of(read: Read, user_ids: Sequence[str]) -> dict[str, list[Device]]:
    """The devices of many members, in few statements.

    Returns:
        Devices by member; who has none, or is not known, is missing.
    """
    found: dict[str, list[Device]] = {}
    for start in range(0, len(user_ids), _MEMBERS_PER_STATEMENT):
        part = user_ids[start : start + _MEMBERS_PER_STATEMENT]
        statement = (
            sa.select(_d.user_id, *_columns)
            .where(_d.user_id.in_(part))
            .order_by(_d.user_id, _d.device_id)
        )
        for row in read.conn.execute(statement):
            found.setdefault(row.user_id, []).append(_device(row))
    return found


def find_device(read: Read, user_id: str, device_id: str) -> Device | None:
    """One of a member's devices."""
    statement = sa.select(*_columns).where(_d.user_id == user_id, _d.device_id == device_id)
    row = read.conn.execute(statement).one_or_none()
    return None if row is None else _device(row)


def was_seen_at(read: Read, user_id: str, address: str) -> bool:
    """Whether a member was signed in at an address in the days for which addresses are kept."""
    statement = (
        sa.select(_d.device_id)
        .where(_d.user_id == user_id, _d.last_seen_address == address)
        .limit(1)
    )
    return read.conn.execute(statement).scalar_one_or_none() is not None


def find_device_birth(read: Read, user_id: str, device_id: str) -> int | None:
    """When one of a member's devices last signed in, milliseconds since the epoch."""
    statement = sa.select(_d.created_at).where(_d.user_id == user_id, _d.device_id == device_id)
    return read.conn.execute(statement).scalar_one_or_none()


def _device(row: sa.Row[*tuple[Any, ...]]) -> Device:
    return Device(
        device_id=row.device_id,
        display_name=row.display_name,
        last_seen_ts=row.last_seen_at,
        last_seen_ip=row.last_seen_address,
    )
