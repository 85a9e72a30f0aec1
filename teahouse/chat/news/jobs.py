"""Tells what members must know."""

from __future__ import annotations

from typing import Final

from teahouse.chat.event_store.commands import RoomStore
from teahouse.chat.news.commands import TELL_JOB, tell_some
from teahouse.chat.news.types import News
from teahouse.chat.rooms.commands import RoomDefaults
from teahouse.platform.jobs import JobKind
from teahouse.platform.services import Services

_HOUR_MS: Final = 3_600_000


async def tell_all(services: Services, news: News) -> None:
    """Tell everybody whom it concerns. May run twice: nobody is told the same again."""
    store, defaults = services.get(RoomStore), services.get(RoomDefaults)
    after: str | None = ""
    while after is not None:
        after = await services.db.write(tell_some, store, defaults, news, after)


JOBS: Final = [JobKind(TELL_JOB, tell_all, News, lease_ms=_HOUR_MS)]
