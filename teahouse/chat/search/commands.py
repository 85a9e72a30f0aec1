"""Keeping the index of words: in the transaction of what happens to the events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from teahouse.chat.event_store.tables import chat_current_state, chat_event
from teahouse.chat.event_store.types import StoredEvent, decode_content
from teahouse.chat.search.rules import SEARCHED, WORDS_MAX, list_words, searched_text
from teahouse.chat.search.tables import chat_search_event, chat_search_word

if TYPE_CHECKING:
    from teahouse.chat.event_store.announcements import (
        EventRedacted,
        EventsAppended,
        HistoryRemoved,
    )
    from teahouse.platform.db import Tx

# What is taken out in one round, to keep memory in bounds.
_REMOVED_AT_ONCE: Final = 1000

_insert_words = sa.insert(chat_search_word)
_insert_events = sa.insert(chat_search_event)
_delete_words = sa.delete(chat_search_word).where(
    chat_search_word.c.room_id == sa.bindparam("of_room"),
    chat_search_word.c.word == sa.bindparam("of_word"),
    chat_search_word.c.position == sa.bindparam("at"),
)
_delete_events = sa.delete(chat_search_event).where(
    chat_search_event.c.room_id == sa.bindparam("of_room"),
    chat_search_event.c.position == sa.bindparam("at"),
)
_select_encrypted = sa.select(chat_current_state.c.room_id).where(
    chat_current_state.c.room_id.in_(sa.bindparam("rooms", expanding=True)),
    chat_current_state.c.type == "m.room.encryption",
    chat_current_state.c.state_key == "",
)


def follow_appended(tx: Tx, appended: EventsAppended) -> None:
    """Put new messages, names and topics into the index, but of encrypted rooms nothing."""
    searched = [event for event in appended.events if event.type in SEARCHED]
    if not searched:
        return
    rooms = {event.room_id for event in searched}
    encrypted = {
        row.room_id for row in tx.conn.execute(_select_encrypted, {"rooms": sorted(rooms)})
    }
    words: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for event in searched:
        if event.room_id not in encrypted:
            _add_rows(event, words, events)
    if events:
        tx.conn.execute(_insert_events, events)
        tx.conn.execute(_insert_words, words)


def _add_rows(
    event: StoredEvent, words: list[dict[str, Any]], events: list[dict[str, Any]]
) -> None:
    found = dict.fromkeys(list_words(searched_text(event.type, decode_content(event.json))))
    kept = list(found)[:WORDS_MAX]
    if not kept:
        return
    place = {"room_id": event.room_id, "position": event.position}
    events.append({**place, "words": " ".join(kept)})
    words += [{**place, "word": word} for word in kept]


def follow_redacted(tx: Tx, redacted: EventRedacted) -> None:
    """Take an emptied event out of the index."""
    event = redacted.event
    if event.type in SEARCHED:
        _remove(tx, event.room_id, chat_search_event.c.position == event.position)


def follow_removed(tx: Tx, removed: HistoryRemoved) -> None:
    """Take out of the index what is no longer there."""
    is_there = sa.select(chat_event.c.position).where(
        chat_event.c.position == chat_search_event.c.position
    )
    while _remove(tx, removed.room_id, ~is_there.exists()) == _REMOVED_AT_ONCE:
        pass


def _remove(tx: Tx, room_id: str, condition: sa.ColumnElement[bool]) -> int:
    rows = tx.conn.execute(
        sa.select(chat_search_event.c.position, chat_search_event.c.words)
        .where(chat_search_event.c.room_id == room_id, condition)
        .order_by(chat_search_event.c.position)
        .limit(_REMOVED_AT_ONCE)
    ).all()
    if not rows:
        return 0
    tx.conn.execute(
        _delete_words,
        [
            {"of_room": room_id, "of_word": word, "at": row.position}
            for row in rows
            for word in row.words.split(" ")
        ],
    )
    tx.conn.execute(_delete_events, [{"of_room": room_id, "at": row.position} for row in rows])
    return len(rows)
