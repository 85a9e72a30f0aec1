"""Routes of erasure: asking, taking it back, and the certificate, which needs no account."""

from __future__ import annotations

from typing import Any

from litestar import Response, delete, get, post
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody

from teahouse.platform.errors import Forbidden
from teahouse.platform.http import Request, answer
from teahouse.platform.plain_pages import HEADERS, language_of
from teahouse.platform.requester import Requester
from teahouse.platform.router import OPEN
from teahouse.privacy.erasure.commands import ask_erasure, compute_claim_digest, take_back
from teahouse.privacy.erasure.errors import NoCertificate
from teahouse.privacy.erasure.queries import find_progress, find_standing
from teahouse.privacy.erasure.rules import write_page, write_waiting_page
from teahouse.privacy.erasure.types import Asked, AskErasure, Eraser, Progress, Standing

_ROOT = "/api/v1/privacy/erasure"
_CERTIFICATE = "/privacy/erasure/{claim:str}"
_CLAIM_CHARACTERS_MAX = 64
# The page has no script that could wait.
_LOOK_AGAIN_SECONDS = "2"


@get(_ROOT)
async def get_standing(request: Request) -> Standing:
    """Whether one asked to be erased, when it is done, and what is in its way."""
    requester = await request.requester()
    services = request.services
    days = services.settings.erasure_days
    return await services.db.read(find_standing, requester.user_id, services.get(Eraser), days=days)


@post(_ROOT, status_code=202, responses={202: ResponseSpec(Asked)})
async def post_erasure(request: Request, data: JSONBody[AskErasure]) -> Response[bytes]:
    """Ask to be erased; one confirms first that it is oneself (401, as in Matrix).

    The `claim` in the answer fetches the certificate when there is no account any more.
    """
    requester = _person(await request.requester())
    services = request.services
    eraser = services.get(Eraser)
    await eraser.confirm(request, data.auth, requester, "POST /privacy/erasure")
    days = 0 if data.at_once else services.settings.erasure_days
    made, claim = await services.db.write(ask_erasure, requester, eraser, days=days)
    page = f"/privacy/erasure/{claim}"
    return answer(Asked(due_at=made.due_at, claim=claim, page=page), status=202)


@delete(_ROOT, status_code=204)
async def delete_erasure(request: Request) -> None:
    """Keep one's account after all; from any device, without confirming."""
    requester = _person(await request.requester())
    await request.services.db.write(take_back, requester)


@get(_ROOT + "/certificates/{claim:str}", opt=OPEN)
async def get_certificate(request: Request) -> Progress:
    """How far an erasure is, and its certificate once it is done; for who has the claim."""
    return await _progress(request)


@get(_CERTIFICATE)
async def get_page(request: Request) -> Response[str]:
    """The same as a page, in the `language` `en` or `zh`; without scripts."""
    found, language = await _progress(request), language_of(request)
    if found.certificate is None:
        is_running = found.due_at <= request.services.clock.now_ms()
        page = write_waiting_page(found.due_at, is_running=is_running, language=language)
    else:
        json_url = f"{_ROOT}/certificates/{request.path('claim')}"
        page = write_page(found.certificate, language, json_url=json_url)
    headers = {**HEADERS, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    if found.certificate is None and found.due_at <= request.services.clock.now_ms():
        headers["Refresh"] = _LOOK_AGAIN_SECONDS
    return Response(page, media_type="text/html", headers=headers)


async def _progress(request: Request) -> Progress:
    request.services.rate_limits.check("address", request.address())
    claim = request.path("claim")
    if len(claim) > _CLAIM_CHARACTERS_MAX:
        raise NoCertificate
    return await request.services.db.read(find_progress, compute_claim_digest(claim))


def _person(requester: Requester) -> Requester:
    """Refuse programs that act for somebody: nobody is erased by a bridge."""
    if requester.appservice_id is not None:
        raise Forbidden("Only the member themself can do this.")
    return requester


ROUTES: list[Any] = [get_standing, post_erasure, delete_erasure, get_certificate, get_page]
