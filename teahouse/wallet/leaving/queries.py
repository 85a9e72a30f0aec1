"""Reads what keeps a member."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from teahouse.platform.db import Read
from teahouse.wallet.leaving.types import Obstacle
from teahouse.wallet.outside.tables import wallet_bank_order
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.payments.types import in_currency
from teahouse.wallet.red_packets.tables import wallet_red_packet
from teahouse.wallet.wallets.queries import find_money_left

_order, _packet = wallet_bank_order.c, wallet_red_packet.c
_AT_ONCE_MAX = 100


def find_obstacles(read: Read, user_id: str) -> list[Obstacle]:
    """What must be settled before a member is erased; nothing of it hinders closing.

    Money in their wallets or reserved, red packets of theirs that are open, whose rest comes
    back, and orders that the bank has not carried out yet.
    """
    party = find_party(read, user_id)
    if party is None:
        return []
    left = [Obstacle("money-left", amount) for amount in find_money_left(read, user_id)]
    return [*left, *_find_packets(read, party), *_find_orders(read, party)]


def _find_packets(read: Read, party: str) -> Iterator[Obstacle]:
    rows = read.conn.execute(
        sa.select(_packet.left_minor, _packet.currency)
        .where(_packet.sender == party, _packet.status == "open", _packet.left_minor > 0)
        .order_by(_packet.packet_id)
        .limit(_AT_ONCE_MAX)
    )
    for row in rows:
        yield Obstacle("red-packet-open", in_currency(row.left_minor, row.currency))


def _find_orders(read: Read, party: str) -> Iterator[Obstacle]:
    rows = read.conn.execute(
        sa.select(_order.minor, _order.currency)
        .where(
            _order.party == party,
            _order.kind != "verification",
            _order.status.in_(("requested", "sent", "accepted")),
        )
        .order_by(_order.order_id)
        .limit(_AT_ONCE_MAX)
    )
    for row in rows:
        yield Obstacle("bank-order-open", in_currency(row.minor, row.currency))
