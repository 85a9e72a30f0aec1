"""Keys for end-to-end encryption: of devices, one-time, fallback and cross-signing.

What others use: the queries that `/sync` reads (`find_key_counts`, `find_changed_users`) and the
announcements `DeviceListChanged`, `SignaturesAdded` and `KeyCountsChanged`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse import accounts
from teahouse.chat.keys.commands import change_device_list, remove_device, remove_member

if TYPE_CHECKING:
    from teahouse.platform.db import Tx
    from teahouse.platform.services import Services


def install(services: Services) -> None:
    """Follow what accounts tell of devices."""
    services.db.react(accounts.DeviceRemoved, _follow_removal)
    services.db.react(accounts.DeviceRenamed, _follow_renaming)
    services.db.react(accounts.MemberDeactivated, _follow_deactivation)


def _follow_removal(tx: Tx, removed: accounts.DeviceRemoved) -> None:
    remove_device(tx, removed.user_id, removed.device_id)


def _follow_renaming(tx: Tx, renamed: accounts.DeviceRenamed) -> None:
    change_device_list(tx, renamed.user_id)


def _follow_deactivation(tx: Tx, deactivated: accounts.MemberDeactivated) -> None:
    remove_member(tx, deactivated.user_id)
