"""From an order's id to the order, for those who may know of it."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse import wallet
from teahouse.miniprograms.orders.errors import OrderNotFound
from teahouse.miniprograms.orders.tables import miniprograms_order
from teahouse.miniprograms.orders.types import Line, Order, OrderId
from teahouse.platform.db import Read
from teahouse.platform.money import Currency, Money
from teahouse.platform.requester import Requester

_o = miniprograms_order.c


def access_own_order(read: Read, requester: Requester, order_id: str) -> Order:
    """An order that the requester made.

    Raises:
        OrderNotFound: none of theirs.
    """
    return load_order(read, _o.order_id == order_id, _o.user_id == requester.user_id)


def access_shop_order(read: Read, requester: Requester, shop_id: str, order_id: str) -> Order:
    """An order at a shop that the requester works for, with money that was paid.

    Raises:
        ShopNotFound, ShopPowerMissing: the requester may not do this there.
        OrderNotFound: the shop has none.
    """
    wallet.access_shop(read, requester, shop_id, "charges.create")
    return load_order(read, _o.order_id == order_id, _o.shop_id == shop_id)


def load_order(read: Read, *conditions: sa.ColumnElement[bool]) -> Order:
    """The one order of some conditions.

    Raises:
        OrderNotFound: none.
    """
    row = read.conn.execute(sa.select(miniprograms_order).where(*conditions)).one_or_none()
    if row is None:
        raise OrderNotFound
    return read_order(row)


def read_order(row: sa.Row[*tuple[Any, ...]]) -> Order:
    """A row of `miniprograms_order` as an order."""
    return Order(
        order_id=OrderId(row.order_id),
        number=row.number,
        shop_id=row.shop_id,
        program_id=row.program_id,
        status=row.status,
        lines=msgspec.json.decode(row.lines, type=list[Line]),
        total=Money(row.minor, Currency(row.currency)),
        note=row.note,
        called=row.called,
        reason=row.reason,
        charge_id=row.charge_id,
        code=row.code,
        payment_id=row.payment_id,
        placed_at=row.placed_at,
        changed_at=row.changed_at,
    )
