"""Empties, a few events at a time, what an erased member said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from teahouse.chat.erasure.commands import ERASE_HISTORY, empty_events_about
from teahouse.chat.erasure.queries import find_events_about
from teahouse.chat.erasure.types import MemberToErase
from teahouse.chat.event_store.commands import RoomStore
from teahouse.chat.event_store.queries import find_memberships
from teahouse.chat.retention.commands import BATCH_SIZE
from teahouse.platform.jobs import JobKind

if TYPE_CHECKING:
    from teahouse.platform.services import Services

_HOUR_MS: Final = 3_600_000
_LOOKED_AT: Final = 1000


async def erase_history(services: Services, member: MemberToErase) -> None:
    """Go through every room the member was ever in; what is empty already does no harm."""
    for membership in await services.db.read(find_memberships, member.user_id):
        await _erase_in_room(services, member.user_id, membership.room_id)
    await services.db.empty_log()


async def _erase_in_room(services: Services, user_id: str, room_id: str) -> None:
    store, db = services.get(RoomStore), services.db
    after: int | None = 0
    while after is not None:
        positions, after = await db.read(
            find_events_about, user_id, room_id, after=after, limit=_LOOKED_AT
        )
        # A few at a time: nobody who sends notices.
        for start in range(0, len(positions), BATCH_SIZE):
            batch = positions[start : start + BATCH_SIZE]
            await db.write(empty_events_about, store, user_id, room_id=room_id, positions=batch)


JOBS: Final = [JobKind(ERASE_HISTORY, erase_history, MemberToErase, lease_ms=_HOUR_MS)]
