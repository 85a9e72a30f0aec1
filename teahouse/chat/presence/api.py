"""The endpoints of presence."""

from __future__ import annotations

import msgspec
from litestar import Response, get, put

from teahouse.chat.presence.access import access_own_presence, may_see_presence
from teahouse.chat.presence.live import Presence
from teahouse.chat.presence.rules import check_status
from teahouse.chat.presence.types import OFFLINE, PresenceState
from teahouse.platform.http import Request, answer

_STATUS = "/_matrix/client/v3/presence/{user_id:str}/status"


class PresenceBody(msgspec.Struct):
    """The body of a new status."""

    presence: PresenceState
    status_msg: str | None = None


@put(_STATUS)
async def put_presence(request: Request) -> Response[bytes]:
    """Say whether one is there."""
    requester = await request.requester()
    body = await request.body_as(PresenceBody)
    access_own_presence(requester, request.path("user_id"))
    await request.services.get(Presence).put(
        requester.user_id, body.presence, check_status(body.status_msg)
    )
    return answer({})


@get(_STATUS)
async def get_presence(request: Request) -> Response[bytes]:
    """Tell whether someone is there, if one may know."""
    requester = await request.requester()
    user_id = request.path("user_id")
    if await request.services.db.read(may_see_presence, requester, user_id):
        return answer(request.services.get(Presence).view(user_id))
    return answer(OFFLINE)


ROUTES = [put_presence, get_presence]
