"""Routes of settlements and payouts, below /api/v1/wallet/shops/{shop_id}."""

from __future__ import annotations

from typing import Any

from litestar import Response, delete, get, post, put
from litestar.params import JSONBody

from teahouse.accounts import Seal
from teahouse.platform.db import Read, Tx
from teahouse.platform.http import Request, answer
from teahouse.platform.idempotency import read_once, run_once
from teahouse.platform.pages import PAGE_SIZE_MAX, Page, page_limit, parse_cursor
from teahouse.platform.requester import Requester
from teahouse.wallet.limits.rules import parse_zone
from teahouse.wallet.name_checks.commands import choose_name
from teahouse.wallet.name_checks.types import NameChoice
from teahouse.wallet.outside.commands import link_account, remove_account, verify_account
from teahouse.wallet.outside.errors import WrongCode
from teahouse.wallet.outside.live import BankLink
from teahouse.wallet.outside.queries import list_outside_accounts
from teahouse.wallet.outside.types import Code, HouseBank, NewOutsideAccount, OutsideAccount
from teahouse.wallet.settlements.commands import change_plan, pay_out_now
from teahouse.wallet.settlements.queries import (
    find_settlement,
    iterate_lines,
    list_plans,
    list_settlement_lines,
    list_settlements,
)
from teahouse.wallet.settlements.rules import render_lines, render_summary
from teahouse.wallet.settlements.types import (
    PayoutPlan,
    PayoutWish,
    PlanChange,
    Settlement,
    SettlementLine,
)
from teahouse.wallet.shops.access import access_shop
from teahouse.wallet.shops.api import FOR_KEYS, KEY_ROOT, SHOP, key_holder, told
from teahouse.wallet.shops.types import Clerk

_ACCOUNTS = f"{SHOP}/outside-accounts"
_ACCOUNT = _ACCOUNTS + "/{outside_account_id:str}"
_SETTLEMENTS = f"{SHOP}/settlements"
_SETTLEMENT = _SETTLEMENTS + "/{settlement_id:str}"
_CSV = "text/csv; charset=utf-8"


@get(_ACCOUNTS)
async def shop_outside_accounts(request: Request) -> list[OutsideAccount]:
    """The shop's accounts at other banks, the newest first."""
    requester = await request.requester()
    return await request.services.db.read(
        _list_accounts, requester, request.path("shop_id"), request.services.get(Seal)
    )


@post(_ACCOUNTS, status_code=201, responses=told(OutsideAccount))
async def post_shop_outside_account(
    request: Request, data: JSONBody[NewOutsideAccount]
) -> Response[bytes]:
    """Link an account of the shop's at another bank; a small credit with a code verifies it."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    services, shop_id = request.services, request.path("shop_id")
    house, seal = services.get(BankLink).house, services.get(Seal)
    made = await services.db.write(run_once, once, _link, requester, shop_id, data, house, seal)
    return answer(made, status=201)


@post(f"{_ACCOUNT}/verify", status_code=200)
async def post_shop_verification(request: Request, data: JSONBody[Code]) -> OutsideAccount:
    """Tell the code that came with the small credit. It can be tried five times."""
    requester = await request.requester()
    request.services.rate_limits.check("login", requester.user_id)
    shop_id, account_id = request.path("shop_id"), request.path("outside_account_id")
    seal = request.services.get(Seal)
    found = await request.services.db.write(
        _verify, requester, shop_id, account_id, data.code, seal
    )
    if isinstance(found, WrongCode):
        raise found
    return found


@post(f"{_ACCOUNT}/name", status_code=200)
async def post_shop_name_choice(request: Request, data: JSONBody[NameChoice]) -> OutsideAccount:
    """Say which name of the holder is right, where the bank has doubted it."""
    requester = await request.requester()
    shop_id, account_id = request.path("shop_id"), request.path("outside_account_id")
    seal = request.services.get(Seal)
    return await request.services.db.write(_choose_name, requester, shop_id, account_id, data, seal)


@delete(_ACCOUNT, status_code=204)
async def delete_shop_outside_account(request: Request) -> None:
    """Remove an outside account of the shop's."""
    requester = await request.requester()
    shop_id, account_id = request.path("shop_id"), request.path("outside_account_id")
    seal = request.services.get(Seal)
    await request.services.db.write(_remove, requester, shop_id, account_id, seal)


@get(f"{SHOP}/payout-plans")
async def payout_plans(request: Request) -> list[PayoutPlan]:
    """When and where the shop is paid out, by currency."""
    requester = await request.requester()
    return await request.services.db.read(list_plans, requester, request.path("shop_id"))


@put(f"{SHOP}/payout-plans")
async def put_payout_plan(request: Request, data: JSONBody[PlanChange]) -> PayoutPlan:
    """Say when and where the shop is paid out, in the currency of the account."""
    requester = await request.requester()
    services = request.services
    return await services.db.write(
        change_plan,
        requester,
        request.path("shop_id"),
        data,
        seal=services.get(Seal),
        zone=parse_zone(services.settings.house_time_zone),
    )


