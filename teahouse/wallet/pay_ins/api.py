"""Routes of paying in, below /api/v1/wallet."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody

from teahouse.platform.db import Read, Tx
from teahouse.platform.http import Request, answer
from teahouse.platform.idempotency import read_once, run_once
from teahouse.platform.pages import Page, page_limit, parse_cursor
from teahouse.platform.requester import Requester
from teahouse.wallet.outside.live import BankLink
from teahouse.wallet.outside.types import HouseBank
from teahouse.wallet.parties.commands import party_of
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.pay_ins.commands import give_reference
from teahouse.wallet.pay_ins.queries import list_details, list_pay_ins
from teahouse.wallet.pay_ins.types import NewReference, PayIn, PayInDetails
from teahouse.wallet.wallets.commands import check_offered
from teahouse.wallet.wallets.types import HouseCurrencies

_DONE = "The reference; the same one whenever it is asked for."
_REFERENCES = "/api/v1/wallet/pay-in-references"


@get(_REFERENCES)
async def pay_in_references(request: Request) -> list[PayInDetails]:
    """Where one can pay in by a transfer, for each currency, and with which reference."""
    requester = await request.requester()
    services = request.services
    currencies = services.get(HouseCurrencies)
    house = services.get(BankLink).house
    return await services.db.read(_list_own, requester, house, currencies)


@post(_REFERENCES, status_code=201, responses={201: ResponseSpec(PayInDetails, description=_DONE)})
async def post_pay_in_reference(request: Request, data: JSONBody[NewReference]) -> Response[bytes]:
    """Get the reference to name in a transfer to the house's account, so that it is credited."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    services = request.services
    currency = check_offered(data.currency, services.get(HouseCurrencies))
    house = services.get(BankLink).house
    told = await services.db.write(
        run_once, once, _give_own, requester, NewReference(currency), house
    )
    return answer(told, status=201)


@get("/api/v1/wallet/pay-ins")
async def pay_ins(request: Request) -> Page[PayIn]:
    """What came with one's references, the newest first. Query parameters: `cursor`, `limit`."""
    requester = await request.requester()
    place = parse_cursor(request.query("cursor"), tuple[str])
    return await request.services.db.read(
        _list_own_pay_ins,
        requester,
        before=place[0] if place else None,
        limit=page_limit(request),
    )


def _list_own(
    read: Read, requester: Requester, house: HouseBank | None, currencies: HouseCurrencies
) -> list[PayInDetails]:
    return list_details(read, find_party(read, requester.user_id), house, currencies.all)


def _give_own(
    tx: Tx, requester: Requester, new: NewReference, house: HouseBank | None
) -> PayInDetails:
    return give_reference(tx, party_of(tx, requester.user_id), new.currency, house)


def _list_own_pay_ins(
    read: Read, requester: Requester, *, before: str | None, limit: int
) -> Page[PayIn]:
    party = find_party(read, requester.user_id)
    return list_pay_ins(read, party, before=before, limit=limit)


routes: list[Any] = [pay_in_references, post_pay_in_reference, pay_ins]
