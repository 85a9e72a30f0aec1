"""The route of duty records."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get

from teahouse.chat.duty_records.queries import make_duty_record
from teahouse.chat.event_store.commands import RoomStore
from teahouse.platform.http import Request, answer

_HEADERS: Final = {
    "Cache-Control": "private, no-store",
    "Content-Disposition": 'attachment; filename="duty-record.json"',
}


@get("/api/v1/rooms/{room_id:str}/duty_record")
async def get_duty_record(request: Request) -> Response[bytes]:
    """What was done with power in a room, signed, each event with its hash; for its moderators."""
    requester = await request.requester()
    key = request.services.get(RoomStore).signing_key
    found = await request.services.db.read(
        make_duty_record, requester, request.path("room_id"), key
    )
    return answer(found, headers=_HEADERS)


ROUTES: list[Any] = [get_duty_record]
