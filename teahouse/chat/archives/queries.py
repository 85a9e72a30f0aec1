"""Reads what goes into a member's archive: their chats as far as they may see them, and files."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import msgspec
import sqlalchemy as sa

from teahouse import accounts
from teahouse.chat.account_data.queries import (
    find_account_data,
    find_ignored,
    find_object,
    to_event,
)
from teahouse.chat.event_store.queries import (
    find_head,
    find_memberships,
    find_state_event_at,
    select_events,
    stored_event,
)
from teahouse.chat.event_store.tables import chat_event, chat_membership
from teahouse.chat.event_store.types import StoredEvent, decode_content
from teahouse.chat.media.access import MEDIA_COLUMNS, to_media
from teahouse.chat.media.tables import chat_media, chat_media_use
from teahouse.chat.media.types import Media
from teahouse.chat.rooms.queries import find_visible_stretches
from teahouse.chat.rooms.rules import Stretch
from teahouse.platform.db import Read
from teahouse.platform.json import JsonObject, decode_json, encode_json

EVENTS_AT_A_TIME: Final = 500
_NAMED_MAX: Final = 4
# Ids in one statement.
_IDS_MAX: Final = 500

_event, _media = chat_event.c, chat_media.c


class ChatOutline(msgspec.Struct, frozen=True, kw_only=True):
    """A room as its archive introduces it.

    Attributes:
        room_id: its id here.
        name: as the member saw it last.
        topic: the same; may be empty.
        membership: of the member.
        is_encrypted: whether messages are.
        is_direct: whether the member keeps it as a chat with one other.
        stretches: of its history that the member may see.
    """

    room_id: str
    name: str
    topic: str
    membership: str
    is_encrypted: bool
    is_direct: bool
    stretches: list[Stretch]


def list_rooms(read: Read, user_id: str) -> list[str]:
    """Every room a member is or was in, forgotten ones too."""
    return [row.room_id for row in find_memberships(read, user_id)]


def outline_room(read: Read, user_id: str, room_id: str) -> ChatOutline | None:
    """A room as a member saw it last; None where they may see nothing of it."""
    head = find_head(read, room_id)
    stretches = find_visible_stretches(read, room_id, user_id)
    if head is None or not stretches:
        return None
    membership = next(
        (row.membership for row in find_memberships(read, user_id) if row.room_id == room_id),
        "leave",
    )
    until = head.head_position if membership == "join" else stretches[-1].last
    direct = find_object(read, user_id, data_type="m.direct")
    return ChatOutline(
        room_id=room_id,
        name=_find_text(read, room_id, "name", until) or _name_by_members(read, room_id, user_id),
        topic=_find_text(read, room_id, "topic", until),
        membership=membership,
        is_encrypted=find_state_event_at(read, room_id, ("m.room.encryption", ""), until)
        is not None,
        is_direct=any(isinstance(rooms, list) and room_id in rooms for rooms in direct.values()),
        stretches=stretches,
    )


def _find_text(read: Read, room_id: str, field: str, position: int) -> str:
    found = find_state_event_at(read, room_id, (f"m.room.{field}", ""), position)
    value = None if found is None else decode_content(found.json).get(field)
    return value if isinstance(value, str) else ""


def _name_by_members(read: Read, room_id: str, user_id: str) -> str:
    """What a room without a name is called: by who else is or was in it."""
    rows = read.conn.execute(
        sa.select(chat_membership.c.user_id)
        .where(chat_membership.c.room_id == room_id, chat_membership.c.user_id != user_id)
        .order_by(chat_membership.c.position)
        .limit(_NAMED_MAX)
    )
    others = list(rows.scalars())
    names = find_names(read, others)
    return ", ".join(names[one] for one in others) or room_id


def find_names(read: Read, user_ids: Collection[str]) -> dict[str, str]:
    """What members are called now; their id where they show no name."""
    profiles = accounts.find_profiles(read, sorted(user_ids))
    names: dict[str, str] = {}
    for user_id in user_ids:
        shown = profiles.get(user_id)
        names[user_id] = (shown.displayname if shown else None) or user_id
    return names


def read_events(
    read: Read, room: ChatOutline, *, after: int, limit: int = EVENTS_AT_A_TIME
) -> list[StoredEvent]:
    """Events of a room that its member may see, oldest first.

    Args:
        read: a view.
        room: which, and what of it.
        after: the position before the first.
        limit: how many at most.
    """
    seen = sa.or_(
        *(_event.position.between(stretch.first, stretch.last) for stretch in room.stretches)
    )
    rows = read.conn.execute(
        select_events()
        .where(_event.room_id == room.room_id, _event.position > after, seen)
        .order_by(_event.position)
        .limit(limit)
    )
    return [stored_event(row) for row in rows]


def measure(read: Read, user_id: str) -> tuple[int, int]:
    """About how many events and bytes of files an archive will hold."""
    rooms = list_rooms(read, user_id)
    events = read.conn.execute(
        sa.select(sa.func.count()).select_from(chat_event).where(_event.room_id.in_(rooms))
    ).scalar_one()
    used = (
        sa.select(chat_media_use.c.media_id)
        .join(chat_event, _event.position == chat_media_use.c.position)
        .where(_event.room_id.in_(rooms))
    )
    total = read.conn.execute(
        sa.select(sa.func.coalesce(sa.func.sum(_media.size), 0)).where(
            sa.or_(_media.user_id == user_id, _media.media_id.in_(used)), _media.status == "stored"
        )
    ).scalar_one()
    return int(events), int(total)


def find_media(read: Read, media_ids: Collection[str]) -> dict[str, Media]:
    """Some media by their ids; those that may not be downloaded are left out."""
    rows = read.conn.execute(
        sa.select(*MEDIA_COLUMNS).where(
            _media.media_id.in_(sorted(media_ids)[:_IDS_MAX]),
            _media.status == "stored",
            _media.is_quarantined == sa.false(),
        )
    )
    return {media.media_id: media for media in map(to_media, rows)}


def read_own_media(read: Read, user_id: str, *, after: str) -> list[Media]:
    """What a member has uploaded, by its ids, a part at a time."""
    rows = read.conn.execute(
        sa.select(*MEDIA_COLUMNS)
        .where(_media.user_id == user_id, _media.status == "stored", _media.media_id > after)
        .order_by(_media.media_id)
        .limit(_IDS_MAX)
    )
    return [to_media(row) for row in rows]


def export_contacts(read: Read, user_id: str) -> JsonObject:
    """With whom a member has chats of two, and whom they ignore."""
    direct = find_object(read, user_id, data_type="m.direct")
    known = [one for one in direct if isinstance(one, str)][:_IDS_MAX]
    names = find_names(read, known)
    return {
        "contacts": [{"user_id": one, "name": names[one]} for one in known],
        "ignored": [*sorted(find_ignored(read, user_id))],
    }


def export_settings(read: Read, user_id: str) -> JsonObject:
    """What a member's apps keep here for them."""
    of_none, by_room = find_account_data(read, user_id)
    held: JsonObject = decode_json(
        encode_json(
            {
                "account_data": [to_event(entry) for entry in of_none],
                "rooms": {
                    room: [to_event(one) for one in found] for room, found in by_room.items()
                },
            }
        )
    )
    return held
