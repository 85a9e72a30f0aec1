"""Routes that application services call."""

from __future__ import annotations

from typing import Literal

import httpx
import msgspec
from litestar import Response, post, put

from teahouse.chat.bridges.access import access_registration
from teahouse.chat.bridges.commands import ask_to_push, list_in_network
from teahouse.chat.bridges.errors import BadStatus, ConnectionFailed, ConnectionTimedOut, UrlNotSet
from teahouse.chat.bridges.live import Bridges
from teahouse.platform.http import Request, answer

# What of a wrong answer is told: enough to recognise the page of a proxy.
_TOLD_CHARACTERS_MAX = 1000


class PingBody(msgspec.Struct, frozen=True):
    """The body of a ping."""

    transaction_id: str | None = None


@post("/_matrix/client/v1/appservice/{appservice_id:str}/ping", status_code=200)
async def ping(request: Request) -> Response[bytes]:
    """Let an application service find out whether we reach it.

    Source:
        Client-server API, `POST /appservice/{appserviceId}/ping`.
    """
    requester = await request.requester()
    services = request.services
    bridges = services.get(Bridges)
    registration = access_registration(
        bridges.registrations, requester, request.path("appservice_id")
    )
    body = await request.body_as(PingBody, empty_ok=True)
    if registration.url is None:
        raise UrlNotSet
    sent = {} if body.transaction_id is None else {"transaction_id": body.transaction_id}
    started = services.clock.ticks()
    try:
        done = await bridges.call(registration, "POST", "/_matrix/app/v1/ping", json=sent)
    except httpx.TimeoutException:
        raise ConnectionTimedOut from None
    except httpx.HTTPError:
        raise ConnectionFailed from None
    if not done.is_success:
        raise BadStatus(status=done.status_code, body=done.text[:_TOLD_CHARACTERS_MAX])
    # It is there again: what waits is sent now, not when the next try was due.
    await services.db.write(ask_to_push, registration.id)
    return answer({"duration_ms": round((services.clock.ticks() - started) * 1000)})


class Visibility(msgspec.Struct, frozen=True):
    """Whether a room is in a network's directory."""

    visibility: Literal["public", "private"]


@put("/_matrix/client/v3/directory/list/appservice/{network_id:str}/{room_id:str}")
async def put_network_visibility(request: Request) -> Response[bytes]:
    """List a room in an application service's directory of a network, or take it out."""
    requester = await request.requester()
    body = await request.body_as(Visibility)
    await request.services.db.write(
        list_in_network,
        requester,
        network_id=request.path("network_id"),
        room_id=request.path("room_id"),
        listed=body.visibility == "public",
    )
    return answer({})


ROUTES = [ping, put_network_visibility]
