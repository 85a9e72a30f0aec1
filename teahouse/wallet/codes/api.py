"""Routes of codes: what shops print and show, what members show and scan."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, delete, get, post
from litestar.params import JSONBody

from teahouse.ledger import InsufficientFunds
from teahouse.platform.errors import InvalidParam
from teahouse.platform.http import Request, answer
from teahouse.platform.idempotency import read_once, run_once
from teahouse.platform.router import OPEN
from teahouse.wallet.charges.types import ShopCharge
from teahouse.wallet.codes.commands import (
    charge_payment_code,
    show_payment_code,
    take_codes_back,
)
from teahouse.wallet.codes.errors import PayerCannotPay
from teahouse.wallet.codes.queries import (
    draw_charge_code,
    draw_pay_code,
    draw_shop_code,
    find_fate,
    scan_code,
)
from teahouse.wallet.codes.rules import draw_qr
from teahouse.wallet.codes.types import (
    CodeChargeWish,
    CodeFate,
    DrawnCode,
    OurNetwork,
    Scanned,
    ScanWish,
    ShownCode,
)
from teahouse.wallet.limits.errors import LimitReached, PayerFrozen
from teahouse.wallet.shops.api import FOR_KEYS, KEY_ROOT, SHOP, key_holder, told
from teahouse.wallet.shops.types import Clerk
from teahouse.wallet.wallets.errors import NoWallet, WalletClosed, WalletFrozen

_CODES: Final = "/api/v1/wallet/payment-codes"
_CHARGE = "/charges/{charge_id:str}/code"


def _shown(request: Request, drawn: DrawnCode) -> Response[bytes]:
    """A code as JSON, or as an image where `format` asks for one."""
    kind = request.query("format") or "json"
    if kind == "json":
        return answer(drawn)
    if kind == "svg":
        return Response(drawn.image.encode(), media_type="image/svg+xml")
    if kind == "png":
        return Response(draw_qr(drawn.payload, "png"), media_type="image/png")
    raise InvalidParam("`format` is json, svg or png.")


# What shops show


@get(f"{SHOP}/code", responses=told(DrawnCode, 200))
async def shop_code(request: Request) -> Response[bytes]:
    """The shop's code to print, as JSON, or with `format` as svg or png."""
    requester = await request.requester()
    drawn = await request.services.db.read(
        draw_shop_code,
        requester,
        request.path("shop_id"),
        currency=request.query("currency"),
        house=request.services.get(OurNetwork),
    )
    return _shown(request, drawn)


@get(f"{KEY_ROOT}/code", responses=told(DrawnCode, 200), **FOR_KEYS)
async def key_shop_code(request: Request) -> Response[bytes]:
    """The shop's code to print, as JSON, or with `format` as svg or png."""
    holder = key_holder(request)
    drawn = await request.services.db.read(
        draw_shop_code,
        holder,
        holder.shop_id,
        currency=request.query("currency"),
        house=request.services.get(OurNetwork),
    )
    return _shown(request, drawn)


@get(SHOP + _CHARGE, responses=told(DrawnCode, 200))
async def charge_code(request: Request) -> Response[bytes]:
    """The code of one charge for a till to show, as JSON, or with `format` as svg or png."""
    requester = await request.requester()
    drawn = await request.services.db.read(
        draw_charge_code,
        requester,
        request.path("shop_id"),
        charge_id=request.path("charge_id"),
        house=request.services.get(OurNetwork),
    )
    return _shown(request, drawn)


@get(KEY_ROOT + _CHARGE, responses=told(DrawnCode, 200), **FOR_KEYS)
async def key_charge_code(request: Request) -> Response[bytes]:
    """The code of one charge for a till to show. Scope `charges:read`."""
    holder = key_holder(request)
    drawn = await request.services.db.read(
        draw_charge_code,
        holder,
        holder.shop_id,
        charge_id=request.path("charge_id"),
        house=request.services.get(OurNetwork),
    )
    return _shown(request, drawn)


@get("/api/v1/wallet/pay/{code:str}/code", opt=OPEN, responses=told(DrawnCode, 200))
async def pay_code(request: Request) -> Response[bytes]:
    """The code of one charge for its pay page, to be scanned by a phone."""
    request.services.rate_limits.check("address", request.address())
    drawn = await request.services.db.read(
        draw_pay_code, request.path("code"), request.services.get(OurNetwork)
    )
    return _shown(request, drawn)


# What members scan and show


@post("/api/v1/wallet/scan", status_code=200)
async def post_scan(request: Request, data: JSONBody[ScanWish]) -> Scanned:
    """What a scanned code leads to: a shop, or a charge of one. Nothing is paid."""
    requester = await request.requester()
    return await request.services.db.read(
        scan_code, requester, data.text, request.services.get(OurNetwork)
    )


@post(_CODES, status_code=201)
async def post_payment_code(request: Request) -> ShownCode:
    """A one-time code to show at a till; it works for a minute.

    It is told only now and kept nowhere, so a repeated request gets another one.
    """
    requester = await request.requester()
    return await request.services.db.write(show_payment_code, requester)


@get(_CODES + "/{payment_code_id:str}")
async def payment_code(request: Request) -> CodeFate:
    """What became of a code that one has shown."""
    requester = await request.requester()
    return await request.services.db.read(find_fate, requester, request.path("payment_code_id"))


@delete(_CODES, status_code=204)
async def delete_payment_codes(request: Request) -> None:
    """Let all one's codes work no more."""
    requester = await request.requester()
    await request.services.db.write(take_codes_back, requester)


# What tills charge

# What concerns the payer alone: limits, and what is in their wallet.
_OWN_MATTERS: Final = (
    InsufficientFunds,
    LimitReached,
    NoWallet,
    PayerFrozen,
    WalletClosed,
    WalletFrozen,
)


async def _charge(
    request: Request, asking: tuple[Clerk, str, str], wish: CodeChargeWish
) -> Response[bytes]:
    clerk, shop_id, who = asking
    once = await read_once(request, who)
    try:
        made = await request.services.db.write(
            run_once, once, charge_payment_code, clerk, shop_id, wish
        )
    except _OWN_MATTERS:
        raise PayerCannotPay from None
    return answer(made, status=201)


@post(f"{SHOP}/payment-codes/charge", status_code=201, responses=told(ShopCharge))
async def post_code_charge(request: Request, data: JSONBody[CodeChargeWish]) -> Response[bytes]:
    """Charge the member whose code a till has scanned; see `status` whether they must confirm."""
    requester = await request.requester()
    asking = (requester, request.path("shop_id"), requester.user_id)
    return await _charge(request, asking, data)


@post(f"{KEY_ROOT}/payment-codes/charge", status_code=201, responses=told(ShopCharge), **FOR_KEYS)
async def key_post_code_charge(request: Request, data: JSONBody[CodeChargeWish]) -> Response[bytes]:
    """Charge the member whose code a till has scanned. Scope `charges:write`."""
    holder = key_holder(request)
    return await _charge(request, (holder, holder.shop_id, holder.shop_key_id), data)


routes: list[Any] = [
    shop_code,
    key_shop_code,
    charge_code,
    key_charge_code,
    pay_code,
    post_scan,
    post_payment_code,
    payment_code,
    delete_payment_codes,
    post_code_charge,
    key_post_code_charge,
]
