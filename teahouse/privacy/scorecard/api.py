"""The scorecard for everybody: `/privacy/scorecard`, and as JSON."""

from __future__ import annotations

from typing import Any

from litestar import Response, get

from teahouse.platform.http import Request
from teahouse.platform.plain_pages import HEADERS, language_of
from teahouse.platform.router import OPEN
from teahouse.privacy.scorecard.live import load_scorecard
from teahouse.privacy.scorecard.rules import write_page
from teahouse.privacy.scorecard.types import Scorecard


@get("/privacy/scorecard")
async def get_page(request: Request) -> Response[str]:
    """The scorecard as a page, in the `language` `en` or `zh`; without scripts."""
    request.services.rate_limits.check("address", request.address())
    page = write_page(load_scorecard(), language_of(request))
    return Response(page, media_type="text/html", headers=HEADERS)


@get("/api/v1/privacy/scorecard", opt=OPEN)
async def get_scorecard(request: Request) -> Scorecard:
    """What others ask of a service like this one, answered by the tests that ran."""
    request.services.rate_limits.check("address", request.address())
    return load_scorecard()


ROUTES: list[Any] = [get_page, get_scorecard]
