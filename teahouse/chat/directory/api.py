"""Routes that find rooms."""

from __future__ import annotations

from typing import Final

import msgspec
from litestar import Response, get, post

from teahouse.chat.auth_rules import is_user_id
from teahouse.chat.directory import queries
from teahouse.chat.directory.rules import parse_hierarchy_token
from teahouse.chat.directory.types import (
    HierarchyQuery,
    PublicRoomsPage,
    PublicRoomsQuery,
    UserQuery,
)
from teahouse.chat.rooms.access import access_history
from teahouse.chat.rooms.queries import find_alias, find_aliases
from teahouse.platform.errors import InvalidParam, NotFound
from teahouse.platform.http import Request, answer

_V1: Final = "/_matrix/client/v1"
_V3: Final = "/_matrix/client/v3"
_MSC3266: Final = "/_matrix/client/unstable/im.nheko.summary"
_MSC2666: Final = "/_matrix/client/unstable/uk.half-shot.msc2666/user/mutual_rooms"

# Large enough for clients that show one long list, small enough for one answer.
PAGE_DEFAULT: Final = 100
PAGE_MAX: Final = 500
HIERARCHY_PAGE_DEFAULT: Final = 50
HIERARCHY_PAGE_MAX: Final = 100
# Deeper spaces than anybody keeps in their head; the walk is bounded by rooms as well.
DEPTH_MAX: Final = 20
USERS_MAX: Final = 49


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
    if wanted.include_all_networks and wanted.third_party_instance_id is not None:
        raise InvalidParam("Ask for all networks or for one.")
    network = wanted.third_party_instance_id
    return await services.db.read(
        queries.find_public_rooms,
        limit=min(wanted.limit or PAGE_DEFAULT, PAGE_MAX),
        since=wanted.since or None,
        wanted=wanted.filter,
        network=queries.ALL_NETWORKS if wanted.include_all_networks else network,
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


# One room


@get(
    [
        _V1 + "/room_summary/{room:str}",
        _MSC3266 + "/summary/{room:str}",
        _MSC3266 + "/rooms/{room:str}/summary",
    ]
)
async def get_summary(request: Request) -> Response[bytes]:
    """A room's summary, for who may join it or look into it; without a token too."""
    user_id = None
    if request.bearer_token() is None:
        request.services.rate_limits.check("address", request.address())
    else:
        user_id = (await request.requester()).user_id
    db, room = request.services.db, request.path("room")
    room_id = await db.read(find_alias, room) if room.startswith("#") else room
    if room_id is None:
        raise NotFound("There is no such room.")
    found = await db.read(queries.find_summary, room_id, user_id)
    if not request.url.path.startswith(_MSC3266):
        return answer(found)
    # Clients older than version 1.15 know two members by the proposal's names.
    old_names = {
        "im.nheko.summary.room_version": found.room_version,
        "im.nheko.summary.version": found.room_version,
        "im.nheko.summary.encryption": found.encryption,
    }
    told = {name: value for name, value in old_names.items() if value is not None}
    return answer(msgspec.to_builtins(found) | told)


# People


@post(_V3 + "/user_directory/search", status_code=200)
async def search_users(request: Request) -> Response[bytes]:
    """Members by name, of those whom the requester may find."""
    requester = await request.requester()
    body = await request.body_as(UserQuery)
    if body.limit < 0:
        raise InvalidParam("`limit` must not be negative.")
    found = await request.services.db.read(
        queries.find_users,
        requester.user_id,
        term=body.search_term,
        limit=min(body.limit, USERS_MAX),
    )
    return answer(found)


@get([_V1 + "/mutual_rooms", _MSC2666])
async def get_mutual_rooms(request: Request) -> Response[bytes]:
    """The rooms that the requester shares with somebody."""
    requester = await request.requester()
    other = request.query_needed("user_id")
    token = request.query("from") or request.query("batch_token")
    if not is_user_id(other):
        raise InvalidParam("`user_id` must be a full user id.")
    if other == requester.user_id:
        raise InvalidParam("`user_id` must be somebody else's.")
    if token is not None and not token.startswith("m!"):
        raise InvalidParam("`from` is not a token of this list.")
    found = await request.services.db.read(
        queries.find_mutual_rooms,
        requester.user_id,
        other,
        after=(token or "m")[1:],
        limit=PAGE_DEFAULT,
    )
    return answer(found)


ROUTES = [
    get_public_rooms,
    search_public_rooms,
    get_visibility,
    get_aliases,
    get_hierarchy,
    get_summary,
    search_users,
    get_mutual_rooms,
]
