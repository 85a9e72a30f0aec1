"""Routes of menus and orders: for members, and for the people of shops."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post, put
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody

from teahouse.miniprograms.orders.access import access_own_order
from teahouse.miniprograms.orders.commands import cancel_order, move_order, place_order, set_menu
from teahouse.miniprograms.orders.queries import (
    find_shop_menu,
    list_menu_changes,
    list_menu_shops,
    list_own_orders,
    list_shop_orders,
)
from teahouse.miniprograms.orders.types import (
    Menu,
    MenuChange,
    MenuShop,
    Order,
    OrderWish,
    ShopMenu,
    StepWish,
)
from teahouse.miniprograms.registry.api import ROOT
from teahouse.miniprograms.registry.live import Registry
from teahouse.platform.http import Request, answer
from teahouse.platform.idempotency import read_once, run_once
from teahouse.platform.pages import page_limit

_SHOPS: Final = ROOT + "/shops"
_SHOP: Final = _SHOPS + "/{shop_id:str}"
_MINE: Final = ROOT + "/orders"


@get(_SHOPS)
async def menu_shops(request: Request) -> list[MenuShop]:
    """The shops at which one can order."""
    await request.requester()
    return await request.services.db.read(list_menu_shops)


@get(f"{_SHOP}/menu")
async def menu(request: Request) -> ShopMenu:
    """What a shop offers."""
    await request.requester()
    return await request.services.db.read(find_shop_menu, request.path("shop_id"))


@put(f"{_SHOP}/menu")
async def put_menu(request: Request, data: JSONBody[Menu]) -> ShopMenu:
    """Say what a shop offers, for its owner and managers.

    Query: `based_on`, the `changed_at` of the menu that was read; refused if it is another now.
    """
    requester = await request.requester()
    based_on = request.query_int("based_on", default=-1)
    return await request.services.db.write(
        set_menu,
        requester,
        request.path("shop_id"),
        data,
        based_on=None if based_on < 0 else based_on,
    )


@get(f"{_SHOP}/menu/changes")
async def menu_changes(request: Request) -> list[MenuChange]:
    """What was changed of a shop's menu and by whom, the latest first, for its people."""
    requester = await request.requester()
    return await request.services.db.read(list_menu_changes, requester, request.path("shop_id"))


@post(
    f"{_SHOP}/orders",
    status_code=201,
    responses={201: ResponseSpec(Order, description="Done; the same again for the same key.")},
)
async def post_order(request: Request, data: JSONBody[OrderWish]) -> Response[bytes]:
    """Order at a shop; the answer's `code` names the charge that is to be paid."""
    requester = await request.requester()
    request.services.get(Registry).find(data.program_id)
    once, shop_id = await read_once(request, requester.user_id), request.path("shop_id")
    made = await request.services.db.write(run_once, once, place_order, requester, shop_id, data)
    return answer(made, status=201)


@get(f"{_SHOP}/orders")
async def shop_orders(request: Request) -> list[Order]:
    """What waits at a shop's counter, the oldest first, for its people."""
    requester = await request.requester()
    return await request.services.db.read(
        list_shop_orders, requester, request.path("shop_id"), limit=page_limit(request)
    )


@put(f"{_SHOP}/orders/{{order_id:str}}/status")
async def put_order_status(request: Request, data: JSONBody[StepWish]) -> Order:
    """Take the next step with an order; `refused` gives the money back."""
    requester = await request.requester()
    shop_id, order_id = request.path("shop_id"), request.path("order_id")
    return await request.services.db.write(move_order, requester, shop_id, order_id, data)


@get(_MINE)
async def own_orders(request: Request) -> list[Order]:
    """What one has ordered, the newest first; with `program_id`, only by that mini-program."""
    requester = await request.requester()
    return await request.services.db.read(
        list_own_orders,
        requester.user_id,
        program_id=request.query("program_id"),
        limit=page_limit(request),
    )


@get(f"{_MINE}/{{order_id:str}}")
async def own_order(request: Request) -> Order:
    """One order of one's own."""
    requester = await request.requester()
    return await request.services.db.read(access_own_order, requester, request.path("order_id"))


@post(f"{_MINE}/{{order_id:str}}/cancel", status_code=200)
async def post_cancel_order(request: Request) -> Order:
    """Change one's mind before one has paid."""
    requester = await request.requester()
    return await request.services.db.write(cancel_order, requester, request.path("order_id"))


routes: list[Any] = [
    menu_shops,
    menu,
    put_menu,
    menu_changes,
    post_order,
    shop_orders,
    put_order_status,
    own_orders,
    own_order,
    post_cancel_order,
]
