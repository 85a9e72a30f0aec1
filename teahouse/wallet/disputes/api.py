"""Routes of disputes: of payers, of shops' people, and of the house's officers."""

from __future__ import annotations

from typing import Any, get_args

from litestar import Response, get, post
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody

from teahouse.platform.errors import InvalidParam
from teahouse.platform.http import Request, answer
from teahouse.platform.idempotency import read_once, run_once
from teahouse.platform.pages import Page, encode_cursor, page_limit, parse_cursor
from teahouse.wallet.disputes.commands import (
    act_on_proposal,
    answer_dispute,
    appeal_as_payer,
    appeal_as_shop,
    concede_dispute,
    decide_dispute,
    look_at_disputes,
    open_dispute,
    read_as_officer,
    say_as_payer,
    withdraw_dispute,
)
from teahouse.wallet.disputes.queries import (
    list_own,
    list_shops,
    view_own,
    view_shops,
)
from teahouse.wallet.disputes.types import (
    DisputeView,
    NewDispute,
    Ruling,
    StaffDispute,
    Status,
    Words,
)

_ROOT = "/api/v1/wallet/disputes"
_ONE = _ROOT + "/{dispute_id:str}"
_SHOP = "/api/v1/wallet/shops/{shop_id:str}/disputes"
_SHOP_ONE = _SHOP + "/{dispute_id:str}"
_STAFF = "/api/v1/wallet/admin/disputes"
_STAFF_ONE = _STAFF + "/{dispute_id:str}"


# The payer


@get(_ROOT)
async def disputes(request: Request) -> Page[DisputeView]:
    """The disputes one opened, the latest first."""
    requester = await request.requester()
    before, limit = _before(request), page_limit(request)
    return await request.services.db.read(list_own, requester, before=before, limit=limit)


@post(_ROOT, status_code=201, responses={201: ResponseSpec(DisputeView)})
async def post_dispute(request: Request, data: JSONBody[NewDispute]) -> Response[bytes]:
    """Say that a purchase went wrong; the shop has ten days to answer."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    made = await request.services.db.write(run_once, once, open_dispute, requester, data)
    return answer(made, status=201)


@get(_ONE)
async def dispute(request: Request) -> DisputeView:
    """One of the disputes one opened."""
    requester = await request.requester()
    return await request.services.db.read(view_own, requester, request.path("dispute_id"))


@post(f"{_ONE}/statements", status_code=201, responses={201: ResponseSpec(DisputeView)})
async def post_statement(request: Request, data: JSONBody[Words]) -> Response[bytes]:
    """Add something to one's dispute."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    told = await request.services.db.write(
        run_once, once, say_as_payer, requester, request.path("dispute_id"), data
    )
    return answer(told, status=201)


@post(f"{_ONE}/withdraw", status_code=200)
async def post_withdraw(request: Request) -> DisputeView:
    """Want nothing back any more."""
    requester = await request.requester()
    return await request.services.db.write(withdraw_dispute, requester, request.path("dispute_id"))


@post(f"{_ONE}/appeal", status_code=200)
async def post_appeal(request: Request, data: JSONBody[Words]) -> DisputeView:
    """Ask, once, for other officers to look at what was decided."""
    requester = await request.requester()
    return await request.services.db.write(
        appeal_as_payer, requester, request.path("dispute_id"), data
    )


# The shop


@get(_SHOP)
async def shop_disputes(request: Request) -> Page[DisputeView]:
    """The disputes with a shop, the latest first, for its people."""
    requester = await request.requester()
    before, limit = _before(request), page_limit(request)
    return await request.services.db.read(
        list_shops, requester, request.path("shop_id"), before=before, limit=limit
    )


@get(_SHOP_ONE)
async def shop_dispute(request: Request) -> DisputeView:
    """One dispute with a shop, for its people."""
    requester = await request.requester()
    return await request.services.db.read(
        view_shops, requester, request.path("shop_id"), request.path("dispute_id")
    )


@post(f"{_SHOP_ONE}/answer", status_code=201, responses={201: ResponseSpec(DisputeView)})
async def post_answer(request: Request, data: JSONBody[Words]) -> Response[bytes]:
    """Answer for a shop, with evidence, or add to its answer."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    shop_id, dispute_id = request.path("shop_id"), request.path("dispute_id")
    told = await request.services.db.write(
        run_once, once, answer_dispute, requester, shop_id, dispute_id, data
    )
    return answer(told, status=201)


@post(f"{_SHOP_ONE}/concede", status_code=200)
async def post_concede(request: Request) -> DisputeView:
    """Give the payer what they claim, for a shop."""
    requester = await request.requester()
    return await request.services.db.write(
        concede_dispute, requester, request.path("shop_id"), request.path("dispute_id")
    )


@post(f"{_SHOP_ONE}/appeal", status_code=200)
async def post_shop_appeal(request: Request, data: JSONBody[Words]) -> DisputeView:
    """Ask, once, for other officers to look at what was decided, for a shop."""
    requester = await request.requester()
    return await request.services.db.write(
        appeal_as_shop, requester, request.path("shop_id"), request.path("dispute_id"), data
    )


# The house


@get(_STAFF)
async def staff_disputes(request: Request) -> Page[StaffDispute]:
    """Disputes at one status (`in_review` unless named), the latest first, for officers."""
    requester = await request.requester()
    status, limit = _status(request), page_limit(request)
    found = await request.services.db.write(
        look_at_disputes, requester, status, before=_before(request), limit=limit
    )
    more = len(found) == limit
    return Page(found, encode_cursor(found[-1].view.dispute_id) if more else None)


@get(_STAFF_ONE)
async def staff_dispute(request: Request) -> StaffDispute:
    """One dispute, for officers; the look is logged."""
    requester = await request.requester()
    return await request.services.db.write(read_as_officer, requester, request.path("dispute_id"))


@post(f"{_STAFF_ONE}/decide", status_code=200)
async def post_decide(request: Request, data: JSONBody[Ruling]) -> StaffDispute:
    """Decide what the payer gets back; of a large claim, propose it."""
    requester = await request.requester()
    return await request.services.db.write(
        decide_dispute, requester, request.path("dispute_id"), data
    )


@post(f"{_STAFF_ONE}/approve", status_code=200)
async def post_approve_ruling(request: Request) -> StaffDispute:
    """Approve what another officer proposed."""
    requester = await request.requester()
    return await request.services.db.write(
        act_on_proposal, requester, request.path("dispute_id"), "approve"
    )


@post(f"{_STAFF_ONE}/reject", status_code=200)
async def post_reject_ruling(request: Request) -> StaffDispute:
    """Reject what another officer proposed; it is to be decided anew."""
    requester = await request.requester()
    return await request.services.db.write(
        act_on_proposal, requester, request.path("dispute_id"), "reject"
    )


def _before(request: Request) -> str | None:
    place = parse_cursor(request.query("cursor"), tuple[str])
    return None if place is None else place[0]


def _status(request: Request) -> Status:
    status = request.query("status") or "in_review"
    known: tuple[Status, ...] = get_args(Status)
    for one in known:
        if one == status:
            return one
    raise InvalidParam(f"`status` is one of {', '.join(known)}.")


routes: list[Any] = [
    disputes,
    post_dispute,
    dispute,
    post_statement,
    post_withdraw,
    post_appeal,
    shop_disputes,
    shop_dispute,
    post_answer,
    post_concede,
    post_shop_appeal,
    staff_disputes,
    staff_dispute,
    post_decide,
    post_approve_ruling,
    post_reject_ruling,
]
