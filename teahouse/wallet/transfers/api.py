"""Routes of transfers, below /api/v1/wallet/transfers."""

from __future__ import annotations

from typing import Any, get_args

from litestar import Response, get, post
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody

from teahouse.platform.db import Read
from teahouse.platform.errors import InvalidParam
from teahouse.platform.http import Request, answer
from teahouse.platform.idempotency import read_once, run_once
from teahouse.platform.pages import Page, page_limit
from teahouse.platform.requester import Requester
from teahouse.wallet.in_chat.live import Teller
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.transfers.access import access_transfer
from teahouse.wallet.transfers.commands import answer_transfer, send_transfer
from teahouse.wallet.transfers.queries import show_transfers, view_transfers
from teahouse.wallet.transfers.types import Answer, TransferBody, TransferStatus, TransferView
from teahouse.wallet.wallets.types import HouseCurrencies

_ROOT = "/api/v1/wallet/transfers"
_ONE = _ROOT + "/{transfer_id:str}"


@post(_ROOT, status_code=201, responses={201: ResponseSpec(TransferView)})
async def post_transfer(request: Request, data: JSONBody[TransferBody]) -> Response[bytes]:
    """Give money to a member, at once or once they have accepted it."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    services = request.services
    told = await services.db.write(
        run_once,
        once,
        send_transfer,
        requester,
        data,
        teller=services.get(Teller),
        currencies=services.get(HouseCurrencies),
    )
    return answer(told, status=201)


@get(_ROOT)
async def transfers(request: Request) -> Page[TransferView]:
    """One's transfers, the newest first; `status` chooses, `cursor` and `limit` page."""
    requester = await request.requester()
    status = request.query("status")
    if status is not None and status not in get_args(TransferStatus):
        raise InvalidParam(f"`status` is one of: {', '.join(get_args(TransferStatus))}.")
    return await request.services.db.read(
        view_transfers,
        requester.user_id,
        request.services.get(Teller),
        status=status,
        cursor=request.query("cursor"),
        limit=page_limit(request),
    )


@get(_ONE)
async def transfer(request: Request) -> TransferView:
    """One of one's transfers."""
    requester = await request.requester()
    return await request.services.db.read(
        _view, requester, request.path("transfer_id"), request.services.get(Teller)
    )


@post(f"{_ONE}/accept", status_code=200, responses={200: ResponseSpec(TransferView)})
async def accept(request: Request) -> Response[bytes]:
    """Accept money that waits for one."""
    return await _answer(request, "accept")


@post(f"{_ONE}/decline", status_code=200, responses={200: ResponseSpec(TransferView)})
async def decline(request: Request) -> Response[bytes]:
    """Decline money that waits for one: the other has it back at once."""
    return await _answer(request, "decline")


@post(f"{_ONE}/cancel", status_code=200, responses={200: ResponseSpec(TransferView)})
async def cancel(request: Request) -> Response[bytes]:
    """Take back what the other has not accepted yet."""
    return await _answer(request, "cancel")


async def _answer(request: Request, wanted: Answer) -> Response[bytes]:
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    told = await request.services.db.write(
        run_once,
        once,
        answer_transfer,
        requester,
        request.path("transfer_id"),
        wanted,
        teller=request.services.get(Teller),
    )
    return answer(told)


def _view(read: Read, requester: Requester, transfer_id: str, teller: Teller) -> TransferView:
    found = access_transfer(read, requester, transfer_id)
    party = find_party(read, requester.user_id)
    assert party is not None
    return show_transfers(read, party, teller, [found])[0]


routes: list[Any] = [post_transfer, transfers, transfer, accept, decline, cancel]
