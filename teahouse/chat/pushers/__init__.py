"""Pushers: how a device hears of news while its app is not looking, by way of a push gateway.

Nothing is sent where nobody set a pusher. Who is told, and how loudly, the member's push rules
say (`chat.push`). A gateway on the open internet is reached by https only; in the operator's own
network only those that the setting `push_gateways_allowed` names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse import accounts
from teahouse.chat.pushers.commands import remove_device, remove_member
from teahouse.chat.pushers.live import Gateways, PusherWatch

if TYPE_CHECKING:
    from teahouse.platform.db import Tx
    from teahouse.platform.services import Services


def install(services: Services) -> None:
    """Make the parts, and follow what accounts tell of devices and members."""
    services.put(Gateways(services.settings.push_gateways_allowed))
    services.put(PusherWatch(services.db))
    services.db.react(accounts.DeviceRemoved, _follow_removal)
    services.db.react(accounts.MemberDeactivated, _follow_deactivation)


def _follow_removal(tx: Tx, removed: accounts.DeviceRemoved) -> None:
    remove_device(tx, removed.user_id, removed.device_id)


def _follow_deactivation(tx: Tx, gone: accounts.MemberDeactivated) -> None:
    remove_member(tx, gone.user_id)
