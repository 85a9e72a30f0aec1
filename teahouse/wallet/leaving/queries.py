"""Reads what keeps a member."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag

from teahouse.accounts import Seal
from teahouse.platform.db import Read
from teahouse.platform.json import JsonObject
from teahouse.wallet.disputes.tables import wallet_dispute
from teahouse.wallet.leaving.types import Obstacle
from teahouse.wallet.outside import personal_data as outside
from teahouse.wallet.outside.tables import wallet_bank_order
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.payments.tables import wallet_payment
from teahouse.wallet.payments.types import in_currency
from teahouse.wallet.reconciliation import personal_data as reconciliation
from teahouse.wallet.red_packets.tables import wallet_red_packet
from teahouse.wallet.shops.tables import wallet_shop, wallet_shop_staff
from teahouse.wallet.wallets.queries import find_money_left

_order, _packet = wallet_bank_order.c, wallet_red_packet.c
_dispute, _payment = wallet_dispute.c, wallet_payment.c
_shop, _staff = wallet_shop.c, wallet_shop_staff.c
_AT_ONCE_MAX = 100


def find_obstacles(read: Read, user_id: str) -> list[Obstacle]:
    """What must be settled before a member is erased; nothing of it hinders closing.

    Money in their wallets or reserved, red packets of theirs that are open, whose rest comes
    back, orders that the bank has not carried out yet, and purchases in dispute.
    """
    party = find_party(read, user_id)
    if party is None:
        return []
    left = [Obstacle("money-left", amount) for amount in find_money_left(read, user_id)]
    return [
        *left,
        *_find_packets(read, party),
        *_find_orders(read, party),
        *_find_disputes(read, party),
    ]


def find_shops_left(read: Read, user_id: str) -> list[str]:
    """The names of shops that lose their only owner with a member.

    They go to who manages them longest, or are closed.
    """
    party = find_party(read, user_id)
    if party is None:
        return []
    other = wallet_shop_staff.alias("other")
    is_shared = sa.exists().where(
        other.c.shop_id == _staff.shop_id, other.c.role == "owner", other.c.party != party
    )
    rows = read.conn.execute(
        sa.select(_shop.name)
        .where(
            _staff.party == party,
            _staff.role == "owner",
            _shop.shop_id == _staff.shop_id,
            _shop.status != "closed",
            ~is_shared,
        )
        .order_by(_shop.shop_id)
        .limit(_AT_ONCE_MAX)
    )
    return list(rows.scalars())


def gather_by_law(read: Read, user_id: str, seal: Seal) -> JsonObject:
    """What the law keeps of who somebody was who paid, to be sealed when they are erased.

    Their number in the books, their bank accounts, what moved between those and the house, and
    under which name the bank saw it. Empty where they never paid.
    """
    party = find_party(read, user_id)
    if party is None:
        return {}
    paid = sa.or_(_payment.payer_party == party, _payment.payee_party == party)
    count = read.conn.execute(sa.select(sa.func.count()).where(paid)).scalar_one()
    found: JsonObject = {
        **_gather_outside(read, user_id, seal),
        **reconciliation.export_member(read, user_id),
    }
    if not count and not any(found.values()):
        return {}
    return {"party": party, "payments": count, **found}


def _gather_outside(read: Read, user_id: str, seal: Seal) -> JsonObject:
    try:
        return outside.export_member(read, user_id, seal)
    except InvalidTag:
        # The house's key has changed, so nobody can read the numbers: nobody is kept for that.
        return {"outside_accounts": "sealed under a key that the house has no more"}


def _find_packets(read: Read, party: str) -> Iterator[Obstacle]:
    rows = read.conn.execute(
        sa.select(_packet.left_minor, _packet.currency)
        .where(_packet.sender == party, _packet.status == "open", _packet.left_minor > 0)
        .order_by(_packet.packet_id)
        .limit(_AT_ONCE_MAX)
    )
    for row in rows:
        yield Obstacle("red-packet-open", in_currency(row.left_minor, row.currency))


def _find_disputes(read: Read, party: str) -> Iterator[Obstacle]:
    rows = read.conn.execute(
        sa.select(_dispute.claim, _dispute.currency)
        .where(_dispute.payer == party, _dispute.status.not_in(("closed", "withdrawn")))
        .order_by(_dispute.dispute_id)
        .limit(_AT_ONCE_MAX)
    )
    for row in rows:
        yield Obstacle("dispute-open", in_currency(row.claim, row.currency))


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
