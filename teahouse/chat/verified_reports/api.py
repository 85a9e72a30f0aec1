"""Routes of reports that reveal one message, and of what came of reports."""

from __future__ import annotations

from typing import Final

from litestar import Response, get, post
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody

from teahouse.chat.verified_reports.commands import decide_report, open_report, report_encrypted
from teahouse.chat.verified_reports.queries import find_own_reports
from teahouse.chat.verified_reports.types import (
    LookReason,
    NewOutcome,
    NewVerifiedReport,
    OwnReportPage,
    ReportedMessage,
    VerifiedReport,
)
from teahouse.platform.http import Request, answer
from teahouse.platform.idempotency import read_once, run_once

_ONE: Final = "/api/v1/reports/{report_id:str}"


@post(
    "/api/v1/rooms/{room_id:str}/verified_reports",
    status_code=201,
    responses={201: ResponseSpec(VerifiedReport)},
)
async def post_report(request: Request, data: JSONBody[NewVerifiedReport]) -> Response[bytes]:
    """Report an encrypted message and reveal its key, and so this one message, to the staff."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    made = await request.services.db.write(
        run_once, once, report_encrypted, requester, room_id=request.path("room_id"), report=data
    )
    return answer(made, status=201)


@get("/api/v1/reports/own")
async def get_own_reports(request: Request) -> OwnReportPage:
    """What one has reported, and what came of it."""
    requester = await request.requester()
    return await request.services.db.read(
        find_own_reports,
        requester,
        before=request.query("before"),
        limit=request.query_int("limit", default=50, least=1, most=100),
    )


@post(f"{_ONE}/look", status_code=200)
async def look(request: Request, data: JSONBody[LookReason]) -> ReportedMessage:
    """Open a reported message; its sender can read in the log that it was opened, and why."""
    requester = await request.requester()
    return await request.services.db.write(
        open_report, requester, report_id=request.path("report_id"), reason=data.reason
    )


@post(f"{_ONE}/outcome", status_code=204)
async def post_outcome(request: Request, data: JSONBody[NewOutcome]) -> None:
    """Say what came of a report."""
    requester = await request.requester()
    await request.services.db.write(
        decide_report, requester, report_id=request.path("report_id"), outcome=data
    )


ROUTES = [post_report, get_own_reports, look, post_outcome]
