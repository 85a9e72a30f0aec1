"""What privacy itself puts into a member's archive."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import msgspec

from teahouse.platform.db import Read
from teahouse.platform.json import Json, JsonObject, decode_json, encode_json
from teahouse.platform.services import Services
from teahouse.privacy.archives.types import ArchiveEntry, ArchiveMember, Document
from teahouse.privacy.consents.live import ReceiptSigner
from teahouse.privacy.consents.queries import HISTORY_MAX, find_receipt, list_history
from teahouse.privacy.consents.types import ConsentEvent
from teahouse.privacy.official_requests.personal_data import export_member as export_requests
from teahouse.privacy.transparency_log.queries import list_entries_about

_ENTRIES_AT_A_TIME = 500
# A look a day for thirty years.
_ENTRIES_MAX = 10_000
_REGISTER = "data/privacy/official-requests.json"


class PrivacySource:
    """Consents with their receipts, who looked, and what authorities asked for."""

    told: Mapping[str, str] = {
        f"privacy_official_{name}": _REGISTER
        for name in ("request", "line", "look", "act", "approval")
    }
    left_out: Mapping[str, str] = {
        "platform_job": "Work that is still to be done for you. Nothing of it stays.",
        "privacy_archive": "This archive itself, and others that you asked for.",
    }

    async def measure(self, _services: Services, _member: ArchiveMember) -> int:
        """Little."""
        return 0

    async def write(
        self, services: Services, member: ArchiveMember
    ) -> AsyncIterator[ArchiveEntry | Document]:
        """Its files."""
        db, is_zh = services.db, member.language == "zh"
        key = services.get(ReceiptSigner).public_key
        answers = await db.read(_list_answers, member.user_id)
        for answered in answers:
            receipt = await db.read(
                find_receipt, member.user_id, answered.receipt_id, public_key=key
            )
            yield ArchiveEntry(
                path=f"privacy/receipts/{answered.receipt_id}.json",
                content=encode_json(receipt),
                group="privacy",
                title=f"{'同意书回执' if is_zh else 'Consent receipt'}: {answered.purpose}",
                note=answered.state,
            )
        yield Document(
            name="privacy/looks",
            title="谁查看过" if is_zh else "Who looked",
            group="privacy",
            data={"looks": await db.read(_list_looks, member.user_id)},
        )
        yield Document(
            name="privacy/official-requests",
            title="官方请求" if is_zh else "Official requests",
            group="privacy",
            data=await db.read(export_requests, member.user_id),
        )


def _list_answers(read: Read, user_id: str) -> list[ConsentEvent]:
    found: list[ConsentEvent] = []
    before: tuple[int, str] | None = None
    while page := list_history(read, user_id, before=before, limit=HISTORY_MAX):
        found += page
        before = (page[-1].at, page[-1].receipt_id)
    return found


def _list_looks(read: Read, user_id: str) -> list[Json]:
    looks: list[Json] = []
    before: int | None = None
    while len(looks) < _ENTRIES_MAX and (
        page := list_entries_about(read, user_id, before=before, limit=_ENTRIES_AT_A_TIME)
    ):
        for entry in page:
            told: JsonObject = msgspec.to_builtins(entry)
            looks.append({**decode_json(entry.body.encode()), **told})
        before = page[-1].index
    return looks
