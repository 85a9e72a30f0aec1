"""Routes that make rooms and change who is in them and what their state is."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from litestar import Response, delete, get, post, put

from teahouse.chat.event_store.commands import Draft, RoomStore
from teahouse.chat.rooms import commands
from teahouse.chat.rooms.commands import RoomDefaults
from teahouse.chat.rooms.live import OutsideNames
from teahouse.chat.rooms.queries import find_alias
from teahouse.chat.rooms.rules import check_alias
from teahouse.chat.rooms.types import CreateRoom, MembershipChange
from teahouse.platform.errors import NotFound
from teahouse.platform.http import Request, answer
from teahouse.platform.json import JsonObject

_V3 = "/_matrix/client/v3"
_ROOM = _V3 + "/rooms/{room_id:str}"


class Reason(msgspec.Struct, frozen=True):
    """A body that may give a reason."""

    reason: str | None = None


class Target(msgspec.Struct, frozen=True):
    """A body that names a member."""

    user_id: str
    reason: str | None = None


class AliasTarget(msgspec.Struct, frozen=True):
    """A body that names a room."""

    room_id: str


class Visibility(msgspec.Struct, frozen=True):
    """Whether a room is in the public directory."""

    visibility: Literal["public", "private"] = "public"


@post(_V3 + "/createRoom", status_code=200)
async def create_room(request: Request) -> Response[bytes]:
    """Make a room."""
    requester = await request.active_requester()
    wanted = await request.body_as(CreateRoom, empty_ok=True)
    services = request.services
    names = services.get(OutsideNames)
    if wanted.room_alias_name is not None:
        names.check_alias(f"#{wanted.room_alias_name}:{services.settings.server_name}", requester)
    for user_id in wanted.invite[: commands.INVITES_MAX]:
        await names.ask_for_user(user_id)
    room_id = await services.db.write(
        commands.create_room,
        services.get(RoomStore),
        services.get(RoomDefaults),
        creator=requester.user_id,
        request=wanted,
    )
    return answer({"room_id": room_id})


@post([_V3 + "/join/{room:str}", _ROOM + "/join"], status_code=200)
async def join(request: Request) -> Response[bytes]:
    """Join a room by id or alias."""
    room_id = await _change_own(request, "join")
    return answer({"room_id": room_id})


@post(_V3 + "/knock/{room:str}", status_code=200)
async def knock(request: Request) -> Response[bytes]:
    """Ask to be let into a room."""
    room_id = await _change_own(request, "knock")
    return answer({"room_id": room_id})


@post(_ROOM + "/leave", status_code=200)
async def leave(request: Request) -> Response[bytes]:
    """Leave a room, or refuse an invite."""
    await _change_own(request, "leave")
    return answer({})


async def _change_own(request: Request, membership: Literal["join", "knock", "leave"]) -> str:
    # A door that opens outwards for everybody.
    leaves = membership == "leave"
    requester = await (request.requester() if leaves else request.active_requester())
    body = await request.body_as(Reason, empty_ok=True)
    services = request.services
    named = "room" if "room" in request.path_params else "room_id"
    room_id = await _resolve(request, request.path(named))
    await services.db.write(
        commands.change_membership,
        services.get(RoomStore),
        MembershipChange(
            room_id=room_id,
            sender=requester.user_id,
            target=requester.user_id,
            membership=membership,
            reason=body.reason,
        ),
    )
    return room_id


async def _resolve(request: Request, id_or_alias: str) -> str:
    """The room that an id or an alias names."""
    if not id_or_alias.startswith("#"):
        return id_or_alias
    await request.services.get(OutsideNames).ask_for_alias(id_or_alias)
    room_id = await request.services.db.read(find_alias, id_or_alias)
    if room_id is None:
        raise NotFound("There is no such room alias.")
    return room_id


@post(_ROOM + "/invite", status_code=200)
async def invite(request: Request) -> Response[bytes]:
    """Invite a member."""
    return await _change_other(request, "invite", commands.change_membership)


@post(_ROOM + "/kick", status_code=200)
async def kick(request: Request) -> Response[bytes]:
    """Remove a member."""
    return await _change_other(request, "leave", commands.kick)


@post(_ROOM + "/ban", status_code=200)
async def ban(request: Request) -> Response[bytes]:
    """Ban a member."""
    return await _change_other(request, "ban", commands.change_membership)


@post(_ROOM + "/unban", status_code=200)
async def unban(request: Request) -> Response[bytes]:
    """Take a ban back."""
    return await _change_other(request, "leave", commands.unban)


async def _change_other(
    request: Request,
    membership: Literal["invite", "leave", "ban"],
    command: Any,  # noqa: ANN401 - one of the commands that take a MembershipChange
) -> Response[bytes]:
    requester = await request.active_requester()
    body = await request.body_as(Target)
    services = request.services
    if membership == "invite":
        await services.get(OutsideNames).ask_for_user(body.user_id)
    change = MembershipChange(
        room_id=request.path("room_id"),
        sender=requester.user_id,
        target=body.user_id,
        membership=membership,
        reason=body.reason,
    )
    await services.db.write(command, services.get(RoomStore), change)
    return answer({})


@post(_ROOM + "/forget", status_code=200)
async def forget(request: Request) -> Response[bytes]:
    """Forget a room that was left."""
    requester = await request.requester()
    await request.services.db.write(commands.forget_room, requester, request.path("room_id"))
    return answer({})


@put(
    [
        _ROOM + "/state/{event_type:str}",
        _ROOM + "/state/{event_type:str}/{state_key:str}",
    ]
)
async def put_state(request: Request) -> Response[bytes]:
    """Set a piece of a room's state."""
    requester = await request.active_requester()
    content: JsonObject = await request.json_object()
    services = request.services
    if requester.is_limited:
        services.rate_limits.check("send", requester.user_id)
    draft = Draft(
        type=request.path("event_type"),
        state_key=request.path("state_key") if "state_key" in request.path_params else "",
        sender=requester.user_id,
        content=content,
        origin_server_ts=_told_instant(request, requester.appservice_id),
    )
    event_id = await services.db.write(
        commands.send_state,
        services.get(RoomStore),
        requester,
        room_id=request.path("room_id"),
        draft=draft,
    )
    return answer({"event_id": event_id})


