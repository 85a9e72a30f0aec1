"""The endpoint of typing."""

from __future__ import annotations

import msgspec
from litestar import Response, put

from teahouse.chat.typing.access import access_own_typing
from teahouse.chat.typing.live import Typing
from teahouse.chat.typing.rules import TIMEOUT_MS_DEFAULT
from teahouse.platform.http import Request, answer


class TypingBody(msgspec.Struct):
    """The body of `/typing`."""

    typing: bool
    timeout: int = TIMEOUT_MS_DEFAULT


@put("/_matrix/client/v3/rooms/{room_id:str}/typing/{user_id:str}")
async def put_typing(request: Request) -> Response[bytes]:
    """Say that one is typing, or is not any more."""
    requester = await request.requester()
    body = await request.body_as(TypingBody)
    room_id, user_id = request.path("room_id"), request.path("user_id")
    await request.services.db.read(access_own_typing, requester, room_id=room_id, user_id=user_id)
    typing = request.services.get(Typing)
    if body.typing:
        typing.set(room_id, user_id, body.timeout)
    else:
        typing.clear(room_id, user_id)
    return answer({})


ROUTES = [put_typing]
