"""Routes that ask for relations and threads."""

from __future__ import annotations

from typing import Final

from litestar import Response, get

from teahouse.chat.history.rules import read_direction, read_span
from teahouse.chat.relations import queries
from teahouse.chat.relations.types import Include, RelationsWanted
from teahouse.chat.rooms.rules import LAST
from teahouse.chat.sync.types import parse_room_token
from teahouse.platform.errors import InvalidParam
from teahouse.platform.http import Request, answer

_ROOM: Final = "/_matrix/client/v1/rooms/{room_id:str}"
_EVENT: Final = _ROOM + "/relations/{event_id:str}"
LIMIT_MAX: Final = 1000
LIMIT_DEFAULT: Final = 50


@get([_EVENT, _EVENT + "/{rel_type:str}", _EVENT + "/{rel_type:str}/{event_type:str}"])
async def get_relations(request: Request) -> Response[bytes]:
    """The events that relate to an event."""
    requester = await request.requester()
    wanted = RelationsWanted(
        event_id=request.path("event_id"),
        rel_type=_optional_path(request, "rel_type"),
        event_type=_optional_path(request, "event_type"),
        span=read_span(
            read_direction(request.query("dir") or "b"),
            start=request.query("from"),
            stop=request.query("to"),
        ),
        limit=_limit(request),
        is_recursive=request.query_bool("recurse") if request.query("recurse") else None,
    )
    found = await request.services.db.read(
        queries.read_relations, requester, room_id=request.path("room_id"), wanted=wanted
    )
    return answer(found)


def _optional_path(request: Request, name: str) -> str | None:
    return request.path(name) if name in request.path_params else None


def _limit(request: Request) -> int:
    return max(1, request.query_int("limit", default=LIMIT_DEFAULT, most=LIMIT_MAX))


@get(_ROOM + "/threads")
async def get_threads(request: Request) -> Response[bytes]:
    """The threads of a room."""
    requester = await request.requester()
    start = request.query("from")
    found = await request.services.db.read(
        queries.read_threads,
        requester,
        room_id=request.path("room_id"),
        include=_read_include(request.query("include")),
        up_to=parse_room_token(start) if start else LAST,
        limit=_limit(request),
    )
    return answer(found)


def _read_include(text: str | None) -> Include:
    if text is None or text == "all":
        return "all"
    if text == "participated":
        return "participated"
    raise InvalidParam("`include` must be `all` or `participated`.")


ROUTES = [get_relations, get_threads]
