"""Destroys, minute by minute and hour by hour, messages whose time has come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from teahouse.chat.retention.commands import (
    BATCH_SIZE,
    empty_expired,
    empty_outlived,
    forget_old_runs,
)
from teahouse.chat.retention.queries import find_outlived, list_lifetimes
from teahouse.platform.jobs import JobKind, NoPayload

if TYPE_CHECKING:
    from teahouse.chat.retention.types import RoomLifetime
    from teahouse.platform.services import Services

_MINUTE_MS: Final = 60_000
_HOUR_MS: Final = 60 * _MINUTE_MS
_ROOMS_AT_ONCE: Final = 500


async def remove_expired(services: Services, _payload: NoPayload) -> None:
    """Empty disappearing messages, in parts that hold nobody up."""
    count = await services.db.write(empty_expired)
    if not count:
        return
    while count >= BATCH_SIZE:
        count = await services.db.write(empty_expired)
    await services.db.empty_log()


async def remove_outlived(services: Services, _payload: NoPayload) -> None:
    """Empty messages that have outlived the rule of their room, or of the house."""
    days = services.settings.message_days
    after, has_emptied = "", False
    while rooms := await services.db.read(
        list_lifetimes, default_days=days, after=after, limit=_ROOMS_AT_ONCE
    ):
        for room in rooms:
            if isinstance(room, str):
                after = room
                continue
            after = room.room_id
            has_emptied |= await _remove_outlived_of(services, room)
    await services.db.write(forget_old_runs)
    if has_emptied:
        await services.db.empty_log()


async def _remove_outlived_of(services: Services, room: RoomLifetime) -> bool:
    before = services.clock.now_ms() - room.lifetime_ms
    # Most rooms have nothing to do: the writer need not hear of them.
    if not await services.db.read(find_outlived, room.room_id, before=before, limit=1):
        return False
    while await services.db.write(empty_outlived, room) >= BATCH_SIZE:
        pass
    return True


JOBS: Final = [
    JobKind("chat.remove_expired_messages", remove_expired, lease_ms=_HOUR_MS, every_ms=_MINUTE_MS),
    JobKind("chat.remove_outlived_messages", remove_outlived, lease_ms=_HOUR_MS, every_ms=_HOUR_MS),
]
