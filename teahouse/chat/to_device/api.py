"""The endpoints of to-device messages, and of those for a dehydrated device."""

from __future__ import annotations

import re
from typing import Final

import msgspec
from litestar import Response, get, post, put

from teahouse.chat.events.types import JsonObject
from teahouse.chat.to_device.commands import send_to_device
from teahouse.chat.to_device.queries import find_dehydrated_to_device
from teahouse.chat.to_device.rules import encode_messages
from teahouse.platform.errors import InvalidParam
from teahouse.platform.http import Request, answer

_DEHYDRATED: Final = "/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device"


class _Messages(msgspec.Struct, frozen=True):
    messages: dict[str, dict[str, JsonObject]]


class _Page(msgspec.Struct, frozen=True):
    next_batch: str | None = None


@put("/_matrix/client/v3/sendToDevice/{event_type:str}/{txn_id:str}")
async def put_to_device(request: Request) -> Response[bytes]:
    """Send messages to devices."""
    requester = await request.requester()
    body = await request.body_as(_Messages)
    await request.services.db.write(
        send_to_device,
        requester,
        request.path("event_type"),
        request.path("txn_id"),
        encode_messages(body.messages),
    )
    return answer({})


@get(_DEHYDRATED + "/{device_id:str}/events")
async def list_dehydrated_events(request: Request) -> Response[bytes]:
    """Return the messages for a dehydrated device, page by page."""
    requester = await request.requester()
    events, position = await request.services.db.read(
        find_dehydrated_to_device,
        requester.user_id,
        request.path("device_id"),
        since=_position(request.query("from")),
    )
    # Clients ask on until they are given no more `next_batch`.
    more = {"next_batch": str(position)} if events else {}
    return answer({"events": [msgspec.Raw(event) for event in events], **more})


@post(_DEHYDRATED + "/{device_id:str}/events")
async def list_dehydrated_events_by_post(request: Request) -> Response[bytes]:
    """Do the same for older clients, which ask on until they are given no more events."""
    requester = await request.requester()
    page = await request.body_as(_Page, empty_ok=True)
    events, position = await request.services.db.read(
        find_dehydrated_to_device,
        requester.user_id,
        request.path("device_id"),
        since=_position(page.next_batch),
    )
    found = [msgspec.Raw(event) for event in events]
    return answer({"events": found, "next_batch": str(position)})


ROUTES = [put_to_device, list_dehydrated_events, list_dehydrated_events_by_post]


def _position(next_batch: str | None) -> int:
    if next_batch is None:
        return 0
    if not re.fullmatch(r"[0-9]{1,18}", next_batch):
        raise InvalidParam("`next_batch` must come from the answer before.")
    return int(next_batch)
