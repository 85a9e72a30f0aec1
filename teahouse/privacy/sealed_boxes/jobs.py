"""Destroys the keys of boxes on their date."""

from __future__ import annotations

import asyncio
from typing import Final

from teahouse.platform.jobs import JobKind, NoPayload
from teahouse.platform.services import Services
from teahouse.privacy.member_keys.live import MemberKeys
from teahouse.privacy.sealed_boxes.commands import DESTROY_JOB, note_destroyed
from teahouse.privacy.sealed_boxes.queries import list_due
from teahouse.privacy.sealed_boxes.rules import owner_of_key

_HOUR_MS: Final = 3_600_000


async def destroy_due(services: Services, _payload: NoPayload) -> None:
    """Destroy each box that is due; what a crash leaves half done is done by the next run."""
    keys, destroyed = services.get(MemberKeys), 0
    for box_id in await services.db.read(list_due):
        now = services.clock.now_ms()
        await asyncio.to_thread(keys.destroy, owner_of_key(box_id), now=now)
        await services.db.write(note_destroyed, box_id)
        destroyed += 1
    if destroyed:
        await services.db.empty_log()


JOB_KINDS: Final = [JobKind(DESTROY_JOB, destroy_due, every_ms=_HOUR_MS, lease_ms=_HOUR_MS)]
