"""Changes menus and orders."""

from __future__ import annotations

from typing import Final

import msgspec
import sqlalchemy as sa

from teahouse import wallet
from teahouse.miniprograms.orders.access import access_own_order, access_shop_order, load_order
from teahouse.miniprograms.orders.errors import (
    MenuChanged,
    NoOrdersTaken,
    OrderNotFound,
    WrongOrderStatus,
)
from teahouse.miniprograms.orders.queries import CHANGES_MAX, find_shop_menu, hide_code
from teahouse.miniprograms.orders.rules import (
    check_menu,
    check_step,
    compare_menus,
    compute_total,
    price_lines,
)
from teahouse.miniprograms.orders.tables import (
    miniprograms_menu,
    miniprograms_menu_change,
    miniprograms_order,
)
from teahouse.miniprograms.orders.types import (
    Menu,
    MenuEdit,
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
_c = miniprograms_menu_change.c
_o = miniprograms_order.c


def set_menu(
    tx: Tx, requester: Requester, shop_id: str, menu: Menu, *, based_on: int | None = None
) -> ShopMenu:
    """Say what a shop offers; what was changed, and by whom, is kept for its people.

    Args:
        tx: the change.
        requester: one of the shop's people who may change it.
        shop_id: which shop.
        menu: all of it, from now on.
        based_on: `changed_at` of the menu from which the requester began; None: whatever it is.

    Raises:
        ShopNotFound, ShopPowerMissing: the requester may not do this there.
        InvalidMenu: it names what it has not, or something twice.
        MenuChanged: it is not the one any more from which they began.
    """
    shop = wallet.access_shop(tx, requester, shop_id, "shop.change")
    check_menu(menu)
    before, changed_at = _find_earlier(tx, shop_id)
    if based_on is not None and based_on != changed_at:
        raise MenuChanged
    edits = compare_menus(before, menu)
    if changed_at and not edits:
        return find_shop_menu(tx, shop_id)
    # Later than the one before, also within one millisecond: it tells the two apart.
    now = max(tx.now, changed_at + 1)
    tx.conn.execute(
        upsert(miniprograms_menu, "menu", "changed_at").values(
            shop_id=shop.shop_id, menu=encode_json(menu).decode(), changed_at=now
        )
    )
    _note_change(tx, requester, shop_id, edits)
    return find_shop_menu(tx, shop_id)


def _find_earlier(tx: Tx, shop_id: str) -> tuple[Menu, int]:
    """The menu as it is, and since when; an empty one since never where there is none."""
    row = tx.conn.execute(
        sa.select(miniprograms_menu.c.menu, miniprograms_menu.c.changed_at)
        .where(miniprograms_menu.c.shop_id == shop_id)
        # Two of a shop's people must not both begin from the same one.
        .with_for_update()
    ).one_or_none()
    return (
        (Menu(), 0) if row is None else (msgspec.json.decode(row.menu, type=Menu), row.changed_at)
    )


def _note_change(tx: Tx, requester: Requester, shop_id: str, edits: list[MenuEdit]) -> None:
    last: int | None = tx.conn.execute(
        sa.select(sa.func.max(_c.number)).where(_c.shop_id == shop_id)
    ).scalar_one()
    number = (last or 0) + 1
    tx.conn.execute(
        sa.insert(miniprograms_menu_change).values(
            shop_id=shop_id,
            number=number,
            changed_at=tx.now,
            changed_by=requester.user_id,
            edits=encode_json(edits).decode(),
        )
    )
    tx.conn.execute(
        sa.delete(miniprograms_menu_change).where(
            _c.shop_id == shop_id, _c.number <= number - CHANGES_MAX
        )
    )


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
    """Erase what a member ordered, and that it was they who changed a menu.

    What they paid stays in the wallet's books.
    """
    tx.conn.execute(sa.delete(miniprograms_order).where(_o.user_id == user_id))
    tx.conn.execute(
        sa.update(miniprograms_menu_change).where(_c.changed_by == user_id).values(changed_by=None)
    )
