"""Does erasures when they are due, step by step; each step may run twice."""

from __future__ import annotations

import asyncio
from typing import Final

from teahouse.platform.errors import Refusal
from teahouse.platform.jobs import JobKind, NoPayload, count_open
from teahouse.platform.services import Services
from teahouse.privacy.checkpoints.live import LogKey
from teahouse.privacy.erasure.commands import (
    ERASE_JOB,
    ErasureToDo,
    close_account,
    enter_destruction,
    finish_erasure,
    forget_old_certificates,
    go_on_later,
    note_emptied,
    postpone,
)
from teahouse.privacy.erasure.queries import list_touched, load_erasure
from teahouse.privacy.erasure.types import Eraser, StoredErasure
from teahouse.privacy.member_keys.live import MemberKeys

_SECOND_MS: Final = 1000
_HOUR_MS: Final = 3_600_000


async def erase_when_due(services: Services, todo: ErasureToDo) -> None:
    """Begin an erasure that is due, or go on with one that was begun."""
    db, eraser = services.db, services.get(Eraser)
    erasure = await db.read(load_erasure, todo.erasure_id)
    if erasure is None or erasure.status == "done":
        return
    if erasure.status == "waiting":
        try:
            # It asks for this job once more.
            await db.write(close_account, erasure.erasure_id, eraser, services.get(MemberKeys))
        except Refusal:
            await db.write(postpone, erasure.erasure_id)
        return
    await _go_on(services, eraser, erasure)


async def _go_on(services: Services, eraser: Eraser, erasure: StoredErasure) -> None:
    db, erasure_id = services.db, erasure.erasure_id
    assert erasure.user_id is not None
    if erasure.emptied_at is None:
        await eraser.erase_rest(services, erasure.user_id)
        await db.write(note_emptied, erasure_id)
        return
    open_jobs = await db.read(count_open, eraser.open_jobs)
    if open_jobs:
        # Files are still to be removed. A dead job waits for an operator.
        wait_ms = _SECOND_MS if "waiting" in open_jobs else _HOUR_MS
        await db.write(go_on_later, erasure_id, wait_ms=wait_ms)
        return
    await db.rewrite(list_touched(erasure))
    keys, now = services.get(MemberKeys), services.clock.now_ms()
    made = await asyncio.to_thread(keys.ensure, [erasure.user_id], now=now)
    await db.write(enter_destruction, erasure_id, made[erasure.user_id].key_id)
    await asyncio.to_thread(keys.destroy, erasure.user_id, now=now)
    settings = services.settings
    await db.write(
        finish_erasure,
        erasure_id,
        services.get(LogKey),
        house=settings.server_name,
        copies_days=settings.database_copies_days,
    )
    await db.empty_log()


async def _tidy(services: Services, _payload: NoPayload) -> None:
    await services.db.write(forget_old_certificates)
    # So that a copy of the keys made by hand tells how old it is.
    keys, now = services.get(MemberKeys), services.clock.now_ms()
    await asyncio.to_thread(keys.note_use, now)


JOB_KINDS: Final = [
    JobKind(ERASE_JOB, erase_when_due, ErasureToDo, lease_ms=_HOUR_MS, tries_max=50),
    JobKind("privacy.tidy_erasures", _tidy, every_ms=_HOUR_MS),
]