def _told_instant(request: Request, appservice_id: str | None) -> int | None:
    """The `ts` of an application service; nobody else may choose an event's time."""
    if appservice_id is None or request.query("ts") is None:
        return None
    return request.query_int("ts", default=0)


# Names


@get(_V3 + "/directory/room/{alias:str}")
async def get_alias(request: Request) -> Response[bytes]:
    """The room that an alias names."""
    services = request.services
    services.rate_limits.check("address", request.address())
    alias, server = request.path("alias"), services.settings.server_name
    check_alias(alias, alias.partition(":")[2] or server)
    await services.get(OutsideNames).ask_for_alias(alias)
    room_id = await services.db.read(find_alias, alias)
    if room_id is None:
        raise NotFound("There is no such room alias.")
    return answer({"room_id": room_id, "servers": [server]})


@put(_V3 + "/directory/room/{alias:str}")
async def put_alias(request: Request) -> Response[bytes]:
    """Give a room a name."""
    requester = await request.active_requester()
    body = await request.body_as(AliasTarget)
    services = request.services
    services.get(OutsideNames).check_alias(request.path("alias"), requester)
    await services.db.write(
        commands.create_alias,
        services.get(RoomStore),
        requester,
        alias=request.path("alias"),
        room_id=body.room_id,
    )
    return answer({})


@delete(_V3 + "/directory/room/{alias:str}", status_code=200)
async def delete_alias(request: Request) -> Response[bytes]:
    """Take a name away."""
    requester = await request.requester()
    services = request.services
    await services.db.write(
        commands.delete_alias, services.get(RoomStore), requester, alias=request.path("alias")
    )
    return answer({})


@put(_V3 + "/directory/list/room/{room_id:str}")
async def put_visibility(request: Request) -> Response[bytes]:
    """List a room in the public directory, or take it out."""
    requester = await request.active_requester()
    body = await request.body_as(Visibility, empty_ok=True)
    services = request.services
    await services.db.write(
        commands.publish_room,
        services.get(RoomStore),
        requester,
        room_id=request.path("room_id"),
        listed=body.visibility == "public",
    )
    return answer({})


ROUTES = [
    create_room,
    join,
    knock,
    leave,
    invite,
    kick,
    ban,
    unban,
    forget,
    put_state,
    get_alias,
    put_alias,
    delete_alias,
    put_visibility,
]
