"""The endpoints of pushers."""

from __future__ import annotations

from litestar import Response, get, post

from teahouse.chat.pushers.commands import set_pusher
from teahouse.chat.pushers.queries import find_pushers
from teahouse.chat.pushers.types import PusherDraft
from teahouse.platform.http import Request, answer


@get("/_matrix/client/v3/pushers")
async def list_pushers(request: Request) -> Response[bytes]:
    """List the member's pushers."""
    requester = await request.requester()
    return answer({"pushers": await request.services.db.read(find_pushers, requester.user_id)})


@post("/_matrix/client/v3/pushers/set", status_code=200)
async def post_pusher(request: Request) -> Response[bytes]:
    """Add, change or remove a pusher."""
    requester = await request.requester()
    draft = await request.body_as(PusherDraft)
    own_hosts = request.services.settings.push_gateways_allowed
    await request.services.db.write(set_pusher, requester, draft, own_hosts=own_hosts)
    return answer({})


ROUTES = [list_pushers, post_pusher]
