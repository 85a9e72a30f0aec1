"""Tells rooms and devices of red packets while they are given, claimed and returned."""

from __future__ import annotations

from teahouse.platform.db import Tx
from teahouse.wallet.in_chat.live import Teller
from teahouse.wallet.parties.queries import users_of
from teahouse.wallet.payments.queries import find_payment
from teahouse.wallet.red_packets.access import load_packet
from teahouse.wallet.red_packets.announcements import RedPacketClaimed, RedPacketReturned


class PacketTeller:
    """Follows red packets, in their own transactions.

    Args:
        teller: speaks for the wallet.
    """

    def __init__(self, teller: Teller) -> None:
        self._teller = teller

    def follow(self, tx: Tx, told: RedPacketClaimed | RedPacketReturned) -> None:
        """Once a packet is over, wake the giver and tell the room so, in the message it had.

        Not at each claim: a hundred of them come within a second, and who gave it can look.
        """
        is_over = isinstance(told, RedPacketReturned) or told.left_count == 0
        if not is_over:
            return
        self._teller.wake(tx, users_of(tx, [told.sender]).values(), about=told.packet_id)
        packet = load_packet(tx, told.packet_id)
        assert packet is not None
        payment = find_payment(tx, packet.payment_id or "")
        if payment is not None:
            self._teller.tell_payment(tx, payment)
