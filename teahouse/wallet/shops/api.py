"""Routes of shops: for their people, for their programs, for the house's staff, and for all.

Programs show an API key instead of a token, below /api/v1/shop.
"""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, delete, get, patch, post, put
from litestar.connection import ASGIConnection
from litestar.datastructures import CacheControlHeader
from litestar.handlers import BaseRouteHandler
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody

from teahouse.platform.errors import InvalidParam, MissingToken
from teahouse.platform.http import Request, answer
from teahouse.platform.idempotency import read_once, run_once
from teahouse.platform.pages import Page, page_limit, parse_cursor
from teahouse.platform.router import OPEN
from teahouse.wallet.freezes.types import FreezeView
from teahouse.wallet.shops.access import access_shop, identify_key
from teahouse.wallet.shops.commands import (
    change_shop,
    create_key,
    decide_shop,
    is_use_to_note,
    note_key_use,
    open_shop_wallet,
    register_shop,
    remove_staff,
    revoke_key,
    set_fee,
    set_staff,
)
from teahouse.wallet.shops.queries import (
    find_shop_as_staff,
    find_shop_page,
    list_decisions_as_staff,
    list_fees,
    list_fees_as_staff,
    list_keys,
    list_my_shops,
    list_shop_balances,
    list_shop_freezes,
    list_shops,
    list_staff,
)
from teahouse.wallet.shops.rules import NEXT_STATUSES, list_categories
from teahouse.wallet.shops.types import (
    Category,
    Clerk,
    DecisionWish,
    FeeRate,
    FeeWish,
    KeyHolder,
    MyShop,
    NewShop,
    NewShopKey,
    Shop,
    ShopBalance,
    ShopChange,
    ShopDecision,
    ShopKey,
    ShopKeyWithSecret,
    ShopPage,
    StaffMember,
    StaffWish,
    WalletWish,
)
from teahouse.wallet.wallets.types import HouseCurrencies

SHOPS: Final = "/api/v1/wallet/shops"
SHOP: Final = SHOPS + "/{shop_id:str}"
ADMIN: Final = "/api/v1/wallet/admin/shops"
# Below which programs call.
KEY_ROOT: Final = "/api/v1/shop"
_ADMIN_ONE = ADMIN + "/{shop_id:str}"
_STATE = "shop_key"
_ONE_DAY: Final = CacheControlHeader(private=True, max_age=86_400)


# Programs


async def refuse_without_key(
    connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler
) -> None:
    """Let only programs with an API key reach a route. A guard, beside `OPEN`.

    Raises:
        MissingToken: no key.
        UnknownShopKey: a key nobody has (any more).
        LimitExceeded: the program asks too often.
    """
    assert isinstance(connection, Request)
    services, secret = connection.services, connection.bearer_token()
    if secret is None:
        services.rate_limits.check("address", connection.address())
        raise MissingToken("An API key is needed: `Authorization: Bearer tsk_…`.")
    holder = await services.db.read(identify_key, secret)
    services.rate_limits.check("member", holder.shop_key_id)
    if is_use_to_note(holder, services.clock.now_ms()):
        await services.db.write(note_key_use, holder)
    connection.scope["state"][_STATE] = holder


def key_holder(request: Request) -> KeyHolder:
    """The program that asks, on a route that `refuse_without_key` guards."""
    holder = request.scope["state"][_STATE]
    assert isinstance(holder, KeyHolder)
    return holder


# How the routes for programs are declared: `@get(path, **FOR_KEYS)`.
FOR_KEYS: Final[Any] = {"opt": OPEN, "guards": [refuse_without_key]}


