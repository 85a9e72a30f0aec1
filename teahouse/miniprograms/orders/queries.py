"""Reads menus and orders."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import sqlalchemy as sa

from teahouse import wallet
from teahouse.miniprograms.orders.access import read_order
from teahouse.miniprograms.orders.errors import MenuNotFound
from teahouse.miniprograms.orders.rules import AT_COUNTER, compute_total
from teahouse.miniprograms.orders.tables import (
    miniprograms_menu,
    miniprograms_menu_change,
    miniprograms_order,
)
from teahouse.miniprograms.orders.types import (
    Menu,
    MenuChange,
    MenuEdit,
    MenuShop,
    Order,
    ShopMenu,
)
from teahouse.platform.checks import Check
from teahouse.platform.db import Read
from teahouse.platform.requester import Requester

SHOPS_MAX = 200
# More than a shop's people look through; older changes are dropped as new ones come.
CHANGES_MAX = 100
_CHECKED_PER_STEP = 500
_m = miniprograms_menu.c
_c = miniprograms_menu_change.c
_o = miniprograms_order.c


def list_menu_shops(read: Read) -> list[MenuShop]:
    """The shops that have a menu and may take money."""
    rows = read.conn.execute(
        sa.select(miniprograms_menu).order_by(_m.shop_id).limit(SHOPS_MAX)
    ).all()
    shops = wallet.find_shops(read, [row.shop_id for row in rows])
    menus = {row.shop_id: msgspec.json.decode(row.menu, type=Menu) for row in rows}
    return [
        _to_menu_shop(shops[shop_id], menu)
        for shop_id, menu in menus.items()
        if shop_id in shops and shops[shop_id].is_open
    ]


def find_shop_menu(read: Read, shop_id: str) -> ShopMenu:
    """A shop's menu.

    Raises:
        MenuNotFound: it has none.
    """
    row = read.conn.execute(
        sa.select(_m.menu, _m.changed_at).where(_m.shop_id == shop_id)
    ).one_or_none()
    if row is None:
        raise MenuNotFound
    menu = msgspec.json.decode(row.menu, type=Menu)
    return ShopMenu(_to_menu_shop(wallet.find_shop(read, shop_id), menu), menu, row.changed_at)


def list_menu_changes(read: Read, requester: Requester, shop_id: str) -> list[MenuChange]:
    """What was changed of a shop's menu and by whom, the latest first, for its people.

    Raises:
        ShopNotFound, ShopPowerMissing: the requester may not see it.
    """
    wallet.access_shop(read, requester, shop_id, "charges.see")
    rows = read.conn.execute(
        sa.select(_c.changed_at, _c.changed_by, _c.edits)
        .where(_c.shop_id == shop_id)
        .order_by(_c.number.desc())
        .limit(CHANGES_MAX)
    )
    return [
        MenuChange(
            changed_at=row.changed_at,
            changed_by=row.changed_by,
            edits=msgspec.json.decode(row.edits, type=list[MenuEdit]),
        )
        for row in rows
    ]


def _to_menu_shop(shop: wallet.Shop, menu: Menu) -> MenuShop:
    return MenuShop(
        shop_id=shop.shop_id,
        name=shop.name,
        name_zh=shop.name_zh,
        city=shop.city,
        city_zh=shop.city_zh,
        currency=shop.currency,
        is_open=menu.is_open and shop.is_open,
    )


def list_own_orders(read: Read, user_id: str, *, program_id: str | None, limit: int) -> list[Order]:
    """What a member ordered, the newest first.

    Args:
        read: the view.
        user_id: whose.
        program_id: only what was ordered by this program.
        limit: at most so many.
    """
    query = sa.select(miniprograms_order).where(_o.user_id == user_id)
    if program_id is not None:
        query = query.where(_o.program_id == program_id)
    rows = read.conn.execute(query.order_by(_o.order_id.desc()).limit(limit))
    return [read_order(row) for row in rows]


def list_shop_orders(read: Read, requester: Requester, shop_id: str, *, limit: int) -> list[Order]:
    """What waits at a shop's counter, the oldest first.

    Raises:
        ShopNotFound, ShopPowerMissing: the requester may not see it.
    """
    wallet.access_shop(read, requester, shop_id, "charges.see")
    rows = read.conn.execute(
        sa.select(miniprograms_order)
        .where(_o.shop_id == shop_id, _o.status.in_(AT_COUNTER))
        .order_by(_o.order_id)
        .limit(limit)
    )
    return [hide_code(read_order(row)) for row in rows]


def hide_code(order: Order) -> Order:
    """An order as the shop sees it."""
    return msgspec.structs.replace(order, code=None)


def make_checks() -> list[Check]:
    """What `teahouse check` verifies of orders."""
    return [Check("miniprograms: Orders cost what their lines say", _find_orders_amiss)]


def _find_orders_amiss(read: Read) -> Iterator[str | None]:
    last = ""
    while rows := read.conn.execute(
        sa.select(miniprograms_order)
        .where(_o.order_id > last)
        .order_by(_o.order_id)
        .limit(_CHECKED_PER_STEP)
    ).all():
        for row in rows:
            order = read_order(row)
            if compute_total(order.lines) != order.total.minor:
                yield f"order {order.order_id}: its lines cost another sum"
            if order.status in AT_COUNTER and order.payment_id is None:
                yield f"order {order.order_id}: it is {order.status} and nobody paid"
        last = rows[-1].order_id
        yield None
