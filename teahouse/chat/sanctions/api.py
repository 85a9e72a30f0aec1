"""Routes of sanctions and appeals."""

from __future__ import annotations

from typing import Final

import msgspec
from litestar import Response, get, post, put
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody

from teahouse import accounts
from teahouse.chat.event_store.commands import RoomStore
from teahouse.chat.moderation.commands import note_access
from teahouse.chat.sanctions import commands, queries
from teahouse.chat.sanctions.types import (
    Appeal,
    AppealDecision,
    NewSuspension,
    Removal,
    Sanction,
    SanctionPage,
)
from teahouse.platform.errors import InvalidParam
from teahouse.platform.http import Request, answer
from teahouse.platform.idempotency import read_once, run_once
from teahouse.platform.requester import Requester

_OWN: Final = "/api/v1/sanctions"
_ONE: Final = _OWN + "/{sanction_id:str}"
_ROOM: Final = "/api/v1/rooms/{room_id:str}"
_STAFF: Final = "/api/v1/staff/sanctions"
_SUSPEND: Final = "/_matrix/client/v1/admin/suspend/{user_id:str}"
# The specification's call names neither reason nor end: what the house then says and sets.
_PLAIN_REASON: Final = "Suspended by the house's staff."
_PLAIN_MS: Final = 30 * 86_400_000


class Suspension(msgspec.Struct, frozen=True):
    """The body of the specification's `suspend`."""

    suspended: bool


def _limit(request: Request) -> int:
    return request.query_int("limit", default=50, least=1, most=100)


@get(_OWN)
async def get_own(request: Request) -> SanctionPage:
    """What was imposed on one, with reasons, ends and appeals."""
    requester = await request.requester()
    return await request.services.db.read(
        queries.list_own, requester, before=request.query("before"), limit=_limit(request)
    )


@post(f"{_ONE}/appeal", status_code=200)
async def post_appeal(request: Request, data: JSONBody[Appeal]) -> Sanction:
    """Appeal against a sanction, once; somebody else than who imposed it decides."""
    requester = await request.requester()
    return await request.services.db.write(
        commands.appeal, requester, sanction_id=request.path("sanction_id"), text=data.text
    )


@post(f"{_ONE}/decision", status_code=200)
async def post_decision(request: Request, data: JSONBody[AppealDecision]) -> Sanction:
    """Decide an appeal: for another of the room's moderators, or for the staff."""
    requester = await request.requester()
    services = request.services
    return await services.db.write(
        commands.decide_appeal,
        services.get(RoomStore),
        requester,
        sanction_id=request.path("sanction_id"),
        decision=data,
    )


@get(_ROOM + "/sanctions")
async def get_of_room(request: Request) -> SanctionPage:
    """What was imposed in a room, for its moderators."""
    requester = await request.requester()
    return await request.services.db.read(
        queries.list_of_room,
        requester,
        request.path("room_id"),
        before=request.query("before"),
        limit=_limit(request),
    )


@post(_ROOM + "/removals", status_code=204)
async def post_removal(request: Request, data: JSONBody[Removal]) -> None:
    """Remove a member from a room with a rule, a reason and, of a ban, an end."""
    requester = await request.active_requester()
    services = request.services
    await services.db.write(
        commands.remove_from_room,
        services.get(RoomStore),
        requester,
        room_id=request.path("room_id"),
        removal=data,
    )


@get(_STAFF)
async def get_for_staff(request: Request) -> SanctionPage:
    """Suspensions and appeals, for the staff."""
    requester = await request.requester()
    accounts.check_power(requester, "sanctions.decide")
    db = request.services.db
    await db.write(note_access, requester, commands.SEE)
    return await db.read(
        queries.list_for_staff,
        waits=request.query_bool("waits"),
        before=request.query("before"),
        limit=_limit(request),
    )


@post(_STAFF, status_code=201, responses={201: ResponseSpec(Sanction)})
async def post_suspension(request: Request, data: JSONBody[NewSuspension]) -> Response[bytes]:
    """Suspend a member: they read and leave, and say nothing until the end of it."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    made = await request.services.db.write(run_once, once, commands.suspend, requester, data)
    return answer(made, status=201)


async def _judge(request: Request) -> Requester:
    requester = await request.requester()
    # Before any account is looked for, as the specification demands.
    accounts.check_power(requester, "sanctions.decide")
    if request.path("user_id").partition(":")[2] != request.services.settings.server_name:
        raise InvalidParam("User does not belong to the local server.")
    return requester


@get(_SUSPEND)
async def get_suspended(request: Request) -> Response[bytes]:
    """Whether a member is suspended."""
    requester = await _judge(request)
    found = await request.services.db.write(
        commands.read_suspension, requester, request.path("user_id")
    )
    return answer({"suspended": found})


@put(_SUSPEND)
async def put_suspended(request: Request) -> Response[bytes]:
    """Suspend a member for 30 days, or end it: for clients that know only the specification."""
    requester = await _judge(request)
    body = await request.body_as(Suspension)
    user_id, services = request.path("user_id"), request.services
    until = services.clock.now_ms() + _PLAIN_MS
    plain = NewSuspension(user_id=user_id, rule="other", reason=_PLAIN_REASON, until=until)
    await services.db.write(commands.put_suspension, requester, plain, suspended=body.suspended)
    return answer({"suspended": body.suspended})


ROUTES = [
    get_own,
    post_appeal,
    post_decision,
    get_of_room,
    post_removal,
    get_for_staff,
    post_suspension,
    get_suspended,
    put_suspended,
]
