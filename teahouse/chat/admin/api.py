"""Routes below /_synapse/admin about rooms and media: off unless `admin_api` is set, for staff.

Source: Synapse, docs/admin_api/rooms.md, media_admin_api.md and version_api.md.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Final

import msgspec
from litestar import Response, delete, get, post, put

from teahouse import accounts, privacy
from teahouse.chat.admin import commands, queries
from teahouse.chat.admin.jobs import delete_room
from teahouse.chat.admin.rules import check_order
from teahouse.chat.admin.types import BlockRoom, DeleteRoom, RoomListQuery
from teahouse.chat.media.commands import quarantine_media_of_member, set_quarantine
from teahouse.chat.moderation.commands import note_access
from teahouse.platform.errors import InvalidParam, NotFound, Unrecognised
from teahouse.platform.http import Request, answer

if TYPE_CHECKING:
    from teahouse.platform.db import Tx
    from teahouse.platform.requester import Requester

_V1: Final = "/_synapse/admin/v1"
_V2: Final = "/_synapse/admin/v2"
_ROOM: Final = "/rooms/{room_id:str}"
LIST_ROOMS: Final = privacy.declare_deed("rooms.list", "chat_event.sender", "chat_event.pdu")
SEE_ROOM: Final = privacy.declare_deed("rooms.see", "chat_event.sender", "chat_event.pdu")
SEE_MEMBERS: Final = privacy.declare_deed(
    "rooms.members.see", "chat_membership.user_id", "chat_membership.membership"
)
SEE_BLOCK: Final = privacy.declare_deed("rooms.block.see")
SEE_DELETION: Final = privacy.declare_deed(
    "rooms.deletion.see", "chat_room_deletion.result", "chat_membership.user_id"
)
QUARANTINE: Final = privacy.declare_deed("media.quarantine", "chat_media.user_id")
RELEASE: Final = privacy.declare_deed("media.release", "chat_media.user_id")
PAGE_MAX: Final = 1000


async def _staff(request: Request, power: accounts.Power) -> Requester:
    if not request.services.settings.admin_api:
        raise Unrecognised
    requester = await request.requester()
    accounts.check_power(requester, power)
    return requester


async def _looks(
    request: Request, deed: str, about: str = "", *, power: accounts.Power = "rooms.list"
) -> None:
    """Let one of the staff look at something, and note that they do."""
    requester = await _staff(request, power)
    await request.services.db.write(note_access, requester, deed, about)


@get(f"{_V1}/server_version")
async def server_version(request: Request) -> Response[bytes]:
    """The version of this server."""
    await _staff(request, "rooms.list")
    return answer({"server_version": f"Teahouse {version('teahouse')}"})


# Rooms


@get(f"{_V1}/rooms")
async def rooms(request: Request) -> Response[bytes]:
    """Rooms, by part of their name."""
    await _looks(request, LIST_ROOMS)
    order_by, direction = request.query("order_by") or "name", request.query("dir") or "f"
    check_order(order_by, direction)
    search_term = request.query("search_term")
    if search_term == "":
        raise InvalidParam("`search_term` must not be empty.")
    query = RoomListQuery(
        start=request.query_int("from", default=0, most=queries.ROOMS_MAX),
        limit=request.query_int("limit", default=100, most=PAGE_MAX),
        order_by=order_by,
        is_backwards=direction == "b",
        search_term=search_term,
        public_rooms=_perhaps(request, "public_rooms"),
        empty_rooms=_perhaps(request, "empty_rooms"),
    )
    return answer(await request.services.db.read(queries.find_rooms, query))


def _perhaps(request: Request, name: str) -> bool | None:
    return None if request.query(name) is None else request.query_bool(name)


@get(_V1 + _ROOM)
async def room(request: Request) -> Response[bytes]:
    """One room."""
    room_id = request.path("room_id")
    await _looks(request, SEE_ROOM, room_id)
    return answer(await request.services.db.read(queries.find_room, room_id))


@get(_V1 + _ROOM + "/members")
async def members(request: Request) -> Response[bytes]:
    """Who is in a room."""
    room_id = request.path("room_id")
    await _looks(request, SEE_MEMBERS, room_id)
    found = await request.services.db.read(queries.find_members, room_id)
    return answer({"members": found, "total": len(found)})


@get(_V1 + _ROOM + "/block")
async def get_block(request: Request) -> Response[bytes]:
    """Whether a room is shut."""
    room_id = request.path("room_id")
    await _looks(request, SEE_BLOCK, room_id)
    return answer({"block": await request.services.db.read(queries.is_blocked, room_id)})


@put(_V1 + _ROOM + "/block")
async def put_block(request: Request) -> Response[bytes]:
    """Shut a room, or open it again."""
    requester = await _staff(request, "rooms.shut_down")
    body = await request.body_as(BlockRoom)
    room_id = request.path("room_id")
    await request.services.db.write(
        commands.set_blocked, requester, room_id=room_id, blocked=body.block
    )
    return answer({"block": body.block})


@delete(_V1 + _ROOM, status_code=200)
async def delete_room_now(request: Request) -> Response[bytes]:
    """Shut a room down, and answer when it is done."""
    requester = await _staff(request, "rooms.shut_down")
    wanted = await request.body_as(DeleteRoom, empty_ok=True)
    services = request.services
    job = await services.db.write(
        commands.request_deletion,
        requester,
        room_id=request.path("room_id"),
        wanted=wanted,
        at_once=True,
    )
    await delete_room(services, job)
    [done] = await services.db.read(queries.find_deletions, delete_id=job.delete_id)
    return answer(done.shutdown_room)


@delete(_V2 + _ROOM, status_code=200)
async def delete_room_later(request: Request) -> Response[bytes]:
    """Have a room shut down."""
    requester = await _staff(request, "rooms.shut_down")
    wanted = await request.body_as(DeleteRoom, empty_ok=True)
    job = await request.services.db.write(
        commands.request_deletion,
        requester,
        room_id=request.path("room_id"),
        wanted=wanted,
        at_once=False,
    )
    return answer({"delete_id": job.delete_id})


@get(_V2 + "/rooms/delete_status/{delete_id:str}")
async def delete_status(request: Request) -> Response[bytes]:
    """How far a deletion has come."""
    await _looks(request, SEE_DELETION, power="rooms.shut_down")
    [found] = await request.services.db.read(
        queries.find_deletions, delete_id=request.path("delete_id")
    )
    return answer({"status": found.status, "shutdown_room": found.shutdown_room})


@get(_V2 + _ROOM + "/delete_status")
async def delete_statuses(request: Request) -> Response[bytes]:
    """How far the deletions of a room have come."""
    await _looks(request, SEE_DELETION, request.path("room_id"), power="rooms.shut_down")
    found = await request.services.db.read(queries.find_deletions, room_id=request.path("room_id"))
    return answer({"results": [msgspec.to_builtins(deletion) for deletion in found]})


# Media


@post(_V1 + "/media/quarantine/{server:str}/{media_id:str}", status_code=200)
async def quarantine(request: Request) -> Response[bytes]:
    """Keep media from everybody."""
    return await _quarantine(request, quarantined=True)


@post(_V1 + "/media/unquarantine/{server:str}/{media_id:str}", status_code=200)
async def unquarantine(request: Request) -> Response[bytes]:
    """Give media back."""
    return await _quarantine(request, quarantined=False)


async def _quarantine(request: Request, *, quarantined: bool) -> Response[bytes]:
    requester = await _staff(request, "media.quarantine")
    if request.path("server") != request.services.settings.server_name:
        raise NotFound("This server keeps no media of others.")
    await request.services.db.write(
        _set_quarantine, requester, request.path("media_id"), quarantined=quarantined
    )
    return answer({})


def _set_quarantine(tx: Tx, requester: Requester, media_id: str, *, quarantined: bool) -> None:
    owner = set_quarantine(tx, requester, media_id=media_id, is_quarantined=quarantined)
    note_access(tx, requester, QUARANTINE if quarantined else RELEASE, owner)


@post(_V1 + "/user/{user_id:str}/media/quarantine", status_code=200)
async def quarantine_of_user(request: Request) -> Response[bytes]:
    """Keep all that a member has uploaded from everybody."""
    requester = await _staff(request, "media.quarantine")
    count = await request.services.db.write(
        _quarantine_of_member, requester, request.path("user_id")
    )
    return answer({"num_quarantined": count})


def _quarantine_of_member(tx: Tx, requester: Requester, user_id: str) -> int:
    note_access(tx, requester, QUARANTINE, user_id)
    return quarantine_media_of_member(tx, requester, user_id=user_id)


ROUTES = [
    server_version,
    rooms,
    room,
    members,
    get_block,
    put_block,
    delete_room_now,
    delete_room_later,
    delete_status,
    delete_statuses,
    quarantine,
    unquarantine,
    quarantine_of_user,
]
