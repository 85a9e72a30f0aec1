"""Changes menus and orders."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from teahouse import wallet
from teahouse.miniprograms.orders.access import access_own_order, access_shop_order, load_order
from teahouse.miniprograms.orders.errors import NoOrdersTaken, OrderNotFound, WrongOrderStatus
from teahouse.miniprograms.orders.queries import find_shop_menu, hide_code
from teahouse.miniprograms.orders.rules import check_menu, check_step, compute_total, price_lines
from teahouse.miniprograms.orders.tables import miniprograms_menu, miniprograms_order
from teahouse.miniprograms.orders.types import (
    Menu,
    Order,
    OrderId,
    OrderStatus,
    OrderWish,
    ShopMenu,
    StepWish,
)
from teahouse.platform.db import Tx, upsert
from teahouse.platform.json import encode_json
from teahouse.platform.money import Currency, Money
from teahouse.platform.requester import Requester

# Numbers at the counter begin anew so often: long enough that none is there twice at a time.
_NUMBERS_MS: Final = 86_400_000
_DESCRIPTION_MAX: Final = 200
# What becomes of an order when its charge has come so far.
_BY_CHARGE: Final[dict[str, OrderStatus]] = {
    "captured": "paid",
    "cancelled": "cancelled",
    "expired": "expired",
}
_o = miniprograms_order.c


def set_menu(tx: Tx, requester: Requester, shop_id: str, menu: Menu) -> ShopMenu:
    """Say what a shop offers.

    Raises:
        ShopNotFound, ShopPowerMissing: the requester may not do this there.
        InvalidMenu: it names what it has not, or something twice.
    """
    shop = wallet.access_shop(tx, requester, shop_id, "shop.change")
    check_menu(menu)
    tx.conn.execute(
        upsert(miniprograms_menu, "menu", "changed_at").values(
            shop_id=shop.shop_id, menu=encode_json(menu).decode(), changed_at=tx.now
        )
    )
    return find_shop_menu(tx, shop_id)


def place_order(tx: Tx, requester: Requester, shop_id: str, wish: OrderWish) -> Order:
    """Order at a shop: the menu says what it costs, and the shop asks the member for just that.

    Raises:
        MenuNotFound: the shop has none.
        NoOrdersTaken: not now.
        NotOnMenu: something it does not offer.
        Refusal: what `wallet.charge_order` refuses.
    """
    found = find_shop_menu(tx, shop_id)
    if not found.shop.is_open:
        raise NoOrdersTaken
    lines = price_lines(found.menu, wish.lines)
    number = _next_number(tx, shop_id)
    order_id = OrderId(tx.new_id("ord"))
    said = ", ".join(f"{line.count} × {line.en}" for line in lines)
    charge = wallet.charge_order(
        tx,
        requester,
        shop_id,
        amount=Money(compute_total(lines), Currency(found.shop.currency)),
        description=said if len(said) <= _DESCRIPTION_MAX else f"{said[: _DESCRIPTION_MAX - 1]}…",
        reference=f"order-{number}",
    )
    tx.conn.execute(
        sa.insert(miniprograms_order).values(
            order_id=order_id,
            user_id=requester.user_id,
            shop_id=shop_id,
            program_id=wish.program_id,
            number=number,
            status="unpaid",
            lines=encode_json(lines).decode(),
            currency=charge.amount.currency,
            minor=charge.amount.minor,
            note=wish.note,
            called=wish.called,
            reason="",
            charge_id=charge.charge_id,
            code=charge.code,
            payment_id=None,
            placed_at=tx.now,
            changed_at=tx.now,
        )
    )
    return load_order(tx, _o.order_id == order_id)


def _next_number(tx: Tx, shop_id: str) -> int:
    last: int | None = tx.conn.execute(
        sa.select(sa.func.max(_o.number)).where(
            _o.shop_id == shop_id, _o.placed_at >= tx.now - tx.now % _NUMBERS_MS
        )
    ).scalar_one()
    return (last or 0) + 1


def cancel_order(tx: Tx, requester: Requester, order_id: str) -> Order:
    """Change one's mind before one has paid.

    Raises:
        OrderNotFound: none of the requester's.
        WrongOrderStatus: it was paid, or has ended.
    """
    order = access_own_order(tx, requester, order_id)
    check_step(order.status, "cancelled")
    # The charge's end is followed by `follow_charge`.
    wallet.drop_order_charge(tx, requester, order.charge_id)
    return access_own_order(tx, requester, order_id)


def move_order(tx: Tx, requester: Requester, shop_id: str, order_id: str, wish: StepWish) -> Order:
    """Take the next step with an order, at the shop's counter.

    Raises:
        ShopNotFound, ShopPowerMissing: the requester may not do this there.
        OrderNotFound: the shop has none.
        WrongOrderStatus: this cannot follow on what happened.
        Refusal: what `wallet.refund_order` refuses, where the order is.
    """
    order = access_shop_order(tx, requester, shop_id, order_id)
    check_step(order.status, wish.status)
    reason = wish.reason if wish.status == "refused" else ""
    if wish.status == "refused":
        wallet.refund_order(tx, requester, shop_id, charge_id=order.charge_id, reason=reason)
    _move(tx, order, wish.status, reason=reason)
    return hide_code(load_order(tx, _o.order_id == order.order_id))


def follow_charge(tx: Tx, moved: wallet.ChargeMoved) -> None:
    """Let an order follow its charge: paid with it, or ended with it."""
    after = _BY_CHARGE.get(moved.status)
    if after is None:
        return
    try:
        order = load_order(tx, _o.charge_id == moved.charge_id)
    except OrderNotFound:
        return
    check_step(order.status, after)
    charge = wallet.find_charge(tx, moved.charge_id)
    _move(tx, order, after, payment_id=None if charge is None else charge.payment_id)


def _move(tx: Tx, order: Order, status: OrderStatus, **values: object) -> None:
    moved = tx.conn.execute(
        sa.update(miniprograms_order)
        .where(_o.order_id == order.order_id, _o.status == order.status)
        .values(status=status, changed_at=tx.now, **values)
    )
    if moved.rowcount != 1:
        raise WrongOrderStatus("The order was changed at the same time.")


def forget_member(tx: Tx, user_id: str) -> None:
    """Erase what a member ordered; what they paid stays in the wallet's books."""
    tx.conn.execute(sa.delete(miniprograms_order).where(_o.user_id == user_id))
