"""Changes devices."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa

from teahouse.accounts.announcements import DeviceAdded, DeviceRemoved, DeviceRenamed
from teahouse.accounts.devices.queries import find_device, list_devices
from teahouse.accounts.rules import check_device_id, check_device_name
from teahouse.accounts.tables import accounts_device
from teahouse.accounts.types import DeviceWish
from teahouse.platform.db import Tx
from teahouse.platform.errors import NotFound

_d = accounts_device.c
# Ten letters: 47 bits, unique among one member's devices, and easy to read to one another.
DEVICE_ID_LETTERS = 10
VISITS_KEPT_MS = 7 * 24 * 3600 * 1000


class Visit(msgspec.Struct, frozen=True):
    """A device that was just used."""

    user_id: str
    device_id: str
    address: str
    agent: str


def add_device(tx: Tx, user_id: str, wish: DeviceWish) -> str:
    """Make the device of a new login, or find the one with the id the client chose.

    Returns:
        The device's id.

    Raises:
        InvalidParam: an id or name that is empty or too long.
    """
    device_id = wish.device_id
    if device_id is None:
        device_id = tx.chance.secrets.letters(DEVICE_ID_LETTERS)
    check_device_id(device_id)
    check_device_name(wish.display_name)
    if find_device(tx, user_id, device_id) is not None:
        # Everybody who shares a room knows the id: whoever signs in by it may be a thief with the
        # password, so the device is as young as this sign-in.
        tx.conn.execute(
            sa.update(accounts_device)
            .where(_d.user_id == user_id, _d.device_id == device_id)
            .values(created_at=tx.now)
        )
        note_visits(tx, [Visit(user_id, device_id, wish.address, wish.agent)])
        return device_id
    tx.conn.execute(
        sa.insert(accounts_device).values(
            user_id=user_id,
            device_id=device_id,
            display_name=wish.display_name,
            created_at=tx.now,
            last_seen_at=tx.now,
            last_seen_address=wish.address,
            last_seen_agent=wish.agent,
        )
    )
    tx.announce(DeviceAdded(user_id, device_id))
    return device_id


def ensure_device(tx: Tx, user_id: str, device_id: str, display_name: str | None) -> bool:
    """Make a device without a login, or rename it where it is there already.

    Returns:
        Whether it is new.

    Raises:
        InvalidParam: an id or name that is empty or too long.
    """
    if find_device(tx, user_id, device_id) is not None:
        rename_device(tx, user_id, device_id, display_name)
        return False
    add_device(tx, user_id, DeviceWish(device_id=device_id, display_name=display_name))
    return True


def rename_device(tx: Tx, user_id: str, device_id: str, display_name: str | None) -> None:
    """Call a device something else; None changes nothing.

    Raises:
        InvalidParam: the name is too long.
        NotFound: the member has no such device.
    """
    check_device_name(display_name)
    if find_device(tx, user_id, device_id) is None:
        raise NotFound
    if display_name is None:
        return
    tx.conn.execute(
        sa.update(accounts_device)
        .where(_d.user_id == user_id, _d.device_id == device_id)
        .values(display_name=display_name)
    )
    tx.announce(DeviceRenamed(user_id, device_id))


def remove_devices(tx: Tx, user_id: str, device_ids: Iterable[str]) -> None:
    """Sign devices out and forget them; what is not there is passed over."""
    for device_id in device_ids:
        # The database removes the device's tokens with it.
        removed = tx.conn.execute(
            sa.delete(accounts_device).where(_d.user_id == user_id, _d.device_id == device_id)
        )
        if removed.rowcount:
            tx.announce(DeviceRemoved(user_id, device_id))


def remove_other_devices(tx: Tx, user_id: str, keep: str | None = None) -> None:
    """Sign out everywhere, but for the device `keep`."""
    devices = list_devices(tx, user_id)
    while devices:
        remove_devices(tx, user_id, [d.device_id for d in devices if d.device_id != keep])
        devices = [d for d in list_devices(tx, user_id) if d.device_id != keep]


def note_visits(tx: Tx, visits: list[Visit]) -> list[None]:
    """Remember when and from where devices were last used."""
    for visit in visits:
        tx.conn.execute(
            sa.update(accounts_device)
            .where(_d.user_id == visit.user_id, _d.device_id == visit.device_id)
            .values(
                last_seen_at=tx.now,
                last_seen_address=visit.address,
                last_seen_agent=visit.agent,
            )
        )
    return [None] * len(visits)


def forget_old_visits(tx: Tx) -> None:
    """Forget the addresses and programs of devices unused for seven days."""
    tx.conn.execute(
        sa.update(accounts_device)
        .where(
            _d.last_seen_at < tx.now - VISITS_KEPT_MS,
            sa.or_(_d.last_seen_address.is_not(None), _d.last_seen_agent.is_not(None)),
        )
        .values(last_seen_address=None, last_seen_agent=None)
    )
