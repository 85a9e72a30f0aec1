"""The endpoint of typing."""

from __future__ import annotations

import msgspec
from litestar import Response, put

from teahouse.chat.typing.access import access_own_typing
from teahouse.chat.typing.announcements import TypingSaid
from teahouse.chat.typing.live import Typing
from teahouse.chat.typing.rules import TIMEOUT_MS_DEFAULT, check_timeout_ms
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
    said = TypingSaid(room_id, user_id, check_timeout_ms(body.timeout) if body.typing else None)
    # By itself first: what cannot be taken must be refused, and not told to others.
    request.services.get(Typing).hear(said)
    request.services.db.say(said)
    return answer({})


ROUTES = [put_typing]
