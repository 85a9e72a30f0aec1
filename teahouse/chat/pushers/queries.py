"""Reading pushers, and who is to be told of what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import sqlalchemy as sa

from teahouse.chat.account_data.queries import find_ignored
from teahouse.chat.event_store.queries import find_event, select_events, stored_event
from teahouse.chat.event_store.tables import chat_event, chat_membership, chat_room
from teahouse.chat.event_store.types import StoredEvent
from teahouse.chat.push.tables import chat_push_rules
from teahouse.chat.push.types import StoredRules
from teahouse.chat.pushers.rules import PUSHERS_MAX
from teahouse.chat.pushers.tables import chat_pusher
from teahouse.chat.pushers.types import Delivery, Pusher, RoomNews
from teahouse.chat.receipts.queries import find_read_positions
from teahouse.chat.receipts.rules import compute_read_position
from teahouse.chat.receipts.tables import chat_receipt
from teahouse.platform.json import decode_json

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from teahouse.platform.db import Read

# One request of a client rarely appends more; what a bridge imports at once needs no push.
NEWS_MAX: Final = 100
# The number beside an app's icon says little beyond.
UNREAD_ROOMS_MAX: Final = 50
MAIN: Final = "main"

_pusher = chat_pusher.c
_member = chat_membership.c
_columns = (
    _pusher.app_id,
    _pusher.pushkey,
    _pusher.app_display_name,
    _pusher.device_display_name,
    _pusher.profile_tag,
    _pusher.lang,
    _pusher.data,
)
_of_member = (
    sa.select(*_columns)
    .where(_pusher.user_id == sa.bindparam("user_id"))
    .order_by(_pusher.created_at, _pusher.app_id, _pusher.pushkey)
    .limit(PUSHERS_MAX)
)
_any_pusher = sa.select(_pusher.user_id).limit(1)
_here = _member.membership.in_(["join", "invite"])
_rooms_with_pushers = (
    sa.select(chat_room.c.room_id)
    .where(
        chat_room.c.room_id.in_(sa.bindparam("room_ids", expanding=True)),
        sa.exists()
        .where(_member.room_id == chat_room.c.room_id, _here, _pusher.user_id == _member.user_id)
        .correlate(chat_room),
    )
    .order_by(chat_room.c.room_id)
)


class Listener(NamedTuple):
    """A member with pushers who is in a room or invited to it.

    Attributes:
        membership, position: what they are in the room, and since which event.
        stored: what they changed of the push rules; None for nothing.
    """

    user_id: str
    membership: str
    position: int
    stored: StoredRules | None


def has_pushers(read: Read) -> bool:
    """Whether anybody has a pusher."""
    return read.conn.execute(_any_pusher).first() is not None


def find_rooms_with_pushers(read: Read, room_ids: Collection[str]) -> list[str]:
    """In which of some rooms there is anybody with a pusher."""
    rows = read.conn.execute(_rooms_with_pushers, {"room_ids": sorted(room_ids)})
    return [row.room_id for row in rows]


def find_pushers(read: Read, user_id: str) -> list[Pusher]:
    """A member's pushers, the oldest first."""
    return [_to_pusher(row) for row in read.conn.execute(_of_member, {"user_id": user_id})]


def find_news(read: Read, news: RoomNews) -> list[StoredEvent]:
    """The events that a job is about, but for those redacted since; the last `NEWS_MAX`."""
    rows = read.conn.execute(
        select_events()
        .where(
            chat_event.c.room_id == news.room_id,
            chat_event.c.position > news.after,
            chat_event.c.position <= news.up_to,
            chat_event.c.redacted_by.is_(None),
        )
        .order_by(chat_event.c.position.desc())
        .limit(NEWS_MAX)
    ).all()
    return [stored_event(row) for row in reversed(rows)]


def find_listeners(read: Read, room_id: str) -> list[Listener]:
    """Everybody with pushers who is in a room or invited to it."""
    rows = read.conn.execute(
        sa.select(_member.user_id, _member.membership, _member.position, chat_push_rules.c.rules)
        .select_from(
            chat_membership.outerjoin(chat_push_rules, chat_push_rules.c.user_id == _member.user_id)
        )
        .where(
            _member.room_id == room_id,
            _here,
            sa.exists().where(_pusher.user_id == _member.user_id),
        )
        .order_by(_member.user_id)
    )
    return [
        Listener(row.user_id, row.membership, row.position, _to_rules(row.rules)) for row in rows
    ]


