"""The endpoints of receipts and read markers."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, post

from teahouse.chat.receipts import commands
from teahouse.platform.http import Request, answer

_ROOM = "/_matrix/client/v3/rooms/{room_id:str}"


class ReceiptBody(msgspec.Struct):
    """The body of a receipt; a thread of the wrong type is refused by rule, not by shape."""

    thread_id: Any = msgspec.UNSET


class ReadMarkersBody(msgspec.Struct):
    """The body of `/read_markers`."""

    fully_read: str | None = msgspec.field(default=None, name="m.fully_read")
    read: str | None = msgspec.field(default=None, name="m.read")
    read_private: str | None = msgspec.field(default=None, name="m.read.private")


@post(_ROOM + "/receipt/{receipt_type:str}/{event_id:str}")
async def post_receipt(request: Request) -> Response[bytes]:
    """Say how far one has read."""
    requester = await request.requester()
    # Some clients send no body at all.
    body = await request.body_as(ReceiptBody, empty_ok=True)
    await request.services.db.write(
        commands.put_receipt,
        requester,
        room_id=request.path("room_id"),
        receipt_type=request.path("receipt_type"),
        event_id=request.path("event_id"),
        thread_id=body.thread_id,
    )
    return answer({})


@post(_ROOM + "/read_markers")
async def post_read_markers(request: Request) -> Response[bytes]:
    """Move the fully-read marker and receipts together."""
    requester = await request.requester()
    body = await request.body_as(ReadMarkersBody)
    await request.services.db.write(
        commands.put_read_markers,
        requester,
        room_id=request.path("room_id"),
        fully_read=body.fully_read,
        read=body.read,
        read_private=body.read_private,
    )
    return answer({})


ROUTES = [post_receipt, post_read_markers]
