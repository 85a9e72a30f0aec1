"""Routes of charges: for shops' people, shops' programs, payers, and for whoever has a code."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import JSONBody

from teahouse.platform.http import Request, answer
from teahouse.platform.idempotency import read_once, run_once
from teahouse.platform.pages import Page, page_limit, parse_cursor
from teahouse.platform.router import OPEN
from teahouse.wallet.charges.commands import (
    cancel_charge,
    capture_charge,
    confirm_charge,
    create_charge,
    decline_charge,
    pay_charge,
    pay_shop,
    refund_charge,
    tip_charge,
    void_charge,
)
from teahouse.wallet.charges.queries import (
    find_pay_page,
    list_charges,
    list_own_charges,
    preview_charge,
    view_charge,
    view_own_charge,
)
from teahouse.wallet.charges.types import (
    CaptureWish,
    MyCharge,
    NewCharge,
    PayPage,
    PayShopWish,
    PayWish,
    Refund,
    RefundWish,
    ShopCharge,
    TipWish,
)
from teahouse.wallet.shops.api import FOR_KEYS, KEY_ROOT, SHOP, key_holder, told
from teahouse.wallet.shops.types import Clerk

_MINE: Final = "/api/v1/wallet/charges"
_MY_ONE = _MINE + "/{charge_id:str}"
_PAY: Final = "/api/v1/wallet/pay/{code:str}"
_OF_SHOP: Final = SHOP + "/charges"
_OF_KEY: Final = KEY_ROOT + "/charges"
_ONE_OF_SHOP = _OF_SHOP + "/{charge_id:str}"
_ONE_OF_KEY = _OF_KEY + "/{charge_id:str}"


async def _person(request: Request) -> tuple[Clerk, str, str]:
    """One of the shop's people, whose shop, and whose idempotency keys."""
    requester = await request.requester()
    return requester, request.path("shop_id"), requester.user_id


async def _program(request: Request) -> tuple[Clerk, str, str]:
    """One of the shop's programs, whose shop, and whose idempotency keys."""
    holder = key_holder(request)
    return holder, holder.shop_id, holder.shop_key_id


def _wanted(request: Request) -> dict[str, str]:
    """The conditions of a list."""
    wanted = {
        name: found
        for name in ("status", "reference")
        if (found := request.query(name)) is not None
    }
    place = parse_cursor(request.query("cursor"), tuple[str])
    return wanted if place is None else {**wanted, "before": place[0]}


# What a shop does, whoever acts for it


Asking = tuple[Clerk, str, str]


async def _create(request: Request, asking: Asking, wish: NewCharge) -> Response[bytes]:
    clerk, shop_id, who = asking
    once = await read_once(request, who)
    made = await request.services.db.write(run_once, once, create_charge, clerk, shop_id, wish)
    return answer(made, status=201)


async def _list(request: Request, asking: Asking) -> Page[ShopCharge]:
    clerk, shop_id, _ = asking
    return await request.services.db.read(
        list_charges, clerk, shop_id, wanted=_wanted(request), limit=page_limit(request)
    )


async def _view(request: Request, asking: Asking) -> ShopCharge:
    clerk, shop_id, _ = asking
    return await request.services.db.read(view_charge, clerk, shop_id, request.path("charge_id"))


async def _capture(request: Request, asking: Asking, wish: CaptureWish) -> Response[bytes]:
    clerk, shop_id, who = asking
    once, charge_id = await read_once(request, who), request.path("charge_id")
    done = await request.services.db.write(
        run_once, once, capture_charge, clerk, shop_id, charge_id, wish
    )
    return answer(done)


async def _void(request: Request, asking: Asking) -> Response[bytes]:
    clerk, shop_id, who = asking
    once, charge_id = await read_once(request, who), request.path("charge_id")
    done = await request.services.db.write(run_once, once, void_charge, clerk, shop_id, charge_id)
    return answer(done)


async def _cancel(request: Request, asking: Asking) -> Response[bytes]:
    clerk, shop_id, who = asking
    once, charge_id = await read_once(request, who), request.path("charge_id")
    done = await request.services.db.write(run_once, once, cancel_charge, clerk, shop_id, charge_id)
    return answer(done)


