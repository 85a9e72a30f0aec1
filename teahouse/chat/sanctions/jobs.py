"""Ends sanctions on their date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from teahouse.chat.event_store.commands import RoomStore
from teahouse.chat.sanctions.commands import end_due
from teahouse.platform.jobs import JobKind, NoPayload

if TYPE_CHECKING:
    from teahouse.platform.services import Services

_MINUTE_MS: Final = 60_000


async def _end_due(services: Services, _payload: NoPayload) -> None:
    while await services.db.write(end_due, services.get(RoomStore)):
        pass


JOBS: Final = [JobKind("chat.end_sanctions", _end_due, every_ms=_MINUTE_MS)]
