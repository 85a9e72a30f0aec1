"""Routes of retention, below /api/v1/privacy/retention. Public: numbers that name nobody."""

from __future__ import annotations

from typing import Any

from litestar import get

from teahouse.platform.http import Request
from teahouse.platform.pages import Page, encode_cursor, page_limit, parse_cursor
from teahouse.platform.router import OPEN
from teahouse.privacy.retention.queries import find_retention, list_reports
from teahouse.privacy.retention.types import Retention, RetentionReport

_ROOT = "/api/v1/privacy/retention"


@get(_ROOT, opt=OPEN)
async def retention(request: Request) -> Retention:
    """How long each kind of data stays, what removes it, and how its last run went."""
    request.services.rate_limits.check("address", request.address())
    return await request.services.db.read(find_retention)


@get(f"{_ROOT}/reports", opt=OPEN)
async def reports(request: Request) -> Page[RetentionReport]:
    """What each run has removed, the newest first."""
    request.services.rate_limits.check("address", request.address())
    place = parse_cursor(request.query("cursor"), tuple[int, str])
    limit = page_limit(request)
    found = await request.services.db.read(list_reports, before=place, limit=limit + 1)
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    return Page(shown, encode_cursor(last.ran_at, last.store) if last else None)


ROUTES: list[Any] = [retention, reports]
