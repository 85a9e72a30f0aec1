"""To-device messages: from device to device, outside rooms, mostly keys.

What others use: `commands.delete_to_device`, the query `find_to_device` that `/sync` reads, and the
announcement `ToDeviceSent`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse import accounts
from teahouse.chat.keys.announcements import DehydratedDeviceRemoved
from teahouse.chat.to_device.commands import remove_device, remove_member

if TYPE_CHECKING:
    from teahouse.platform.db import Tx
    from teahouse.platform.services import Services


def install(services: Services) -> None:
    """Follow what accounts and keys tell of devices."""
    services.db.react(accounts.DeviceRemoved, _follow_removal)
    services.db.react(DehydratedDeviceRemoved, _follow_removal)
    services.db.react(accounts.MemberDeactivated, _follow_deactivation)


def _follow_removal(tx: Tx, removed: accounts.DeviceRemoved | DehydratedDeviceRemoved) -> None:
    remove_device(tx, removed.user_id, removed.device_id)


def _follow_deactivation(tx: Tx, deactivated: accounts.MemberDeactivated) -> None:
    remove_member(tx, deactivated.user_id)