async def _refund(request: Request, asking: Asking, wish: RefundWish) -> Response[bytes]:
    clerk, shop_id, who = asking
    once, charge_id = await read_once(request, who), request.path("charge_id")
    made = await request.services.db.write(
        run_once, once, refund_charge, clerk, shop_id, charge_id, wish
    )
    return answer(made, status=201)


# The shop's people


@post(_OF_SHOP, status_code=201, responses=told(ShopCharge))
async def post_charge(request: Request, data: JSONBody[NewCharge]) -> Response[bytes]:
    """Ask for money at a till; the answer's `code` leads the payer to it."""
    return await _create(request, await _person(request), data)


@get(_OF_SHOP)
async def charges(request: Request) -> Page[ShopCharge]:
    """The shop's charges, the newest first; with `status` or `reference`, only those."""
    return await _list(request, await _person(request))


@get(_ONE_OF_SHOP)
async def charge(request: Request) -> ShopCharge:
    """One charge of the shop."""
    return await _view(request, await _person(request))


@post(f"{_ONE_OF_SHOP}/capture", status_code=200, responses=told(ShopCharge, 200))
async def post_capture(request: Request, data: JSONBody[CaptureWish]) -> Response[bytes]:
    """Capture what is held, in full or part; once. Managers."""
    return await _capture(request, await _person(request), data)


@post(f"{_ONE_OF_SHOP}/void", status_code=200, responses=told(ShopCharge, 200))
async def post_void(request: Request) -> Response[bytes]:
    """Let go of what is held. Managers."""
    return await _void(request, await _person(request))


@post(f"{_ONE_OF_SHOP}/cancel", status_code=200, responses=told(ShopCharge, 200))
async def post_cancel(request: Request) -> Response[bytes]:
    """Ask no more for what nobody has paid."""
    return await _cancel(request, await _person(request))


@post(f"{_ONE_OF_SHOP}/refunds", status_code=201, responses=told(Refund))
async def post_refund(request: Request, data: JSONBody[RefundWish]) -> Response[bytes]:
    """Give back what was paid, in full or part; together never more than was paid. Managers."""
    return await _refund(request, await _person(request), data)


# The shop's programs


@post(_OF_KEY, status_code=201, responses=told(ShopCharge), **FOR_KEYS)
async def key_post_charge(request: Request, data: JSONBody[NewCharge]) -> Response[bytes]:
    """Ask for money; send the payer to `pay_path`, or show its code. Scope `charges:write`."""
    return await _create(request, await _program(request), data)


@get(_OF_KEY, **FOR_KEYS)
async def key_charges(request: Request) -> Page[ShopCharge]:
    """The shop's charges, the newest first. Scope `charges:read`."""
    return await _list(request, await _program(request))


@get(_ONE_OF_KEY, **FOR_KEYS)
async def key_charge(request: Request) -> ShopCharge:
    """One charge of the shop. Scope `charges:read`."""
    return await _view(request, await _program(request))


@post(f"{_ONE_OF_KEY}/capture", status_code=200, responses=told(ShopCharge, 200), **FOR_KEYS)
async def key_post_capture(request: Request, data: JSONBody[CaptureWish]) -> Response[bytes]:
    """Capture what is held, in full or part; once. Scope `charges:write`."""
    return await _capture(request, await _program(request), data)


@post(f"{_ONE_OF_KEY}/void", status_code=200, responses=told(ShopCharge, 200), **FOR_KEYS)
async def key_post_void(request: Request) -> Response[bytes]:
    """Let go of what is held. Scope `charges:write`."""
    return await _void(request, await _program(request))


@post(f"{_ONE_OF_KEY}/cancel", status_code=200, responses=told(ShopCharge, 200), **FOR_KEYS)
async def key_post_cancel(request: Request) -> Response[bytes]:
    """Ask no more for what nobody has paid. Scope `charges:write`."""
    return await _cancel(request, await _program(request))


