"""Deletes rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from teahouse.chat.admin.commands import (
    DELETE_ROOM_JOB,
    close_room,
    finish_deletion,
    forget_deletions,
    purge_some_events,
    remove_some_members,
)
from teahouse.chat.admin.types import DeletionJob
from teahouse.chat.event_store.commands import RoomStore
from teahouse.platform.jobs import JobKind, NoPayload

if TYPE_CHECKING:
    from teahouse.platform.services import Services

_HOUR_MS: Final = 3_600_000


async def delete_room(services: Services, job: DeletionJob) -> None:
    """Take everybody out of a room, close it, and destroy what was said. May run twice."""
    db, store = services.db, services.get(RoomStore)
    while await db.write(remove_some_members, store, job) > 0:
        pass
    await db.write(close_room, job)
    while job.purges and await db.write(purge_some_events, job) > 0:
        pass
    await db.write(finish_deletion, job)


async def forget_old_deletions(services: Services, _payload: NoPayload) -> None:
    """Forget what was asked long ago."""
    await services.db.write(forget_deletions)


JOBS = [
    JobKind(DELETE_ROOM_JOB, delete_room, DeletionJob, lease_ms=_HOUR_MS),
    JobKind("chat.forget_room_deletions", forget_old_deletions, every_ms=24 * _HOUR_MS),
]
