"""Routes that find rooms."""

from __future__ import annotations

from typing import Final

import msgspec
from litestar import Response, get, post

from teahouse.chat.directory import queries
from teahouse.chat.directory.rules import parse_hierarchy_token
from teahouse.chat.directory.types import HierarchyQuery, PublicRoomsPage, PublicRoomsQuery
from teahouse.chat.rooms.access import access_history
from teahouse.chat.rooms.queries import find_aliases
from teahouse.platform.errors import InvalidParam, NotFound
from teahouse.platform.http import Request, answer

_V1: Final = "/_matrix/client/v1"
_V3: Final = "/_matrix/client/v3"

# Large enough for clients that show one long list, small enough for one answer.
PAGE_DEFAULT: Final = 100
PAGE_MAX: Final = 500
HIERARCHY_PAGE_DEFAULT: Final = 50
HIERARCHY_PAGE_MAX: Final = 100
# Deeper spaces than anybody keeps in their head; the walk is bounded by rooms as well.
DEPTH_MAX: Final = 20


# The public directory


@get(_V3 + "/publicRooms")
async def get_public_rooms(request: Request) -> Response[bytes]:
    """A page of the public directory."""
    await request.requester()
    limit = request.query_int("limit", default=PAGE_DEFAULT, most=PAGE_MAX)
    wanted = PublicRoomsQuery(limit=limit, since=request.query("since"))
    return answer(await _public_rooms(request, wanted))


@post(_V3 + "/publicRooms", status_code=200)
async def search_public_rooms(request: Request) -> Response[bytes]:
    """A page of the public directory, of the rooms that fit a filter."""
    await request.requester()
    return answer(await _public_rooms(request, await request.body_as(PublicRoomsQuery)))


async def _public_rooms(request: Request, wanted: PublicRoomsQuery) -> PublicRoomsPage:
    services = request.services
    if request.query("server") not in {None, services.settings.server_name}:
        raise NotFound("This server does not know the directories of others.")
    if wanted.limit is not None and wanted.limit < 0:
        raise InvalidParam("`limit` must not be negative.")
    if wanted.third_party_instance_id is not None:
        # No bridge lists rooms here.
        return PublicRoomsPage(chunk=[], total_room_count_estimate=0)
    return await services.db.read(
        queries.find_public_rooms,
        limit=min(wanted.limit or PAGE_DEFAULT, PAGE_MAX),
        since=wanted.since or None,
        wanted=wanted.filter,
    )


@get(_V3 + "/directory/list/room/{room_id:str}")
async def get_visibility(request: Request) -> Response[bytes]:
    """Whether a room is in the public directory."""
    services = request.services
    services.rate_limits.check("address", request.address())
    listed = await services.db.read(queries.is_listed, request.path("room_id"))
    return answer({"visibility": "public" if listed else "private"})


@get(_V3 + "/rooms/{room_id:str}/aliases")
async def get_aliases(request: Request) -> Response[bytes]:
    """The names of a room, for who may read it."""
    requester = await request.requester()
    room_id = request.path("room_id")
    await request.services.db.read(access_history, requester, room_id)
    return answer({"aliases": await request.services.db.read(find_aliases, room_id)})


# Spaces


@get(_V1 + "/rooms/{room_id:str}/hierarchy")
async def get_hierarchy(request: Request) -> Response[bytes]:
    """A page of a space's tree."""
    requester = await request.requester()
    max_depth = request.query_int("max_depth", default=DEPTH_MAX, most=DEPTH_MAX)
    suggested_only = request.query_bool("suggested_only")
    query = HierarchyQuery(
        room_id=request.path("room_id"),
        suggested_only=suggested_only,
        max_depth=max_depth,
        limit=request.query_int(
            "limit", default=HIERARCHY_PAGE_DEFAULT, least=1, most=HIERARCHY_PAGE_MAX
        ),
    )
    token = request.query("from")
    if token is not None:
        last = parse_hierarchy_token(token, max_depth=max_depth, suggested_only=suggested_only)
        query = msgspec.structs.replace(query, resume_after=last)
    db = request.services.db
    visitor = await db.read(queries.find_visitor, requester.user_id)
    return answer(await db.read(queries.find_hierarchy, query, visitor))


ROUTES = [get_public_rooms, search_public_rooms, get_visibility, get_aliases, get_hierarchy]
