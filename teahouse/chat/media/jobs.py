"""Removes files that belong to nothing any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse.chat.media.commands import (
    BATCH_SIZE,
    REMOVE_FILES_JOB,
    delete_expired_places,
    delete_unused_media,
)
from teahouse.chat.media.queries import find_unknown_files
from teahouse.chat.media.tables import MEDIA_FILES, THUMBNAIL_FILES
from teahouse.chat.media.types import FilesOutdated
from teahouse.platform.jobs import JobKind, NoPayload

if TYPE_CHECKING:
    from teahouse.platform.data_map import FileClass
    from teahouse.platform.services import Services

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
# A file is there before its row is complete; no upload takes a day.
_FILE_AGE_MS = _DAY_MS


async def remove_files(services: Services, payload: FilesOutdated) -> None:
    """Remove the files of what was deleted; those already gone do no harm."""
    for name in payload.media:
        await services.files.delete(MEDIA_FILES, name)
    for name in payload.thumbnails:
        await services.files.delete(THUMBNAIL_FILES, name)


async def expire_places(services: Services, _payload: NoPayload) -> None:
    """Give up places that got no content in time."""
    while await services.db.write(delete_expired_places) >= BATCH_SIZE:
        pass


async def remove_unused(services: Services, _payload: NoPayload) -> None:
    """Remove what nobody has looked at for `media_days`."""
    settings = services.settings
    if not settings.media_days:
        return
    after: str | None = ""
    while after is not None:
        after, _count = await services.db.write(
            delete_unused_media,
            server_name=settings.server_name,
            unused_ms=settings.media_days * _DAY_MS,
            after=after,
        )


async def sweep_files(services: Services, _payload: NoPayload) -> None:
    """Remove what a crash has left in the file store."""
    for file_class in (MEDIA_FILES, THUMBNAIL_FILES):
        names: list[str] = []
        async for file in services.files.list(file_class):
            if file.modified_at < services.clock.now_ms() - _FILE_AGE_MS:
                names.append(file.name)
            if len(names) >= BATCH_SIZE:
                await _remove_unknown(services, file_class, names)
                names = []
        await _remove_unknown(services, file_class, names)


async def _remove_unknown(services: Services, file_class: FileClass, names: list[str]) -> None:
    is_media = file_class is MEDIA_FILES
    media, thumbnails = await services.db.read(
        find_unknown_files,
        media=names if is_media else [],
        thumbnails=[] if is_media else names,
    )
    await remove_files(services, FilesOutdated(sorted(media), sorted(thumbnails)))


JOBS = [
    JobKind(REMOVE_FILES_JOB, remove_files, FilesOutdated, lease_ms=10 * 60_000),
    JobKind("chat.expire_media", expire_places, every_ms=_HOUR_MS),
    JobKind("chat.remove_unused_media", remove_unused, lease_ms=_HOUR_MS, every_ms=_DAY_MS),
    JobKind("chat.sweep_media_files", sweep_files, lease_ms=_HOUR_MS, every_ms=_DAY_MS),
]