@post(f"{_ONE_OF_KEY}/refunds", status_code=201, responses=told(Refund), **FOR_KEYS)
async def key_post_refund(request: Request, data: JSONBody[RefundWish]) -> Response[bytes]:
    """Give back what was paid, in full or part. Scope `refunds:write`."""
    return await _refund(request, await _program(request), data)


# Payers


@get(_MINE)
async def my_charges(request: Request) -> Page[MyCharge]:
    """What one has paid to shops, the newest first.

    With `status=awaiting_member`: what one is asked to confirm.
    """
    requester = await request.requester()
    return await request.services.db.read(
        list_own_charges, requester, wanted=_wanted(request), limit=page_limit(request)
    )


@get(_MY_ONE)
async def my_charge(request: Request) -> MyCharge:
    """One charge that one has paid, or is asked to confirm."""
    requester = await request.requester()
    return await request.services.db.read(view_own_charge, requester, request.path("charge_id"))


@post(f"{_MY_ONE}/confirm", status_code=200, responses=told(MyCharge, 200))
async def post_confirm(request: Request, data: JSONBody[PayWish]) -> Response[bytes]:
    """Pay a charge that a till made of one's code and that waits for one's confirmation."""
    requester = await request.requester()
    once, charge_id = await read_once(request, requester.user_id), request.path("charge_id")
    done = await request.services.db.write(
        run_once, once, confirm_charge, requester, charge_id, data
    )
    return answer(done)


@post(f"{_MY_ONE}/decline", status_code=200)
async def post_decline(request: Request) -> MyCharge:
    """Say no to a charge that waits for one's confirmation."""
    requester = await request.requester()
    return await request.services.db.write(decline_charge, requester, request.path("charge_id"))


@post(f"{_MY_ONE}/tip", status_code=201, responses=told(MyCharge))
async def post_tip(request: Request, data: JSONBody[TipWish]) -> Response[bytes]:
    """Give a tip after one has paid, once, within a day."""
    requester = await request.requester()
    once, charge_id = await read_once(request, requester.user_id), request.path("charge_id")
    done = await request.services.db.write(run_once, once, tip_charge, requester, charge_id, data)
    return answer(done, status=201)


@post(f"{SHOP}/pay", status_code=201, responses=told(MyCharge))
async def post_pay_shop(request: Request, data: JSONBody[PayShopWish]) -> Response[bytes]:
    """Pay a shop whose printed code one has scanned, an amount that one enters."""
    requester = await request.requester()
    once, shop_id = await read_once(request, requester.user_id), request.path("shop_id")
    done = await request.services.db.write(run_once, once, pay_shop, requester, shop_id, data)
    return answer(done, status=201)


# Whoever has a code


@get(_PAY, opt=OPEN)
async def pay_page(request: Request) -> PayPage:
    """What the pay page shows to anybody: who asks for how much, and until when."""
    request.services.rate_limits.check("address", request.address())
    return await request.services.db.read(find_pay_page, request.path("code"))


@get(f"{_PAY}/charge")
async def pay_charge_preview(request: Request) -> MyCharge:
    """The same with all that a member may see before they pay."""
    requester = await request.requester()
    return await request.services.db.read(preview_charge, requester, request.path("code"))


@post(_PAY, status_code=200, responses=told(MyCharge, 200))
async def post_pay(request: Request, data: JSONBody[PayWish]) -> Response[bytes]:
    """Pay the charge that a code names."""
    requester = await request.requester()
    once, code = await read_once(request, requester.user_id), request.path("code")
    done = await request.services.db.write(run_once, once, pay_charge, requester, code, data)
    return answer(done)


routes: list[Any] = [
    post_charge,
    charges,
    charge,
    post_capture,
    post_void,
    post_cancel,
    post_refund,
    key_post_charge,
    key_charges,
    key_charge,
    key_post_capture,
    key_post_void,
    key_post_cancel,
    key_post_refund,
    my_charges,
    my_charge,
    post_confirm,
    post_decline,
    post_tip,
    post_pay_shop,
    pay_page,
    pay_charge_preview,
    post_pay,
]
