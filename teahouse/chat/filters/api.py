"""The endpoints of filters."""

from __future__ import annotations

from litestar import Response, get, post

from teahouse.chat.filters import commands, queries
from teahouse.platform.http import Request, answer

_FILTER = "/_matrix/client/v3/user/{user_id:str}/filter"


@post(_FILTER)
async def post_filter(request: Request) -> Response[bytes]:
    """Store a filter."""
    requester = await request.requester()
    filter_id = await request.services.db.write(
        commands.put_filter,
        requester,
        user_id=request.path("user_id"),
        definition=await request.json_object(),
    )
    return answer({"filter_id": filter_id})


@get(_FILTER + "/{filter_id:str}")
async def get_filter(request: Request) -> Response[bytes]:
    """Return a stored filter."""
    requester = await request.requester()
    definition = await request.services.db.read(
        queries.find_own_definition,
        requester,
        user_id=request.path("user_id"),
        filter_id=request.path("filter_id"),
    )
    return answer(definition)


ROUTES = [post_filter, get_filter]
