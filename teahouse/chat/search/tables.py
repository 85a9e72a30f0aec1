"""The words of what was said in rooms without encryption."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import SortedText, metadata

_WORDS = personal(
    "content",
    "to search what was said in rooms without encryption",
    keep="room",
    seen_by=("self", "room"),
)

# Which events of a room a word occurs in.
chat_search_word = sa.Table(
    "chat_search_word",
    metadata,
    sa.Column("room_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("word", SortedText, primary_key=True, info=_WORDS),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False, info=impersonal()),
    # The key is all there is: one tree instead of two.
    sqlite_with_rowid=False,
)

# Which words an event is found by, so that they can be taken out again once it is emptied.
chat_search_event = sa.Table(
    "chat_search_event",
    metadata,
    sa.Column("room_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False, info=impersonal()),
    sa.Column("words", sa.Text, nullable=False, info=_WORDS),
    sqlite_with_rowid=False,
)
