"""Tells members when they may know, ends emergencies, and removes documents nobody entered."""

from __future__ import annotations

from teahouse.platform.jobs import JobKind, NoPayload
from teahouse.platform.services import Services
from teahouse.privacy.official_requests.commands import tell_members
from teahouse.privacy.official_requests.queries import list_documents
from teahouse.privacy.official_requests.tables import DOCUMENT_FILES

_MINUTE_MS = 60_000
_DAY_MS = 24 * 60 * _MINUTE_MS
_UNUSED_MS = 7 * _DAY_MS


async def _tell(services: Services, _payload: NoPayload) -> None:
    while await services.db.write(tell_members):
        pass


async def _tidy(services: Services, _payload: NoPayload) -> None:
    used = await services.db.read(list_documents)
    before = services.clock.now_ms() - _UNUSED_MS
    async for file in services.files.list(DOCUMENT_FILES):
        if file.name not in used and file.modified_at < before:
            await services.files.delete(DOCUMENT_FILES, file.name)


JOB_KINDS = [
    JobKind("privacy.tell_members", _tell, every_ms=_MINUTE_MS),
    JobKind("privacy.tidy_documents", _tidy, every_ms=_DAY_MS),
]
