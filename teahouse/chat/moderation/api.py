"""Routes of reports, join requests and a room's log."""

from __future__ import annotations

from typing import Final

from litestar import Response, get, post

from teahouse import accounts, privacy
from teahouse.chat.event_store.commands import RoomStore
from teahouse.chat.moderation import commands, queries
from teahouse.chat.moderation.rules import read_cursor
from teahouse.chat.moderation.types import (
    EventReasonBody,
    JoinDecision,
    JoinRequestPage,
    LogPage,
    ReasonBody,
    ReportPage,
)
from teahouse.platform.http import Request, answer

_V3: Final = "/_matrix/client/v3"
_ROOM: Final = "/api/v1/rooms/{room_id:str}"
SEE_REPORTS: Final = privacy.declare_deed(
    "reports.see", "chat_report.reporter", "chat_report.user_id", "chat_report.reason"
)


@post(_V3 + "/rooms/{room_id:str}/report", status_code=200)
async def report_room(request: Request) -> Response[bytes]:
    """Report a room."""
    requester = await request.requester()
    body = await request.body_as(ReasonBody)
    await request.services.db.write(
        commands.report_room, requester, room_id=request.path("room_id"), reason=body.reason
    )
    return answer({})


@post(_V3 + "/rooms/{room_id:str}/report/{event_id:str}", status_code=200)
async def report_event(request: Request) -> Response[bytes]:
    """Report an event."""
    requester = await request.requester()
    body = await request.body_as(EventReasonBody, empty_ok=True)
    await request.services.db.write(
        commands.report_event,
        requester,
        room_id=request.path("room_id"),
        event_id=request.path("event_id"),
        reason=body.reason,
    )
    return answer({})


@post(_V3 + "/users/{user_id:str}/report", status_code=200)
async def report_user(request: Request) -> Response[bytes]:
    """Report a member."""
    requester = await request.requester()
    body = await request.body_as(ReasonBody)
    await request.services.db.write(
        commands.report_user, requester, user_id=request.path("user_id"), reason=body.reason
    )
    return answer({})


def _limit(request: Request) -> int:
    return request.query_int("limit", default=50, least=1, most=queries.PAGE_MAX)


@get("/api/v1/reports")
async def get_reports(request: Request) -> ReportPage:
    """What members have reported, for the server's moderators."""
    requester = await request.requester()
    accounts.check_power(requester, "reports.see")
    db = request.services.db
    await db.write(commands.note_access, requester, SEE_REPORTS)
    return await db.read(
        queries.find_reports, before=request.query("before"), limit=_limit(request)
    )


@get(_ROOM + "/join_requests")
async def get_join_requests(request: Request) -> JoinRequestPage:
    """Who waits to be let into a room."""
    requester = await request.requester()
    return await request.services.db.read(
        queries.find_join_requests,
        requester,
        request.path("room_id"),
        after=read_cursor(request.query("after"), default=0),
        limit=_limit(request),
    )


@post(_ROOM + "/join_requests", status_code=204)
async def decide_join_request(request: Request) -> None:
    """Let somebody in, or turn them away."""
    requester = await request.requester()
    decision = await request.body_as(JoinDecision)
    services = request.services
    await services.db.write(
        commands.decide_join_request,
        services.get(RoomStore),
        requester,
        room_id=request.path("room_id"),
        decision=decision,
    )


@get(_ROOM + "/moderation_log")
async def get_moderation_log(request: Request) -> LogPage:
    """What was done in a room with more than a member's power."""
    requester = await request.requester()
    return await request.services.db.read(
        queries.find_log,
        requester,
        request.path("room_id"),
        before=read_cursor(request.query("before"), default=queries.LAST),
        limit=_limit(request),
    )


ROUTES = [
    report_room,
    report_event,
    report_user,
    get_reports,
    get_join_requests,
    decide_join_request,
    get_moderation_log,
]
