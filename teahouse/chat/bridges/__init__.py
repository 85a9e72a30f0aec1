"""Bridges and bots: Matrix application services, other programs that act for members of theirs.

What others use: `install`. Rooms ask for names through `rooms.live.OutsideNames`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse import accounts
from teahouse.chat.bridges.commands import start_appservice
from teahouse.chat.bridges.live import Bridges, load_registrations
from teahouse.chat.event_store.announcements import EventsAppended
from teahouse.chat.keys.announcements import DeviceListChanged, KeyCountsChanged
from teahouse.chat.presence.live import Presence
from teahouse.chat.receipts.announcements import ReceiptChanged
from teahouse.chat.rooms.live import OutsideNames
from teahouse.chat.to_device.announcements import ToDeviceSent
from teahouse.chat.typing.live import Typing

if TYPE_CHECKING:
    from teahouse.chat.bridges.types import Registration
    from teahouse.platform.services import Services

__all__ = ["Bridges", "install"]


def install(services: Services) -> None:
    """Let the operator's application services in; without any, nothing follows anything.

    Raises:
        BadRegistration: a registration file cannot be used.
    """
    registrations = load_registrations(services.settings)
    bridges = Bridges(services.db, registrations)
    services.put(bridges)
    if not registrations:
        return
    authenticator = services.get(accounts.Authenticator)
    for registration in registrations:
        services.db.run(start_appservice, registration)
        authenticator.add_appservice(registration.as_token, _to_appservice(registration))
    services.get(OutsideNames).keeper = bridges
    services.db.react(EventsAppended, bridges.follow_appended)
    if any(registration.receive_ephemeral for registration in registrations):
        services.db.react(ReceiptChanged, bridges.follow_receipt)
        services.db.react(ToDeviceSent, bridges.follow_to_device)
        services.get(Typing).on_change(bridges.hear_typing)
        services.get(Presence).on_change(bridges.hear_presence)
    if any(registration.receive_keys for registration in registrations):
        services.db.react(DeviceListChanged, bridges.follow_device_list)
        services.db.react(KeyCountsChanged, bridges.follow_key_counts)
    if any(r.receive_ephemeral or r.receive_keys for r in registrations):
        services.db.listen(bridges.hear)


def _to_appservice(registration: Registration) -> accounts.Appservice:
    return accounts.Appservice(
        appservice_id=registration.id,
        user_id=registration.user_id,
        owns=registration.owns_user,
        excludes=registration.excludes_user,
        rate_limited=registration.rate_limited,
    )
