"""Routes that read a room's state and members."""

from __future__ import annotations

from typing import Final

from litestar import Response, get

from teahouse.chat.room_state import queries
from teahouse.chat.room_state.rules import check_membership, read_format
from teahouse.chat.room_state.types import MembersWanted
from teahouse.chat.sync.types import parse_room_token
from teahouse.platform.http import Request, answer

_V3: Final = "/_matrix/client/v3"
_ROOM: Final = _V3 + "/rooms/{room_id:str}"


@get(_ROOM + "/state")
async def get_state(request: Request) -> Response[bytes]:
    """The whole state of a room."""
    requester = await request.requester()
    found = await request.services.db.read(
        queries.read_state, requester, room_id=request.path("room_id")
    )
    return answer(found)


@get([_ROOM + "/state/{event_type:str}", _ROOM + "/state/{event_type:str}/{state_key:str}"])
async def get_state_event(request: Request) -> Response[bytes]:
    """What stands in one slot of the state."""
    requester = await request.requester()
    state_key = request.path("state_key") if "state_key" in request.path_params else ""
    found = await request.services.db.read(
        queries.read_state_event,
        requester,
        room_id=request.path("room_id"),
        slot=(request.path("event_type"), state_key),
        state_format=read_format(request.query("format")),
    )
    return answer(found)


@get(_ROOM + "/members")
async def get_members(request: Request) -> Response[bytes]:
    """The membership events of a room."""
    requester = await request.requester()
    at = request.query("at")
    wanted = MembersWanted(
        at=parse_room_token(at) if at else None,
        membership=request.query("membership"),
        not_membership=request.query("not_membership"),
    )
    check_membership("membership", wanted.membership)
    check_membership("not_membership", wanted.not_membership)
    found = await request.services.db.read(
        queries.read_members, requester, room_id=request.path("room_id"), wanted=wanted
    )
    return answer(found)


@get(_ROOM + "/joined_members")
async def get_joined_members(request: Request) -> Response[bytes]:
    """Who is in a room."""
    requester = await request.requester()
    found = await request.services.db.read(
        queries.read_joined_members, requester, room_id=request.path("room_id")
    )
    return answer(found)


@get(_V3 + "/joined_rooms")
async def get_joined_rooms(request: Request) -> Response[bytes]:
    """The rooms the requester is in."""
    requester = await request.requester()
    return answer(await request.services.db.read(queries.read_joined_rooms, requester))


ROUTES = [get_state, get_state_event, get_members, get_joined_members, get_joined_rooms]
