"""The route that upgrades a room."""

from __future__ import annotations

from litestar import Response, post

from teahouse.chat.event_store.commands import RoomStore
from teahouse.chat.upgrades.commands import upgrade_room
from teahouse.chat.upgrades.types import UpgradeRoom
from teahouse.platform.http import Request, answer


@post("/_matrix/client/v3/rooms/{room_id:str}/upgrade", status_code=200)
async def upgrade(request: Request) -> Response[bytes]:
    """Replace a room by one of another version."""
    requester = await request.active_requester()
    wanted = await request.body_as(UpgradeRoom)
    services = request.services
    new_room_id = await services.db.write(
        upgrade_room,
        services.get(RoomStore),
        requester,
        room_id=request.path("room_id"),
        wanted=wanted,
    )
    return answer({"replacement_room": new_room_id})


ROUTES = [upgrade]
