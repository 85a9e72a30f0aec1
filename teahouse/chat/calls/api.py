"""The route that hands out TURN credentials."""

from __future__ import annotations

from litestar import Response, get

from teahouse.chat.calls.rules import turn_credentials
from teahouse.platform.http import Request, answer


@get("/_matrix/client/v3/voip/turnServer")
async def turn_server(request: Request) -> Response[bytes]:
    """Credentials for the TURN servers; an empty object where the operator has none."""
    requester = await request.requester()
    settings = request.services.settings
    if not settings.turn_uris or not settings.turn_shared_secret:
        return answer({})
    return answer(
        turn_credentials(
            requester.user_id,
            now=request.services.clock.now_ms(),
            seconds=settings.turn_seconds,
            uris=settings.turn_uris,
            secret=settings.turn_shared_secret,
        )
    )


ROUTES = [turn_server]
