"""Routes of outside accounts, top-ups and withdrawals, below /api/v1/wallet."""

from __future__ import annotations

from typing import Any

from litestar import Response, delete, get, post
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody

from teahouse.accounts import Seal
from teahouse.platform.db import Read, Tx
from teahouse.platform.http import Request, answer
from teahouse.platform.idempotency import read_once, run_once
from teahouse.platform.pages import Page, page_limit, parse_cursor
from teahouse.platform.requester import Requester
from teahouse.wallet.outside.access import access_order, access_outside_account
from teahouse.wallet.outside.commands import (
    link_account,
    order_top_up,
    order_withdrawal,
    remove_account,
    verify_account,
)
from teahouse.wallet.outside.errors import WrongCode
from teahouse.wallet.outside.live import BankLink
from teahouse.wallet.outside.queries import list_orders, list_outside_accounts
from teahouse.wallet.outside.types import (
    BankOrder,
    Code,
    HouseBank,
    NewOutsideAccount,
    NewTopUp,
    NewWithdrawal,
    OrderKind,
    OutsideAccount,
)
from teahouse.wallet.parties.commands import party_of
from teahouse.wallet.parties.queries import find_party

_DONE = "Done; the same again for the same key."
_ACCOUNTS = "/api/v1/wallet/outside-accounts"
_ACCOUNT = _ACCOUNTS + "/{outside_account_id:str}"
_TOP_UPS = "/api/v1/wallet/top-ups"
_WITHDRAWALS = "/api/v1/wallet/withdrawals"


@get(_ACCOUNTS)
async def outside_accounts(request: Request) -> list[OutsideAccount]:
    """One's accounts at other banks, the newest first; of their numbers only the end."""
    requester = await request.requester()
    return await request.services.db.read(_list_own, requester, request.services.get(Seal))


@post(_ACCOUNTS, status_code=201, responses={201: ResponseSpec(OutsideAccount, description=_DONE)})
async def post_outside_account(
    request: Request, data: JSONBody[NewOutsideAccount]
) -> Response[bytes]:
    """Link an account at another bank. A small credit with a code is sent there to verify it."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    services = request.services
    house = services.get(BankLink).house
    told = await services.db.write(
        run_once, once, _link_own, requester, data, house, services.get(Seal)
    )
    return answer(told, status=201)


@get(_ACCOUNT)
async def outside_account(request: Request) -> OutsideAccount:
    """One of one's accounts at other banks."""
    requester = await request.requester()
    return await request.services.db.read(
        _find_own, requester, request.path("outside_account_id"), request.services.get(Seal)
    )


@post(f"{_ACCOUNT}/verify", status_code=200)
async def post_verification(request: Request, data: JSONBody[Code]) -> OutsideAccount:
    """Tell the code that came with the small credit. It can be tried five times."""
    requester = await request.requester()
    request.services.rate_limits.check("login", requester.user_id)
    found = await request.services.db.write(
        _verify_own,
        requester,
        request.path("outside_account_id"),
        data.code,
        request.services.get(Seal),
    )
    if isinstance(found, WrongCode):
        raise found
    return found


@delete(_ACCOUNT, status_code=204)
async def delete_outside_account(request: Request) -> None:
    """Remove an outside account; what is on its way still arrives."""
    requester = await request.requester()
    await request.services.db.write(
        _remove_own, requester, request.path("outside_account_id"), request.services.get(Seal)
    )


@get(_TOP_UPS)
async def top_ups(request: Request) -> Page[BankOrder]:
    """One's top-ups, the newest first. Query parameters: `cursor`, `limit`."""
    return await _list_page(request, "top_up")


@post(_TOP_UPS, status_code=201, responses={201: ResponseSpec(BankOrder, description=_DONE)})
async def post_top_up(request: Request, data: JSONBody[NewTopUp]) -> Response[bytes]:
    """Collect money from an outside account; the wallet has it once the bank has booked it."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    services = request.services
    house = services.get(BankLink).house
    told = await services.db.write(
        run_once, once, order_top_up, requester, data, house, services.get(Seal)
    )
    return answer(told, status=201)


@get(f"{_TOP_UPS}/{{order_id:str}}")
async def top_up(request: Request) -> BankOrder:
    """One of one's top-ups, and how far it is."""
    requester = await request.requester()
    return await request.services.db.read(
        access_order, requester, request.path("order_id"), "top_up"
    )


@get(_WITHDRAWALS)
async def withdrawals(request: Request) -> Page[BankOrder]:
    """One's withdrawals, the newest first. Query parameters: `cursor`, `limit`."""
    return await _list_page(request, "withdrawal")


@post(_WITHDRAWALS, status_code=201, responses={201: ResponseSpec(BankOrder, description=_DONE)})
async def post_withdrawal(request: Request, data: JSONBody[NewWithdrawal]) -> Response[bytes]:
    """Send money to an outside account; what its bank rejects or returns comes back."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    services = request.services
    house = services.get(BankLink).house
    told = await services.db.write(
        run_once, once, order_withdrawal, requester, data, house, services.get(Seal)
    )
    return answer(told, status=201)


@get(f"{_WITHDRAWALS}/{{order_id:str}}")
async def withdrawal(request: Request) -> BankOrder:
    """One of one's withdrawals, and how far it is."""
    requester = await request.requester()
    return await request.services.db.read(
        access_order, requester, request.path("order_id"), "withdrawal"
    )


async def _list_page(request: Request, kind: OrderKind) -> Page[BankOrder]:
    requester = await request.requester()
    place = parse_cursor(request.query("cursor"), tuple[str])
    return await request.services.db.read(
        _list_own_orders,
        requester,
        kind,
        before=place[0] if place else None,
        limit=page_limit(request),
    )


def _list_own(read: Read, requester: Requester, seal: Seal) -> list[OutsideAccount]:
    return list_outside_accounts(read, find_party(read, requester.user_id), seal)


def _list_own_orders(
    read: Read, requester: Requester, kind: OrderKind, *, before: str | None, limit: int
) -> Page[BankOrder]:
    party = find_party(read, requester.user_id)
    return list_orders(read, party, kind, before=before, limit=limit)


def _find_own(
    read: Read, requester: Requester, outside_account_id: str, seal: Seal
) -> OutsideAccount:
    party = find_party(read, requester.user_id)
    return access_outside_account(read, party, outside_account_id, seal)


def _link_own(
    tx: Tx, requester: Requester, new: NewOutsideAccount, house: HouseBank | None, seal: Seal
) -> OutsideAccount:
    return link_account(tx, party_of(tx, requester.user_id), new, house, seal)


def _verify_own(
    tx: Tx, requester: Requester, outside_account_id: str, code: str, seal: Seal
) -> OutsideAccount | WrongCode:
    party = find_party(tx, requester.user_id)
    return verify_account(tx, party, outside_account_id, code, seal)


def _remove_own(tx: Tx, requester: Requester, outside_account_id: str, seal: Seal) -> None:
    remove_account(tx, find_party(tx, requester.user_id), outside_account_id, seal)


routes: list[Any] = [
    outside_accounts,
    post_outside_account,
    outside_account,
    post_verification,
    delete_outside_account,
    top_ups,
    post_top_up,
    top_up,
    withdrawals,
    post_withdrawal,
    withdrawal,
]
