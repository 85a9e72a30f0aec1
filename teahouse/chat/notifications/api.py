"""The endpoint of the list of notifications."""

from __future__ import annotations

from typing import Final

from litestar import Response, get

from teahouse.chat.notifications.live import make_page
from teahouse.chat.sync.live import SyncHub
from teahouse.chat.sync.types import parse_room_token
from teahouse.platform.http import Request, answer

_LIMIT_DEFAULT: Final = 20
_LIMIT_MAX: Final = 100


@get("/_matrix/client/v3/notifications")
async def list_notifications(request: Request) -> Response[bytes]:
    """List what the member was notified of, the latest first."""
    requester = await request.requester()
    start = request.query("from")
    page = await make_page(
        request.services.get(SyncHub),
        requester.user_id,
        before=parse_room_token(start) if start else None,
        limit=request.query_int("limit", default=_LIMIT_DEFAULT, least=1, most=_LIMIT_MAX),
        # Of other words for `only` the specification says nothing; they filter nothing.
        only_highlights=request.query("only") == "highlight",
    )
    return answer(page)


ROUTES = [list_notifications]
