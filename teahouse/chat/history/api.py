"""Routes that read a room's past."""

from __future__ import annotations

from typing import Final

from litestar import Response, get

from teahouse.chat.filters.rules import decode_room_event_filter
from teahouse.chat.history import queries
from teahouse.chat.history.rules import read_direction, read_span
from teahouse.platform.http import Request, answer

_ROOM: Final = "/_matrix/client/v3/rooms/{room_id:str}"
_ROOM_V1: Final = "/_matrix/client/v1/rooms/{room_id:str}"
# A page of a thousand events is about a megabyte.
LIMIT_MAX: Final = 1000
LIMIT_DEFAULT: Final = 10
CONTEXT_MAX: Final = 100


@get(_ROOM + "/messages")
async def get_messages(request: Request) -> Response[bytes]:
    """A page of the timeline."""
    requester = await request.requester()
    span = read_span(
        read_direction(request.query_needed("dir")),
        start=request.query("from"),
        stop=request.query("to"),
    )
    page = await request.services.db.read(
        queries.read_messages,
        requester,
        room_id=request.path("room_id"),
        span=span,
        limit=_limit(request),
        wanted=decode_room_event_filter(request.query("filter")),
    )
    return answer(page)


def _limit(request: Request, *, default: int = LIMIT_DEFAULT) -> int:
    # A page of none would lead nowhere: clients that ask for 0 get the least there is.
    return max(1, request.query_int("limit", default=default, most=LIMIT_MAX))


@get(_ROOM + "/context/{event_id:str}")
async def get_context(request: Request) -> Response[bytes]:
    """An event and what is around it."""
    requester = await request.requester()
    found = await request.services.db.read(
        queries.read_context,
        requester,
        room_id=request.path("room_id"),
        event_id=request.path("event_id"),
        limit=request.query_int("limit", default=LIMIT_DEFAULT, most=CONTEXT_MAX),
        wanted=decode_room_event_filter(request.query("filter")),
    )
    return answer(found)


@get(_ROOM + "/event/{event_id:str}")
async def get_event(request: Request) -> Response[bytes]:
    """One event."""
    requester = await request.requester()
    found = await request.services.db.read(
        queries.read_event,
        requester,
        room_id=request.path("room_id"),
        event_id=request.path("event_id"),
    )
    return answer(found)


@get(_ROOM_V1 + "/timestamp_to_event")
async def get_event_at(request: Request) -> Response[bytes]:
    """The event closest to an instant."""
    requester = await request.requester()
    request.query_needed("ts")
    found = await request.services.db.read(
        queries.read_event_at,
        requester,
        room_id=request.path("room_id"),
        ts=request.query_int("ts", default=0),
        direction=read_direction(request.query_needed("dir")),
    )
    return answer(found)


ROUTES = [get_messages, get_context, get_event, get_event_at]
