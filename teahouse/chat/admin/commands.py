"""Shutting rooms down, step by step, so that nobody waits long for the writer."""

from __future__ import annotations

from typing import Final

import msgspec
import sqlalchemy as sa

from teahouse import accounts, privacy
from teahouse.chat.admin.queries import find_deletions, is_blocked
from teahouse.chat.admin.tables import chat_room_deletion
from teahouse.chat.admin.types import DeleteRoom, DeletionJob, DeletionStatus
from teahouse.chat.event_store.announcements import HistoryRemoved
from teahouse.chat.event_store.commands import Appender, Draft, RoomStore
from teahouse.chat.event_store.tables import chat_event, chat_membership, chat_room
from teahouse.chat.event_store.types import ROOM_MEMBER
from teahouse.chat.moderation.commands import note_access
from teahouse.chat.rooms.commands import set_listed
from teahouse.chat.rooms.tables import chat_room_alias
from teahouse.platform.db import Tx
from teahouse.platform.errors import InvalidParam
from teahouse.platform.jobs import enqueue
from teahouse.platform.json import JsonObject, encode_json
from teahouse.platform.requester import Requester

DELETE_ROOM_JOB: Final = "chat.delete_room"
# One transaction of a deletion takes some 50 ms.
MEMBERS_AT_ONCE: Final = 100
EVENTS_AT_ONCE: Final = 1000
_KEPT_MS: Final = 30 * 86_400_000
SHUT_DOWN: Final = privacy.declare_deed(
    "rooms.shut_down", "chat_membership.user_id", "chat_room_deletion.result"
)
BLOCK: Final = privacy.declare_deed("rooms.block")
UNBLOCK: Final = privacy.declare_deed("rooms.unblock")
_CLOSED: Final = "The operator of this server has closed this room."


def request_deletion(
    tx: Tx, requester: Requester, *, room_id: str, wanted: DeleteRoom, at_once: bool
) -> DeletionJob:
    """Have a room shut down.

    Args:
        tx: the transaction.
        requester: of the staff.
        room_id: the room.
        wanted: whether nobody may open it again, and whether what was said is destroyed.
        at_once: whether the caller does the work itself.

    Returns:
        What the job is told.

    Raises:
        Forbidden: the requester has no role for this.
        NotFound: there is no such room.
        InvalidParam: its deletion is under way, or users shall be moved elsewhere.
    """
    accounts.check_power(requester, "rooms.shut_down")
    if wanted.new_room_user_id is not None:
        raise InvalidParam("This server moves nobody to another room: leave `new_room_user_id`.")
    was_blocked = is_blocked(tx, room_id)
    running = sa.select(chat_room_deletion.c.delete_id).where(
        chat_room_deletion.c.room_id == room_id,
        chat_room_deletion.c.status.in_(("scheduled", "active")),
    )
    if tx.conn.execute(running).first() is not None:
        raise InvalidParam("This room is being deleted already.")
    job = DeletionJob(
        delete_id=tx.new_id("deletion"),
        room_id=room_id,
        # A room whose history is gone must not go on.
        closes=wanted.block or wanted.purge or was_blocked,
        purges=wanted.purge,
        message=wanted.message,
    )
    tx.conn.execute(
        sa.insert(chat_room_deletion).values(
            delete_id=job.delete_id,
            room_id=room_id,
            requested_at=tx.now,
            status="scheduled",
            result="{}",
        )
    )
    if not at_once:
        enqueue(tx, DELETE_ROOM_JOB, job, key=job.delete_id)
    note_access(tx, requester, SHUT_DOWN, room_id)
    return job


def schedule_deletion(tx: Tx, room_id: str) -> None:
    """Have one of the house's own rooms shut down and emptied; once, however often asked."""
    asked = sa.select(chat_room_deletion.c.delete_id).where(chat_room_deletion.c.room_id == room_id)
    if tx.conn.execute(asked).first() is not None:
        return
    job = DeletionJob(delete_id=tx.new_id("deletion"), room_id=room_id, closes=True, purges=True)
    tx.conn.execute(
        sa.insert(chat_room_deletion).values(
            delete_id=job.delete_id,
            room_id=room_id,
            requested_at=tx.now,
            status="scheduled",
            result="{}",
        )
    )
    enqueue(tx, DELETE_ROOM_JOB, job, key=job.delete_id)


