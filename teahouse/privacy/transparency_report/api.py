"""The report for everybody: `/transparency`, and below /api/v1/privacy/transparency."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.openapi import ResponseSpec

from teahouse.platform.errors import NotFound
from teahouse.platform.http import Request, answer
from teahouse.platform.plain_pages import HEADERS, language_of
from teahouse.platform.router import OPEN
from teahouse.privacy.checkpoints.live import LogKey
from teahouse.privacy.transparency_report.commands import renew_canary
from teahouse.privacy.transparency_report.queries import find_canary, make_report
from teahouse.privacy.transparency_report.rules import write_csv, write_page
from teahouse.privacy.transparency_report.types import Canary, Report

_ROOT = "/api/v1/privacy/transparency"


@get("/transparency")
async def get_page(request: Request) -> Response[str]:
    """The report as a page, in the `language` `en` or `zh`; without scripts."""
    page = write_page(await _report(request), language_of(request))
    return Response(page, media_type="text/html", headers=HEADERS)


@get(_ROOT, opt=OPEN)
async def get_report(request: Request) -> Report:
    """What authorities asked for and what they got, counted from the register."""
    return await _report(request)


@get(f"{_ROOT}/csv", opt=OPEN, media_type="text/csv")
async def get_csv(request: Request) -> Response[str]:
    """The same as CSV."""
    headers = {"Content-Disposition": 'attachment; filename="transparency.csv"'}
    text = write_csv(await _report(request))
    return Response(text, media_type="text/csv", headers=headers)


@get(f"{_ROOT}/canary", opt=OPEN, media_type="text/plain")
async def get_canary(request: Request) -> Response[str]:
    """The newest canary as it was signed; whether it has expired it says itself."""
    request.services.rate_limits.check("address", request.address())
    found = await request.services.db.read(find_canary)
    if found is None:
        raise NotFound("No canary has been signed.")
    return Response(found.note, media_type="text/plain")


@post(f"{_ROOT}/canary", status_code=201, responses={201: ResponseSpec(Canary)})
async def post_canary(request: Request) -> Response[bytes]:
    """Have the fixed statement signed for the next 35 days, for operators."""
    requester = await request.requester()
    services = request.services
    made = await services.db.write(
        renew_canary, requester, services.settings.server_name, services.get(LogKey)
    )
    return answer(made, status=201)


async def _report(request: Request) -> Report:
    services = request.services
    services.rate_limits.check("address", request.address())
    return await services.db.read(make_report, services.settings.server_name)


ROUTES: list[Any] = [get_page, get_report, get_csv, get_canary, post_canary]
