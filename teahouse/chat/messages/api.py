"""Routes that send and read messages."""

from __future__ import annotations

from litestar import Response, put

from teahouse.chat.messages.live import Sender
from teahouse.chat.messages.rules import read_redaction
from teahouse.chat.messages.types import Message
from teahouse.platform.http import Request, answer

_ROOM = "/_matrix/client/v3/rooms/{room_id:str}"


@put(_ROOM + "/send/{event_type:str}/{txn_id:str}")
async def send(request: Request) -> Response[bytes]:
    """Send a message event; a retry with the same transaction id answers the same."""
    event_type = request.path("event_type")
    # Who is suspended may still take back what they said.
    takes_back = event_type == "m.room.redaction"
    requester = await (request.requester() if takes_back else request.active_requester())
    redacts, content = read_redaction(event_type, await request.json_object())
    if requester.is_limited:
        request.services.rate_limits.check("send", requester.user_id)
    told = request.query("ts") is not None and requester.appservice_id is not None
    event_id = await request.services.get(Sender).send(
        Message(
            room_id=request.path("room_id"),
            type=event_type,
            sender=requester.user_id,
            content=content,
            redacts=redacts,
            device_id=requester.device_id or requester.appservice_id,
            client_txn_id=request.path("txn_id"),
            origin_server_ts=request.query_int("ts", default=0) if told else None,
        )
    )
    return answer({"event_id": event_id})


@put(_ROOM + "/redact/{event_id:str}/{txn_id:str}")
async def redact(request: Request) -> Response[bytes]:
    """Empty an event."""
    requester = await request.requester()
    content = await request.json_object()
    if requester.is_limited:
        request.services.rate_limits.check("send", requester.user_id)
    event_id = await request.services.get(Sender).send(
        Message(
            room_id=request.path("room_id"),
            type="m.room.redaction",
            sender=requester.user_id,
            content=content,
            redacts=request.path("event_id"),
            device_id=requester.device_id or requester.appservice_id,
            client_txn_id=request.path("txn_id"),
        )
    )
    return answer({"event_id": event_id})


ROUTES = [send, redact]
