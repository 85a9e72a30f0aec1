"""Brings in what members want of their archives, takes it back, and deletes files in time."""

from __future__ import annotations

import tempfile
from typing import Final

import msgspec

from teahouse.platform.expired_files import delete_expired_files
from teahouse.platform.jobs import JobKind
from teahouse.platform.services import Services
from teahouse.privacy.imports.commands import (
    DELETE_JOB,
    RECEIVE_JOB,
    UNDO_JOB,
    end_import,
    end_undo,
    forget_file,
    note_step,
)
from teahouse.privacy.imports.errors import ImportNotPossible
from teahouse.privacy.imports.live import ImportDesk, OpenArchive
from teahouse.privacy.imports.queries import (
    Work,
    find_item,
    list_expired,
    list_items,
    load_work,
)
from teahouse.privacy.imports.tables import IMPORT_FILES
from teahouse.privacy.imports.types import ArchiveReceivers, Item, Kind

_DELETE_EVERY_MS: Final = 3_600_000
_LEASE_MS: Final = 1_800_000


class ImportPayload(msgspec.Struct, frozen=True):
    """Which import; empty: all whose time is over."""

    import_id: str = ""


class _Receiving:
    """An import under way."""

    def __init__(self, services: Services, work: Work, archive: OpenArchive) -> None:
        self._db = services.db
        self._chosen = work.chosen
        self.archive = archive
        self.import_id: str = work.found.import_id
        self.user_id = work.user_id
        self._done = 0
        self._expected = sum(
            offer.count for offer in work.found.offers if offer.kind in work.chosen
        )

    def wants(self, kind: Kind) -> bool:
        """Whether the member wants a kind of thing."""
        return kind in self._chosen

    async def find_item(self, kind: str, key: str) -> Item | None:
        """What was brought in before a crash."""
        return await self._db.read(find_item, self.import_id, kind, key)

    async def advance(self, kind: Kind) -> None:
        """Tell that one more thing was done, and what it was."""
        self._done += 1
        progress = min(99, 99 * self._done // max(self._expected, 1))
        await self._db.write(note_step, self.import_id, progress=progress, step=kind)


async def _receive(services: Services, payload: ImportPayload) -> None:
    work = await services.db.read(load_work, payload.import_id)
    if work is None or work.found.status != "importing":
        return
    with tempfile.TemporaryFile(dir=services.settings.data_dir) as file:
        desk = services.get(ImportDesk)
        archive = await desk.fetch(work.found.import_id, work.file_key, file)
        receiving = _Receiving(services, work, archive)
        try:
            for receiver in services.get(ArchiveReceivers).receivers:
                await receiver.receive(services, receiving)
        except ImportNotPossible:
            # The member takes it back while it comes in.
            return
    await services.db.write(end_import, work.found.import_id)


async def _undo(services: Services, payload: ImportPayload) -> None:
    work = await services.db.read(load_work, payload.import_id)
    if work is None or work.found.status != "undoing":
        return
    items = await services.db.read(list_items, payload.import_id)
    for receiver in reversed(services.get(ArchiveReceivers).receivers):
        await receiver.undo(services, work.user_id, items)
    await services.db.write(end_undo, payload.import_id)


async def _delete(services: Services, payload: ImportPayload) -> None:
    if payload.import_id:
        # Of an erased member, whose row is gone already.
        await services.files.delete(IMPORT_FILES, payload.import_id)
        return
    await delete_expired_files(services, IMPORT_FILES, list_expired, forget_file)


JOB_KINDS = [
    JobKind(RECEIVE_JOB, _receive, ImportPayload, lease_ms=_LEASE_MS),
    JobKind(UNDO_JOB, _undo, ImportPayload, lease_ms=_LEASE_MS),
    JobKind(DELETE_JOB, _delete, ImportPayload, every_ms=_DELETE_EVERY_MS),
]