@post(f"{SHOP}/payouts", status_code=201, responses=told(Settlement))
async def post_payout(request: Request, data: JSONBody[PayoutWish]) -> Response[bytes]:
    """Settle now, and pay out all that is there."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    services, shop_id = request.services, request.path("shop_id")
    house, seal = services.get(BankLink).house, services.get(Seal)
    made = await services.db.write(
        run_once, once, pay_out_now, requester, shop_id, data.currency, house=house, seal=seal
    )
    return answer(made, status=201)


@get(_SETTLEMENTS)
async def settlements(request: Request) -> Page[Settlement]:
    """The shop's settlements, the newest first. Query parameters: `cursor`, `limit`."""
    requester = await request.requester()
    return await _list_page(request, requester, request.path("shop_id"))


@get(f"{SHOP}/settlements.csv", media_type=_CSV)
async def settlements_csv(request: Request) -> str:
    """The shop's last settlements as CSV, one in a line."""
    requester = await request.requester()
    found = await request.services.db.read(
        list_settlements, requester, request.path("shop_id"), before=None, limit=PAGE_SIZE_MAX
    )
    return render_summary(found.items)


@get(_SETTLEMENT)
async def settlement(request: Request) -> Settlement:
    """One of the shop's settlements."""
    requester = await request.requester()
    return await request.services.db.read(
        find_settlement, requester, request.path("shop_id"), request.path("settlement_id")
    )


@get(f"{_SETTLEMENT}/lines")
async def settlement_lines(request: Request) -> Page[SettlementLine]:
    """The postings of a settlement, in their order. Query parameters: `cursor`, `limit`."""
    requester = await request.requester()
    place = parse_cursor(request.query("cursor"), tuple[int])
    return await request.services.db.read(
        list_settlement_lines,
        requester,
        request.path("shop_id"),
        request.path("settlement_id"),
        after=place[0] if place else 0,
        limit=page_limit(request),
    )


@get(f"{_SETTLEMENT}/lines.csv", media_type=_CSV)
async def settlement_lines_csv(request: Request) -> str:
    """The postings of a settlement as CSV."""
    requester = await request.requester()
    shop_id, settlement_id = request.path("shop_id"), request.path("settlement_id")
    lines = await request.services.db.read(iterate_lines, requester, shop_id, settlement_id)
    return render_lines(lines)


@get(f"{KEY_ROOT}/settlements", **FOR_KEYS)
async def key_settlements(request: Request) -> Page[Settlement]:
    """The shop's settlements, the newest first. Scope `reports:read`."""
    holder = key_holder(request)
    return await _list_page(request, holder, holder.shop_id)


async def _list_page(request: Request, clerk: Clerk, shop_id: str) -> Page[Settlement]:
    place = parse_cursor(request.query("cursor"), tuple[str])
    before = place[0] if place else None
    return await request.services.db.read(
        list_settlements, clerk, shop_id, before=before, limit=page_limit(request)
    )


def _list_accounts(
    read: Read, requester: Requester, shop_id: str, seal: Seal
) -> list[OutsideAccount]:
    shop = access_shop(read, requester, shop_id, "payouts.change")
    return list_outside_accounts(read, shop.party, seal)


def _link(
    tx: Tx,
    requester: Requester,
    shop_id: str,
    new: NewOutsideAccount,
    house: HouseBank | None,
    seal: Seal,
) -> OutsideAccount:
    shop = access_shop(tx, requester, shop_id, "payouts.change")
    return link_account(tx, shop.party, new, house, seal)


def _verify(
    tx: Tx, requester: Requester, shop_id: str, account_id: str, code: str, seal: Seal
) -> OutsideAccount | WrongCode:
    shop = access_shop(tx, requester, shop_id, "payouts.change")
    return verify_account(tx, shop.party, account_id, code, seal)


def _choose_name(
    tx: Tx, requester: Requester, shop_id: str, account_id: str, choice: NameChoice, seal: Seal
) -> OutsideAccount:
    shop = access_shop(tx, requester, shop_id, "payouts.change")
    return choose_name(tx, shop.party, account_id, choice, seal)


def _remove(tx: Tx, requester: Requester, shop_id: str, account_id: str, seal: Seal) -> None:
    shop = access_shop(tx, requester, shop_id, "payouts.change")
    remove_account(tx, shop.party, account_id, seal)


routes: list[Any] = [
    shop_outside_accounts,
    post_shop_outside_account,
    post_shop_verification,
    post_shop_name_choice,
    delete_shop_outside_account,
    payout_plans,
    put_payout_plan,
    post_payout,
    settlements,
    settlements_csv,
    settlement,
    settlement_lines,
    settlement_lines_csv,
    key_settlements,
]
