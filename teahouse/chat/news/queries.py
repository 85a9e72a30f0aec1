"""Reads what the house has told whom."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from teahouse.chat.account_data.queries import find_object
from teahouse.chat.event_store.queries import find_state_event_at
from teahouse.chat.event_store.tables import chat_event, chat_membership
from teahouse.chat.event_store.types import decode_content
from teahouse.chat.news.rules import NEWS
from teahouse.platform.db import Read
from teahouse.platform.json import decode_json
from teahouse.platform.languages import Language

LANGUAGE: Final = "org.teahouse.language"
"""Account data of a member: in which language their app speaks, so that the house does too."""

HOUSE_ROOM: Final = "org.teahouse.house"
"""In the content of `m.room.create`: the chat in which the house speaks to one member."""

# A house that tells something each week for years has fewer in one room.
_TOLD_MAX: Final = 500
_LAST: Final = 2**62


def find_language(read: Read, user_id: str) -> Language | None:
    """The language of a member's app, where it has told."""
    told = find_object(read, user_id, data_type=LANGUAGE).get("language")
    if told == "zh":
        return "zh"
    return "en" if told == "en" else None


def find_house_room(read: Read, user_id: str, speaker: str) -> tuple[str, str] | None:
    """The chat in which the house speaks to a member, and the member's membership of it."""
    theirs, ours = chat_membership.alias(), chat_membership.alias()
    rows = read.conn.execute(
        sa.select(theirs.c.room_id, theirs.c.membership)
        .join(ours, ours.c.room_id == theirs.c.room_id)
        .where(
            theirs.c.user_id == user_id,
            ours.c.user_id == speaker,
            ours.c.membership == "join",
        )
        .order_by(theirs.c.room_id)
    ).all()
    for room_id, membership in rows:
        made = find_state_event_at(read, room_id, ("m.room.create", ""), _LAST)
        if made is not None and HOUSE_ROOM in decode_content(made.json):
            return room_id, membership
    return None


def is_told(read: Read, room_id: str, speaker: str, key: str) -> bool:
    """Whether the house has said something in a room before."""
    rows = read.conn.execute(
        sa.select(chat_event.c.pdu)
        .where(
            chat_event.c.room_id == room_id,
            chat_event.c.sender == speaker,
            chat_event.c.type == "m.room.message",
        )
        .order_by(chat_event.c.position.desc())
        .limit(_TOLD_MAX)
    ).scalars()
    return any(decode_json(pdu).get("content", {}).get(NEWS) == key for pdu in rows)