async def refuse_unknown_clerks(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """A guard for routes that people call with a token and programs, below /api/v1/shop, by a key.

    Raises:
        MissingToken: neither.
        UnknownToken, UnknownShopKey: one that nobody has.
    """
    assert isinstance(connection, Request)
    if connection.scope["path"].startswith(KEY_ROOT):
        await refuse_without_key(connection, handler)
    else:
        await connection.requester()


async def clerk_of(request: Request) -> tuple[Clerk, str, str]:
    """Who acts for which shop, and whose idempotency keys count, on a route `FOR_CLERKS`."""
    if _STATE in request.scope["state"]:
        holder = key_holder(request)
        return holder, holder.shop_id, holder.shop_key_id
    requester = await request.requester()
    return requester, request.path("shop_id"), requester.user_id


# How the routes for both are declared, each with a path of either kind.
FOR_CLERKS: Final[Any] = {"opt": OPEN, "guards": [refuse_unknown_clerks]}


def told(shape: Any, status: int = 201) -> dict[int, ResponseSpec]:  # noqa: ANN401 - a type
    """What the API description says of an answer that is bytes already."""
    return {status: ResponseSpec(shape, description="Done; the same again for the same key.")}


@get(KEY_ROOT, **FOR_KEYS)
async def key_shop(request: Request) -> Shop:
    """The shop that the API key is of."""
    holder = key_holder(request)
    return await request.services.db.read(access_shop, holder, holder.shop_id, "shop.see")


@get(f"{KEY_ROOT}/balances", **FOR_KEYS)
async def key_balances(request: Request) -> list[ShopBalance]:
    """What the shop has, by currency. Scope `reports:read`."""
    holder = key_holder(request)
    return await request.services.db.read(list_shop_balances, holder, holder.shop_id)


# The shop's people


@post(SHOPS, status_code=201, responses=told(Shop))
async def post_shop(request: Request, data: JSONBody[NewShop]) -> Response[bytes]:
    """Apply for a shop. The house looks at it before it can take money."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    services = request.services
    made = await services.db.write(
        run_once, once, register_shop, requester, data, services.get(HouseCurrencies)
    )
    return answer(made, status=201)


@get("/api/v1/wallet/shop-categories", cache_control=_ONE_DAY)
async def shop_categories(request: Request) -> list[Category]:
    """What shops can deal in, for the form of an application."""
    await request.requester()
    return list_categories()


@get(SHOPS)
async def my_shops(request: Request) -> list[MyShop]:
    """The shops one works for, and what one may do there."""
    requester = await request.requester()
    return await request.services.db.read(list_my_shops, requester)


@get(SHOP)
async def one_shop(request: Request) -> Shop:
    """A shop one works for."""
    requester = await request.requester()
    shop_id = request.path("shop_id")
    return await request.services.db.read(access_shop, requester, shop_id, "shop.see")


@get(f"{SHOP}/page")
async def shop_page(request: Request) -> ShopPage:
    """What every member may see of a shop."""
    await request.requester()
    return await request.services.db.read(find_shop_page, request.path("shop_id"))


@patch(SHOP)
async def patch_shop(request: Request, data: JSONBody[ShopChange]) -> Shop:
    """Change the profile; a refused shop applies anew by it."""
    requester = await request.requester()
    shop_id = request.path("shop_id")
    return await request.services.db.write(change_shop, requester, shop_id, data)


@get(f"{SHOP}/staff")
async def staff(request: Request) -> list[StaffMember]:
    """Who works for the shop."""
    requester = await request.requester()
    return await request.services.db.read(list_staff, requester, request.path("shop_id"))


@put(SHOP + "/staff/{user_id:str}", status_code=200)
async def put_staff(request: Request, data: JSONBody[StaffWish]) -> StaffMember:
    """Let a member work for the shop as owner, manager or cashier. Owners only."""
    requester = await request.requester()
    return await request.services.db.write(
        set_staff,
        requester,
        request.path("shop_id"),
        user_id=request.path("user_id"),
        role=data.role,
    )


@delete(SHOP + "/staff/{user_id:str}", status_code=204)
async def delete_staff(request: Request) -> None:
    """Let somebody work for the shop no more. Owners; and everybody for themself."""
    requester = await request.requester()
    shop_id, user_id = request.path("shop_id"), request.path("user_id")
    await request.services.db.write(remove_staff, requester, shop_id, user_id=user_id)


@get(f"{SHOP}/keys")
async def keys(request: Request) -> list[ShopKey]:
    """The shop's API keys, without their secrets. Owners only."""
    requester = await request.requester()
    return await request.services.db.read(list_keys, requester, request.path("shop_id"))


@post(f"{SHOP}/keys", status_code=201)
async def post_key(request: Request, data: JSONBody[NewShopKey]) -> ShopKeyWithSecret:
    """Make an API key. Its secret is in this answer and is told never again.

    For that reason no answer is kept for a repeated request: where this one is lost, revoke the
    key whose secret nobody has.
    """
    requester = await request.requester()
    shop_id = request.path("shop_id")
    return await request.services.db.write(create_key, requester, shop_id, data)


@delete(SHOP + "/keys/{shop_key_id:str}", status_code=204)
async def delete_key(request: Request) -> None:
    """Revoke an API key, from this instant. Owners only."""
    requester = await request.requester()
    shop_id, shop_key_id = request.path("shop_id"), request.path("shop_key_id")
    await request.services.db.write(revoke_key, requester, shop_id, shop_key_id)


@get(f"{SHOP}/freezes")
async def shop_freezes(request: Request) -> list[FreezeView]:
    """What is or was frozen of the shop's money, and why, the latest first, for its people."""
    requester = await request.requester()
    return await request.services.db.read(list_shop_freezes, requester, request.path("shop_id"))


@get(f"{SHOP}/fees")
async def fees(request: Request) -> list[FeeRate]:
    """What the house takes of payments to the shop, and took before."""
    requester = await request.requester()
    return await request.services.db.read(list_fees, requester, request.path("shop_id"))


@get(f"{SHOP}/balances")
async def balances(request: Request) -> list[ShopBalance]:
    """What the shop has, by currency."""
    requester = await request.requester()
    return await request.services.db.read(list_shop_balances, requester, request.path("shop_id"))


@post(f"{SHOP}/balances", status_code=201, responses=told(list[ShopBalance]))
async def post_balance(request: Request, data: JSONBody[WalletWish]) -> Response[bytes]:
    """Take money in one more currency. Owners only."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    services, shop_id = request.services, request.path("shop_id")
    made = await services.db.write(
        run_once, once, open_shop_wallet, requester, shop_id, data.currency,
        services.get(HouseCurrencies),
    )  # fmt: skip
    return answer(made, status=201)


# The house's staff


@get(ADMIN)
async def admin_shops(request: Request) -> Page[Shop]:
    """Shops in the order they applied; with `status`, only those."""
    requester = await request.requester()
    status = request.query("status")
    if status is not None and status not in NEXT_STATUSES:
        raise InvalidParam(f"`status` is one of {', '.join(NEXT_STATUSES)}.")
    place = parse_cursor(request.query("cursor"), tuple[str])
    after = None if place is None else place[0]
    return await request.services.db.read(
        list_shops, requester, status=status, after=after, limit=page_limit(request)
    )


@get(_ADMIN_ONE)
async def admin_shop(request: Request) -> Shop:
    """A shop, for operators and bank officers."""
    requester = await request.requester()
    return await request.services.db.read(find_shop_as_staff, requester, request.path("shop_id"))


@get(f"{_ADMIN_ONE}/decisions")
async def admin_decisions(request: Request) -> list[ShopDecision]:
    """What was decided about a shop, and by whom."""
    requester = await request.requester()
    shop_id = request.path("shop_id")
    return await request.services.db.read(list_decisions_as_staff, requester, shop_id)


@post(f"{_ADMIN_ONE}/decisions", status_code=201, responses=told(Shop))
async def post_decision(request: Request, data: JSONBody[DecisionWish]) -> Response[bytes]:
    """Verify, refuse, suspend or close a shop, and say why. Nobody decides about their own."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    shop_id = request.path("shop_id")
    made = await request.services.db.write(run_once, once, decide_shop, requester, shop_id, data)
    return answer(made, status=201)


@get(f"{_ADMIN_ONE}/fees")
async def admin_fees(request: Request) -> list[FeeRate]:
    """What the house takes of payments to a shop, and took before."""
    requester = await request.requester()
    return await request.services.db.read(list_fees_as_staff, requester, request.path("shop_id"))


@post(f"{_ADMIN_ONE}/fees", status_code=201, responses=told(FeeRate))
async def post_fee(request: Request, data: JSONBody[FeeWish]) -> Response[bytes]:
    """Set what the house takes of payments to a shop in one currency, from now on."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    shop_id = request.path("shop_id")
    made = await request.services.db.write(run_once, once, set_fee, requester, shop_id, data)
    return answer(made, status=201)


routes: list[Any] = [
    key_shop,
    key_balances,
    shop_categories,
    post_shop,
    my_shops,
    one_shop,
    shop_page,
    patch_shop,
    staff,
    put_staff,
    delete_staff,
    keys,
    post_key,
    delete_key,
    shop_freezes,
    fees,
    balances,
    post_balance,
    admin_shops,
    admin_shop,
    admin_decisions,
    post_decision,
    admin_fees,
    post_fee,
]
