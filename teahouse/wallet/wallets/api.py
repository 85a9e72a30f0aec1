"""Routes of wallets, below /api/v1/wallet/wallets."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post, put
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody

from teahouse.platform.db import Read
from teahouse.platform.http import Request, answer
from teahouse.platform.idempotency import read_once, run_once
from teahouse.platform.requester import Requester
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.wallets.access import access_wallet
from teahouse.wallet.wallets.commands import change_settings, open_own_wallet
from teahouse.wallet.wallets.queries import find_settings, view_wallet, view_wallets
from teahouse.wallet.wallets.types import (
    HouseCurrencies,
    NewWallet,
    SettingsChange,
    WalletList,
    WalletSettings,
    WalletView,
)

_ROOT = "/api/v1/wallet/wallets"
_SETTINGS = "/api/v1/wallet/settings"


@get(_ROOT)
async def wallets(request: Request) -> WalletList:
    """One's wallets with what is in them, and the currencies of this house."""
    requester = await request.requester()
    currencies = request.services.get(HouseCurrencies)
    return await request.services.db.read(view_wallets, requester.user_id, currencies)


@post(_ROOT, status_code=201, responses={201: ResponseSpec(WalletView)})
async def post_wallet(request: Request, data: JSONBody[NewWallet]) -> Response[bytes]:
    """Open a wallet in a currency; where there is one already, this answers it."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    currencies = request.services.get(HouseCurrencies)
    told = await request.services.db.write(
        run_once, once, open_own_wallet, requester, data, currencies
    )
    return answer(told, status=201)


@get(f"{_ROOT}/{{wallet_id:str}}")
async def wallet(request: Request) -> WalletView:
    """One of one's wallets."""
    requester = await request.requester()
    return await request.services.db.read(_view_own, requester, request.path("wallet_id"))


@get(_SETTINGS)
async def settings(request: Request) -> WalletSettings:
    """What one has chosen for one's wallet."""
    requester = await request.requester()
    currencies = request.services.get(HouseCurrencies)
    return await request.services.db.read(_own_settings, requester, currencies)


@put(_SETTINGS)
async def put_settings(request: Request, data: JSONBody[SettingsChange]) -> WalletSettings:
    """Choose the preferred currency, and whether one accepts money by hand."""
    requester = await request.requester()
    currencies = request.services.get(HouseCurrencies)
    return await request.services.db.write(change_settings, requester, data, currencies)


def _view_own(read: Read, requester: Requester, wallet_id: str) -> WalletView:
    return view_wallet(read, access_wallet(read, requester, wallet_id))


def _own_settings(read: Read, requester: Requester, currencies: HouseCurrencies) -> WalletSettings:
    return find_settings(read, find_party(read, requester.user_id), currencies)


routes: list[Any] = [wallets, post_wallet, wallet, settings, put_settings]
