"""Makes archives, and deletes them a week later."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import msgspec

from teahouse.platform.expired_files import delete_expired_files
from teahouse.platform.jobs import JobKind, NoPayload
from teahouse.platform.sealed_files import seal
from teahouse.platform.services import Services
from teahouse.privacy.archives.commands import (
    DELETE_JOB,
    MAKE_JOB,
    end_archive,
    forget_archive,
    forget_stale_tickets,
    note_progress,
)
from teahouse.privacy.archives.live import ArchiveMaker
from teahouse.privacy.archives.queries import list_expired_archives, load_archive
from teahouse.privacy.archives.tables import ARCHIVE_FILES
from teahouse.privacy.archives.types import ArchiveMember

_DELETE_EVERY_MS: Final = 3_600_000
# A gigabyte takes a minute. What a crash breaks off is begun again after this.
_LEASE_MS: Final = 1_800_000
_TRIES_MAX: Final = 3
# The member is told of progress in steps of so many bytes.
_TOLD_EVERY_BYTES: Final = 1_000_000


class MakePayload(msgspec.Struct, frozen=True):
    """Which archive is to be made."""

    archive_id: str


class _Unwanted(Exception):
    """It was deleted while it was made."""


async def _make(services: Services, payload: MakePayload) -> None:
    found = await services.db.read(load_archive, payload.archive_id)
    if found is None or found[0].archive.status != "waiting":
        return
    stored, user_id = found
    archive = stored.archive
    member = ArchiveMember(user_id, archive.language, services.settings.server_name)
    maker = ArchiveMaker(services, member, archive.created_at)
    await maker.measure()
    counted = _Counted()
    try:
        # The store keeps it whole or not at all; begun again, it is made anew.
        content = seal(counted.count(_tell(services, archive.archive_id, maker)), stored.file_key)
        await services.files.put(ARCHIVE_FILES, archive.archive_id, content)
    except _Unwanted:
        return
    except Exception:
        # The member is told at once and may ask anew; the operator is told by the job's failure.
        await services.db.write(end_archive, archive.archive_id, "failed")
        raise
    is_wanted = await services.db.write(
        end_archive,
        archive.archive_id,
        "done",
        byte_count=counted.size,
        file_count=maker.file_count,
    )
    if not is_wanted:
        await services.files.delete(ARCHIVE_FILES, archive.archive_id)


class _Counted:
    """Counts bytes on their way."""

    def __init__(self) -> None:
        self.size = 0

    async def count(self, content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for piece in content:
            self.size += len(piece)
            yield piece


async def _tell(services: Services, archive_id: str, maker: ArchiveMaker) -> AsyncIterator[bytes]:
    """Pass an archive on, and tell the member how far it is."""
    told, step = -_TOLD_EVERY_BYTES, ""
    async for piece in maker.write():
        progress = maker.progress
        if progress.written - told >= _TOLD_EVERY_BYTES or progress.step != step:
            told, step = progress.written, progress.step
            is_wanted = await services.db.write(
                note_progress, archive_id, progress=progress.hundredths, step=step
            )
            if not is_wanted:
                raise _Unwanted
        yield piece


async def _delete(services: Services, _payload: NoPayload) -> None:
    await services.db.write(forget_stale_tickets)
    await delete_expired_files(services, ARCHIVE_FILES, list_expired_archives, forget_archive)


JOB_KINDS = [
    JobKind(MAKE_JOB, _make, MakePayload, lease_ms=_LEASE_MS, tries_max=_TRIES_MAX),
    JobKind(DELETE_JOB, _delete, every_ms=_DELETE_EVERY_MS),
]
