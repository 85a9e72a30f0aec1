"""From a stranger's id to a red packet."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from teahouse.chat.event_store.queries import find_membership
from teahouse.platform.db import Read
from teahouse.platform.money import Currency, Money
from teahouse.platform.requester import Requester
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.red_packets.errors import UnknownPacket
from teahouse.wallet.red_packets.tables import wallet_red_packet
from teahouse.wallet.red_packets.types import Packet, PacketId

_row = wallet_red_packet.c
# Built once: a hundred claims come within a second.
_select_packet = sa.select(wallet_red_packet).where(_row.packet_id == sa.bindparam("packet_id"))


def access_packet(read: Read, requester: Requester, packet_id: str) -> Packet:
    """A red packet of the requester's, or in a room that they are in.

    Raises:
        UnknownPacket: neither, or there is none; which of the two is not told.
    """
    packet = load_packet(read, packet_id)
    if packet is None:
        raise UnknownPacket
    if is_in_room(read, requester.user_id, packet.room_id):
        return packet
    # Who gave it and left the room still sees what becomes of the money.
    if packet.sender != find_party(read, requester.user_id):
        raise UnknownPacket
    return packet


def access_claimable_packet(read: Read, requester: Requester, packet_id: str) -> Packet:
    """A red packet in a room that the requester is in now.

    Raises:
        UnknownPacket: they have left, are banned or never were in, or there is no such packet.
    """
    packet = load_packet(read, packet_id)
    if packet is None or not is_in_room(read, requester.user_id, packet.room_id):
        raise UnknownPacket
    return packet


def is_in_room(read: Read, user_id: str, room_id: str) -> bool:
    """Whether a member is in a room: invited, knocking, gone and banned ones are not."""
    membership = find_membership(read, user_id, room_id)
    return membership is not None and membership.membership == "join"


def load_packet(read: Read, packet_id: str) -> Packet | None:
    """A red packet, whoever asks; None where there is none."""
    row = read.conn.execute(_select_packet, {"packet_id": packet_id}).one_or_none()
    return None if row is None else packet_from(row)


def packet_from(row: sa.Row[Any]) -> Packet:
    """A row as a struct."""
    return Packet(
        packet_id=PacketId(row.packet_id),
        sender=row.sender,
        recipient=row.recipient,
        room_id=row.room_id,
        total=Money(row.total, Currency(row.currency)),
        count=row.share_count,
        split=row.split,
        greeting=row.greeting,
        seal=row.seal,
        salt=bytes(row.salt),
        status=row.status,
        left_minor=row.left_minor,
        left_count=row.left_count,
        payment_id=row.payment_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
    )
