"""The endpoints of account data and tags."""

from __future__ import annotations

from litestar import Response, delete, get, put

from teahouse.chat.account_data import commands, queries
from teahouse.chat.account_data.types import PUSH_RULES
from teahouse.chat.push.queries import find_own_ruleset
from teahouse.platform.http import Request, answer

_USER = "/_matrix/client/v3/user/{user_id:str}"
_ROOM = _USER + "/rooms/{room_id:str}"


@put(_USER + "/account_data/{data_type:str}")
async def put_account_data(request: Request) -> Response[bytes]:
    """Keep something that belongs to no room."""
    requester = await request.requester()
    await request.services.db.write(
        commands.put_account_data,
        requester,
        user_id=request.path("user_id"),
        data_type=request.path("data_type"),
        content=await request.json_object(),
    )
    return answer({})


@get(_USER + "/account_data/{data_type:str}")
async def get_account_data(request: Request) -> Response[bytes]:
    """Return what belongs to no room."""
    requester = await request.requester()
    if request.path("data_type") == PUSH_RULES:
        # Stored only once the member has changed any, while clients look for all of them.
        rules = await request.services.db.read(find_own_ruleset, requester, request.path("user_id"))
        return answer({"global": rules})
    content = await request.services.db.read(
        queries.find_own_account_data,
        requester,
        user_id=request.path("user_id"),
        data_type=request.path("data_type"),
    )
    return answer(content)


@put(_ROOM + "/account_data/{data_type:str}")
async def put_room_account_data(request: Request) -> Response[bytes]:
    """Keep something about a room."""
    requester = await request.requester()
    await request.services.db.write(
        commands.put_account_data,
        requester,
        user_id=request.path("user_id"),
        room_id=request.path("room_id"),
        data_type=request.path("data_type"),
        content=await request.json_object(),
    )
    return answer({})


@get(_ROOM + "/account_data/{data_type:str}")
async def get_room_account_data(request: Request) -> Response[bytes]:
    """Return what is about a room."""
    requester = await request.requester()
    content = await request.services.db.read(
        queries.find_own_account_data,
        requester,
        user_id=request.path("user_id"),
        room_id=request.path("room_id"),
        data_type=request.path("data_type"),
    )
    return answer(content)


@get(_ROOM + "/tags")
async def get_tags(request: Request) -> Response[bytes]:
    """List a room's tags."""
    requester = await request.requester()
    tags = await request.services.db.read(
        queries.list_own_tags,
        requester,
        user_id=request.path("user_id"),
        room_id=request.path("room_id"),
    )
    return answer({"tags": tags})


@put(_ROOM + "/tags/{tag:str}")
async def put_tag(request: Request) -> Response[bytes]:
    """Tag a room."""
    requester = await request.requester()
    await request.services.db.write(
        commands.put_tag,
        requester,
        user_id=request.path("user_id"),
        room_id=request.path("room_id"),
        tag=request.path("tag"),
        details=await request.json_object(),
    )
    return answer({})


@delete(_ROOM + "/tags/{tag:str}", status_code=200)
async def delete_tag(request: Request) -> Response[bytes]:
    """Take a tag from a room."""
    requester = await request.requester()
    await request.services.db.write(
        commands.delete_tag,
        requester,
        user_id=request.path("user_id"),
        room_id=request.path("room_id"),
        tag=request.path("tag"),
    )
    return answer({})


ROUTES = [
    put_account_data,
    get_account_data,
    put_room_account_data,
    get_room_account_data,
    get_tags,
    put_tag,
    delete_tag,
]
