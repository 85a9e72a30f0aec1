"""Routes of freezes, below /api/v1/wallet/freezes and /api/v1/wallet/admin/freezes."""

from __future__ import annotations

from typing import Any, get_args

from litestar import Response, get, post
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody

from teahouse.accounts import check_power
from teahouse.platform.errors import InvalidParam
from teahouse.platform.http import Request, answer
from teahouse.platform.idempotency import read_once, run_once
from teahouse.platform.pages import Page, encode_cursor, page_limit, parse_cursor
from teahouse.wallet.freezes.commands import (
    act_on_freeze,
    freeze_own,
    lift_own,
    look_at_freezes,
    propose_freeze,
    read_freeze,
)
from teahouse.wallet.freezes.queries import list_own_freezes
from teahouse.wallet.freezes.rules import StaffAct
from teahouse.wallet.freezes.types import (
    FreezeStatus,
    FreezeView,
    NewFreeze,
    NewOwnFreeze,
    Note,
    StaffView,
    Unfreezing,
)

_ROOT = "/api/v1/wallet/freezes"
_STAFF = "/api/v1/wallet/admin/freezes"
_STAFF_ONE = _STAFF + "/{freeze_id:str}"


@get(_ROOT)
async def freezes(request: Request) -> list[FreezeView]:
    """What is or was frozen of one's own, and why, the latest first."""
    requester = await request.requester()
    return await request.services.db.read(list_own_freezes, requester.user_id)


@post(_ROOT, status_code=201, responses={201: ResponseSpec(FreezeView)})
async def post_freeze(request: Request, data: JSONBody[NewOwnFreeze]) -> Response[bytes]:
    """Stop one's own wallets at once, as after losing a phone."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    made = await request.services.db.write(run_once, once, freeze_own, requester, data)
    return answer(made, status=201)


@post(_ROOT + "/{freeze_id:str}/lift", status_code=200)
async def post_lift(request: Request, data: JSONBody[Unfreezing]) -> FreezeView:
    """Let one's own wallets go again, with two factors or a passkey."""
    requester = await request.requester()
    return await request.services.db.write(
        lift_own, requester, request.path("freeze_id"), data.confirmation
    )


# Staff


@get(_STAFF)
async def staff_freezes(request: Request) -> Page[StaffView]:
    """Freezes of all members at one status (`proposed` unless named), for officers."""
    requester = await request.requester()
    status, limit = _status(request), page_limit(request)
    place = parse_cursor(request.query("cursor"), tuple[str])
    found = await request.services.db.write(
        look_at_freezes,
        requester,
        status,
        before=None if place is None else place[0],
        limit=limit,
    )
    more = len(found) == limit
    return Page(found, encode_cursor(found[-1].freeze.freeze_id) if more else None)


@post(_STAFF, status_code=201, responses={201: ResponseSpec(StaffView)})
async def post_staff_freeze(request: Request, data: JSONBody[NewFreeze]) -> Response[bytes]:
    """Propose to freeze wallets; in an emergency, freeze them for 24 hours."""
    requester = await request.requester()
    check_power(requester, "wallet.freeze")
    once = await read_once(request, requester.user_id)
    made = await request.services.db.write(run_once, once, propose_freeze, requester, data)
    return answer(made, status=201)


@get(_STAFF_ONE)
async def staff_freeze(request: Request) -> StaffView:
    """One freeze and all that was done to it, for officers and auditors; the look is logged."""
    requester = await request.requester()
    return await request.services.db.write(read_freeze, requester, request.path("freeze_id"))


@post(f"{_STAFF_ONE}/approve", status_code=200)
async def post_approve(request: Request, data: JSONBody[Note]) -> StaffView:
    """Approve a freeze that another officer proposed, or began in an emergency."""
    return await _act(request, "approve", data)


@post(f"{_STAFF_ONE}/reject", status_code=200)
async def post_reject(request: Request, data: JSONBody[Note]) -> StaffView:
    """Reject a freeze that awaits approval; one in an emergency ends."""
    return await _act(request, "reject", data)


@post(f"{_STAFF_ONE}/lift", status_code=200)
async def post_propose_lift(request: Request, data: JSONBody[Note]) -> StaffView:
    """Propose to lift a freeze."""
    return await _act(request, "propose_lift", data)


@post(f"{_STAFF_ONE}/lift/approve", status_code=200)
async def post_approve_lift(request: Request, data: JSONBody[Note]) -> StaffView:
    """Lift a freeze as another officer proposed."""
    return await _act(request, "approve_lift", data)


@post(f"{_STAFF_ONE}/lift/reject", status_code=200)
async def post_reject_lift(request: Request, data: JSONBody[Note]) -> StaffView:
    """Let a freeze hold that another officer would lift."""
    return await _act(request, "reject_lift", data)


async def _act(request: Request, act: StaffAct, data: Note) -> StaffView:
    requester = await request.requester()
    return await request.services.db.write(
        act_on_freeze, requester, request.path("freeze_id"), act, note=data.note
    )


def _status(request: Request) -> FreezeStatus:
    status = request.query("status") or "proposed"
    known: tuple[FreezeStatus, ...] = get_args(FreezeStatus)
    for one in known:
        if one == status:
            return one
    raise InvalidParam(f"`status` is one of {', '.join(known)}.")


routes: list[Any] = [
    freezes,
    post_freeze,
    post_lift,
    staff_freezes,
    post_staff_freeze,
    staff_freeze,
    post_approve,
    post_reject,
    post_propose_lift,
    post_approve_lift,
    post_reject_lift,
]
