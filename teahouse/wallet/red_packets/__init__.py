"""Red packets: money given to a room or to one member, in shares that are claimed."""

from __future__ import annotations

from teahouse.platform.services import Services
from teahouse.wallet.in_chat.live import Teller
from teahouse.wallet.payments.types import PaymentKind
from teahouse.wallet.red_packets.announcements import RedPacketClaimed, RedPacketReturned
from teahouse.wallet.red_packets.live import PacketTeller
from teahouse.wallet.red_packets.queries import describe_packet
from teahouse.wallet.red_packets.rules import read_bounds
from teahouse.wallet.red_packets.types import BLOCK


def install(services: Services) -> None:
    """Keep what the operator allows, and let rooms and devices be told; after `in_chat`.

    Raises:
        SettingsError: bounds that are no amounts.
    """
    settings, db = services.settings, services.db
    services.put(read_bounds(settings.red_packet_shares_max, settings.red_packet_share_limits))
    teller = services.get(Teller)
    teller.add_block(PaymentKind.RED_PACKET, BLOCK, describe_packet)
    packets = PacketTeller(teller)
    db.react(RedPacketClaimed, packets.follow)
    db.react(RedPacketReturned, packets.follow)
