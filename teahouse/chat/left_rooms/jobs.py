"""Looks once a day which chats everybody has left, and removes what they showed 30 days later."""

from __future__ import annotations

from typing import Final

from teahouse.chat.left_rooms.commands import BATCH_SIZE, note_left_rooms, remove_left_media
from teahouse.chat.left_rooms.tables import REMOVE_JOB
from teahouse.platform.jobs import JobKind, NoPayload
from teahouse.platform.services import Services

_HOUR_MS: Final = 3_600_000


async def remove(services: Services, _payload: NoPayload) -> None:
    """Note rooms that were left, and remove the media of those that were left long ago."""
    while await services.db.write(note_left_rooms) >= BATCH_SIZE:
        pass
    after: str | None = ""
    while after is not None:
        after = await services.db.write(
            remove_left_media, server_name=services.settings.server_name, after=after
        )


JOBS: Final = [JobKind(REMOVE_JOB, remove, lease_ms=_HOUR_MS, every_ms=24 * _HOUR_MS)]
