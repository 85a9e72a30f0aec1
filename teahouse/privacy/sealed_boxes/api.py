"""Routes of sealed boxes, for staff, below /api/v1/privacy/boxes."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody

from teahouse.platform.http import Request, answer
from teahouse.platform.idempotency import read_once, run_once
from teahouse.privacy.member_keys.live import MemberKeys
from teahouse.privacy.sealed_boxes.access import check_box_power
from teahouse.privacy.sealed_boxes.commands import (
    approve_opening,
    ask_opening,
    look_for_boxes,
    open_box,
)
from teahouse.privacy.sealed_boxes.queries import list_all_boxes, list_openings
from teahouse.privacy.sealed_boxes.types import Box, NewOpening, Opened, Opening

_ROOT = "/api/v1/privacy/boxes"
_OPENING = _ROOT + "/openings/{opening_id:str}"


@get(_ROOT)
async def list_boxes(request: Request) -> list[Box]:
    """The boxes of the erased member `user_id`; that one looked is entered in the log.

    Without it all boxes, which say of nobody whose they are: how many records are kept until when.
    """
    requester = await request.requester()
    services, user_id = request.services, request.query("user_id")
    if user_id is None:
        return await services.db.read(list_all_boxes, requester)
    return await services.db.write(look_for_boxes, requester, services.get(MemberKeys), user_id)


@get(_ROOT + "/openings")
async def get_openings(request: Request) -> list[Opening]:
    """The openings that wait: to be approved, or to be made by who asked."""
    requester = await request.requester()
    return await request.services.db.read(list_openings, requester)


@post(_ROOT + "/{box_id:str}/openings", status_code=201, responses={201: ResponseSpec(Opening)})
async def post_opening(request: Request, data: JSONBody[NewOpening]) -> Response[bytes]:
    """Ask for a box to be opened, with the case it is for."""
    requester = await request.requester()
    check_box_power(requester, "boxes.ask")
    once = await read_once(request, requester.user_id)
    made = await request.services.db.write(
        run_once, once, ask_opening, requester, request.path("box_id"), data
    )
    return answer(made, status=201)


@post(_OPENING + "/approve", status_code=200)
async def post_approval(request: Request) -> Opening:
    """Agree that a box is opened; not for who asked."""
    requester = await request.requester()
    return await request.services.db.write(approve_opening, requester, request.path("opening_id"))


@post(_OPENING + "/open", status_code=200)
async def post_open(request: Request) -> Opened:
    """Show what is in the box, once; for who asked."""
    requester = await request.requester()
    services = request.services
    return await services.db.write(
        open_box, requester, services.get(MemberKeys), request.path("opening_id")
    )


ROUTES: list[Any] = [list_boxes, get_openings, post_opening, post_approval, post_open]