def remove_some_members(tx: Tx, store: RoomStore, job: DeletionJob) -> int:
    """Take up to `MEMBERS_AT_ONCE` out of a room.

    Returns:
        How many there were.
    """
    _set_blocked(tx, job.room_id, blocked=False)
    rows = tx.conn.execute(
        sa.select(chat_membership.c.user_id, chat_membership.c.membership)
        .where(
            chat_membership.c.room_id == job.room_id,
            chat_membership.c.membership.in_(("join", "invite", "knock")),
        )
        .order_by(chat_membership.c.user_id)
        .limit(MEMBERS_AT_ONCE)
    ).all()
    appender = Appender(store, tx)
    room = appender.open(job.room_id)
    content: JsonObject = {"membership": "leave", "reason": job.message or _CLOSED}
    for row in rows:
        leave = Draft(type=ROOM_MEMBER, state_key=row.user_id, sender=row.user_id, content=content)
        room.append(leave)
    appender.flush()
    _note_progress(tx, job, "active", kicked=[r.user_id for r in rows if r.membership == "join"])
    return len(rows)


def close_room(tx: Tx, job: DeletionJob) -> None:
    """Take a room's names and its place in the directory, and shut it where that was asked."""
    of_room = chat_room_alias.c.room_id == job.room_id
    aliases = list(tx.conn.execute(sa.select(chat_room_alias.c.alias).where(of_room)).scalars())
    tx.conn.execute(sa.delete(chat_room_alias).where(of_room))
    set_listed(tx, job.room_id, listed=False)
    _set_blocked(tx, job.room_id, blocked=job.closes)
    _note_progress(tx, job, "active", aliases=sorted(aliases))


def purge_some_events(tx: Tx, job: DeletionJob) -> int:
    """Destroy up to `EVENTS_AT_ONCE` messages of a room.

    The state stays: by it the members' clients learn that they are out.

    Returns:
        How many there were.
    """
    positions = list(
        tx.conn.execute(
            sa.select(chat_event.c.position)
            .where(chat_event.c.room_id == job.room_id, chat_event.c.state_key.is_(None))
            .order_by(chat_event.c.position)
            .limit(EVENTS_AT_ONCE)
        ).scalars()
    )
    if positions:
        tx.conn.execute(sa.delete(chat_event).where(chat_event.c.position.in_(positions)))
        tx.announce(HistoryRemoved(job.room_id, positions[-1]))
    return len(positions)


def finish_deletion(tx: Tx, job: DeletionJob) -> None:
    """Let the room go from everybody's lists, where its history is gone."""
    if job.purges:
        tx.conn.execute(
            sa.update(chat_membership)
            .where(chat_membership.c.room_id == job.room_id)
            .values(is_forgotten=True)
        )
    _note_progress(tx, job, "complete")


def forget_deletions(tx: Tx) -> None:
    """Forget deletions, and who was in those rooms, after 30 days."""
    old = chat_room_deletion.c.requested_at < tx.now - _KEPT_MS
    tx.conn.execute(sa.delete(chat_room_deletion).where(old))


def _note_progress(
    tx: Tx,
    job: DeletionJob,
    status: DeletionStatus,
    *,
    kicked: list[str] | None = None,
    aliases: list[str] | None = None,
) -> None:
    [deletion] = find_deletions(tx, delete_id=job.delete_id)
    so_far = deletion.shutdown_room
    result = msgspec.structs.replace(
        so_far,
        kicked_users=[*so_far.kicked_users, *(kicked or [])],
        local_aliases=[*so_far.local_aliases, *(aliases or [])],
    )
    tx.conn.execute(
        sa.update(chat_room_deletion)
        .where(chat_room_deletion.c.delete_id == job.delete_id)
        .values(status=status, result=encode_json(result).decode())
    )


def set_blocked(tx: Tx, requester: Requester, *, room_id: str, blocked: bool) -> None:
    """Shut a room for everybody, or open it again.

    Raises:
        Forbidden: the requester has no role for this.
        NotFound: there is no such room.
    """
    accounts.check_power(requester, "rooms.shut_down")
    is_blocked(tx, room_id)
    _set_blocked(tx, room_id, blocked=blocked)
    note_access(tx, requester, BLOCK if blocked else UNBLOCK, room_id)


def _set_blocked(tx: Tx, room_id: str, *, blocked: bool) -> None:
    tx.conn.execute(
        sa.update(chat_room).where(chat_room.c.room_id == room_id).values(is_blocked=blocked)
    )