def find_targets(
    read: Read, user_ids: Collection[str], *, sender: str
) -> list[tuple[str, str, str]]:
    """The pushers of members, but for those who ignore a sender.

    Returns:
        User id, app id and pushkey of each.
    """
    targets: list[tuple[str, str, str]] = []
    for user_id in user_ids:
        if sender not in find_ignored(read, user_id):
            targets += [(user_id, app_id, pushkey) for app_id, pushkey in find_keys(read, user_id)]
    return targets


def find_keys(read: Read, user_id: str) -> list[tuple[str, str]]:
    """The app ids and pushkeys of a member's pushers."""
    return [(pusher.app_id, pusher.pushkey) for pusher in find_pushers(read, user_id)]


class Due(msgspec.Struct, frozen=True):
    """All that a delivery needs from the database."""

    pusher: Pusher
    since: int
    event: StoredEvent


def find_due(read: Read, delivery: Delivery) -> Due | None:
    """What to deliver, or None where there is no need any more.

    The pusher may be gone, the event redacted, or the member have read it elsewhere.
    """
    row = read.conn.execute(
        sa.select(*_columns, _pusher.created_at).where(
            _pusher.user_id == delivery.user_id,
            _pusher.app_id == delivery.app_id,
            _pusher.pushkey == delivery.pushkey,
        )
    ).first()
    event = find_event(read, delivery.room_id, delivery.event_id)
    if row is None or event is None or event.redacted_by is not None:
        return None
    positions = find_read_positions(read, delivery.user_id, delivery.room_id)
    if event.position <= compute_read_position(positions, thread_of(event)):
        return None
    return Due(_to_pusher(row), row.created_at, event)


def thread_of(event: StoredEvent) -> str:
    """The thread that an event belongs to, as receipts name it."""
    return event.relates_to or MAIN if event.rel_type == "m.thread" else MAIN


class Told(msgspec.Struct, frozen=True):
    """A pusher, since when it is there, and which number of unread messages it was told."""

    pusher: Pusher
    since: int
    unread: int


def find_told(read: Read, user_id: str) -> list[Told]:
    """A member's pushers that were told of unread messages."""
    rows = read.conn.execute(
        sa.select(*_columns, _pusher.created_at, _pusher.told_unread)
        .where(_pusher.user_id == user_id, _pusher.told_unread > 0)
        .order_by(_pusher.created_at, _pusher.app_id, _pusher.pushkey)
        .limit(PUSHERS_MAX)
    )
    return [Told(_to_pusher(row), row.created_at, row.told_unread) for row in rows]


def find_unread_rooms(read: Read, user_id: str) -> list[str]:
    """Rooms a member is in whose last event they have not read, the latest first."""
    read_up_to = (
        sa.select(sa.func.max(chat_receipt.c.event_position))
        .where(
            chat_receipt.c.room_id == _member.room_id,
            chat_receipt.c.user_id == user_id,
            chat_receipt.c.thread_id.in_(["", MAIN]),
        )
        .correlate(chat_membership)
        .scalar_subquery()
    )
    rows = read.conn.execute(
        sa.select(_member.room_id)
        .join_from(chat_membership, chat_room, chat_room.c.room_id == _member.room_id)
        .where(
            _member.user_id == user_id,
            _member.membership == "join",
            chat_room.c.head_position > sa.func.coalesce(read_up_to, 0),
        )
        .order_by(chat_room.c.head_position.desc())
        .limit(UNREAD_ROOMS_MAX)
    )
    return [row.room_id for row in rows]


def _to_rules(raw: bytes | None) -> StoredRules | None:
    return None if raw is None else msgspec.convert(decode_json(raw), StoredRules)


def _to_pusher(row: Sequence[Any]) -> Pusher:
    return Pusher(
        app_id=row[0],
        pushkey=row[1],
        app_display_name=row[2],
        device_display_name=row[3],
        profile_tag=msgspec.UNSET if row[4] is None else row[4],
        lang=row[5],
        data=decode_json(row[6].encode()),
    )
