"""Routes of requests and splits, below /api/v1/wallet/requests and /api/v1/wallet/splits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, get_args

from litestar import Response, get, post
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody

from teahouse.platform.db import Read, Tx
from teahouse.platform.errors import InvalidParam
from teahouse.platform.http import Request, answer
from teahouse.platform.idempotency import read_once, run_once
from teahouse.platform.pages import Page, page_limit
from teahouse.platform.requester import Requester
from teahouse.wallet.in_chat.live import Teller
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.requests.access import access_request, access_split
from teahouse.wallet.requests.commands import (
    ask,
    cancel_request,
    cancel_split,
    decline_request,
    pay_request,
    remind,
    remind_split,
    split_bill,
)
from teahouse.wallet.requests.queries import (
    show_request,
    show_split,
    view_requests,
    view_splits,
)
from teahouse.wallet.requests.types import (
    PaidRequest,
    PayBody,
    Reminded,
    RequestBody,
    RequestStatus,
    RequestView,
    SplitBody,
    SplitView,
)
from teahouse.wallet.wallets.types import HouseCurrencies

P = ParamSpec("P")

_REQUESTS = "/api/v1/wallet/requests"
_REQUEST = _REQUESTS + "/{request_id:str}"
_SPLITS = "/api/v1/wallet/splits"
_SPLIT = _SPLITS + "/{split_id:str}"


# Requests


@post(_REQUESTS, status_code=201, responses={201: ResponseSpec(RequestView)})
async def post_request(request: Request, data: JSONBody[RequestBody]) -> Response[bytes]:
    """Ask a member for money."""
    requester = await request.requester()
    teller, currencies = request.services.get(Teller), request.services.get(HouseCurrencies)
    return await _once(request, ask, requester, data, teller=teller, currencies=currencies)


@get(_REQUESTS)
async def requests(request: Request) -> Page[RequestView]:
    """One's requests, the newest first; `direction` (`in`, `out`) and `status` choose."""
    requester = await request.requester()
    return await request.services.db.read(
        view_requests,
        requester,
        direction=_one_of(request, "direction", ("in", "out")),
        status=_one_of(request, "status", get_args(RequestStatus)),
        cursor=request.query("cursor"),
        limit=page_limit(request),
    )


@get(_REQUEST)
async def payment_request(request: Request) -> RequestView:
    """One of one's requests."""
    requester = await request.requester()
    return await request.services.db.read(_view, requester, request.path("request_id"))


@post(f"{_REQUEST}/pay", status_code=200, responses={200: ResponseSpec(PaidRequest)})
async def post_pay(request: Request, data: JSONBody[PayBody]) -> Response[bytes]:
    """Pay what one is asked for."""
    requester = await request.requester()
    teller = request.services.get(Teller)
    return await _once(
        request,
        pay_request,
        requester,
        request.path("request_id"),
        data.confirmation,
        teller=teller,
    )


@post(f"{_REQUEST}/decline", status_code=200, responses={200: ResponseSpec(RequestView)})
async def post_decline(request: Request) -> Response[bytes]:
    """Decline to pay what one is asked for."""
    requester = await request.requester()
    teller, request_id = request.services.get(Teller), request.path("request_id")
    return await _once(request, decline_request, requester, request_id, teller=teller)


@post(f"{_REQUEST}/cancel", status_code=200, responses={200: ResponseSpec(RequestView)})
async def post_cancel(request: Request) -> Response[bytes]:
    """Ask no longer."""
    requester = await request.requester()
    teller, request_id = request.services.get(Teller), request.path("request_id")
    return await _once(request, cancel_request, requester, request_id, teller=teller)


@post(f"{_REQUEST}/remind", status_code=200, responses={200: ResponseSpec(Reminded)})
async def post_remind(request: Request) -> Response[bytes]:
    """Remind who is asked, at most once a day."""
    requester = await request.requester()
    teller, request_id = request.services.get(Teller), request.path("request_id")
    return await _once(request, remind, requester, request_id, teller=teller)


# Splits


@post(_SPLITS, status_code=201, responses={201: ResponseSpec(SplitView)})
async def post_split(request: Request, data: JSONBody[SplitBody]) -> Response[bytes]:
    """Split a bill among members of a room: evenly, by amounts or by weights."""
    requester = await request.requester()
    teller, currencies = request.services.get(Teller), request.services.get(HouseCurrencies)
    return await _once(request, split_bill, requester, data, teller=teller, currencies=currencies)


@get(_SPLITS)
async def splits(request: Request) -> Page[SplitView]:
    """The bills that one splits or shares, the newest first, and who has paid."""
    requester = await request.requester()
    return await request.services.db.read(
        view_splits, requester, cursor=request.query("cursor"), limit=page_limit(request)
    )


@get(_SPLIT)
async def split(request: Request) -> SplitView:
    """A bill that one splits or shares, and who has paid."""
    requester = await request.requester()
    return await request.services.db.read(_view_split, requester, request.path("split_id"))


@post(f"{_SPLIT}/cancel", status_code=200, responses={200: ResponseSpec(SplitView)})
async def post_cancel_split(request: Request) -> Response[bytes]:
    """Ask nobody any longer for a bill; who has paid has paid."""
    requester = await request.requester()
    teller, split_id = request.services.get(Teller), request.path("split_id")
    return await _once(request, cancel_split, requester, split_id, teller=teller)


@post(f"{_SPLIT}/remind", status_code=200, responses={200: ResponseSpec(Reminded)})
async def post_remind_split(request: Request) -> Response[bytes]:
    """Remind all who have not paid their part, each at most once a day."""
    requester = await request.requester()
    teller, split_id = request.services.get(Teller), request.path("split_id")
    return await _once(request, remind_split, requester, split_id, teller=teller)


async def _once(
    request: Request,
    command: Callable[Concatenate[Tx, P], object],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> Response[bytes]:
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    told = await request.services.db.write(run_once, once, command, *args, **kwargs)
    return answer(told, status=request.route_handler.status_code or 200)


def _one_of(request: Request, name: str, known: tuple[str, ...]) -> str | None:
    word = request.query(name)
    if word is not None and word not in known:
        raise InvalidParam(f"`{name}` is one of: {', '.join(known)}.")
    return word


def _view(read: Read, requester: Requester, request_id: str) -> RequestView:
    found = access_request(read, requester, request_id)
    party = find_party(read, requester.user_id)
    assert party is not None
    return show_request(read, party, found)


def _view_split(read: Read, requester: Requester, split_id: str) -> SplitView:
    return show_split(read, access_split(read, requester, split_id))


routes: list[Any] = [
    post_request,
    requests,
    payment_request,
    post_pay,
    post_decline,
    post_cancel,
    post_remind,
    post_split,
    splits,
    split,
    post_cancel_split,
    post_remind_split,
]
