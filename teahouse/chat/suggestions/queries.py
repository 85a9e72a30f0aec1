"""Finds people whom a member may know, and reads what was found before."""

from __future__ import annotations

from typing import Final

import msgspec
import sqlalchemy as sa

from teahouse import privacy
from teahouse.chat.account_data.queries import find_ignored
from teahouse.chat.event_store.tables import chat_membership
from teahouse.chat.suggestions.tables import chat_suggestion
from teahouse.chat.suggestions.types import Suggestion
from teahouse.platform.db import Read

# Who meets in a hall need not know one another.
_ROOM_MEMBERS_MAX: Final = 100
_SUGGESTIONS_MAX: Final = 20
_ROOMS_MAX: Final = 500


def find_suggestions(read: Read, user_id: str) -> list[Suggestion]:
    """People who share most chats with a member and have none with them alone.

    The member sees all of them in those chats already: nobody is shown to who can't see them.
    """
    mine, other = chat_membership.alias("mine"), chat_membership.alias("other")
    counted = chat_membership.alias("counted")
    size = (
        sa.select(sa.func.count())
        .where(counted.c.room_id == mine.c.room_id, counted.c.membership == "join")
        .scalar_subquery()
    )
    sizes = (
        sa.select(mine.c.room_id, size.label("size"))
        .where(mine.c.user_id == user_id, mine.c.membership == "join")
        .order_by(mine.c.position.desc())
        .limit(_ROOMS_MAX)
        .subquery()
    )
    shared = sa.func.count()
    rows = read.conn.execute(
        sa.select(other.c.user_id, shared.label("shared"))
        .join(sizes, sizes.c.room_id == other.c.room_id)
        .where(
            other.c.membership == "join",
            other.c.user_id != user_id,
            sizes.c.size <= _ROOM_MEMBERS_MAX,
        )
        .group_by(other.c.user_id)
        # Whoever shares a chat of two has been written to.
        .having(sa.func.min(sizes.c.size) > 2)  # noqa: PLR2004 - two people
        .order_by(shared.desc(), other.c.user_id)
        .limit(_SUGGESTIONS_MAX)
    )
    ignored = find_ignored(read, user_id)
    return [Suggestion(row.user_id, row.shared) for row in rows if row.user_id not in ignored]


def list_suggestions(read: Read, user_id: str, keys: privacy.PurposeKeys) -> list[Suggestion]:
    """What was found for a member; nothing where they do not consent."""
    sealed = read.conn.execute(
        sa.select(chat_suggestion.c.sealed).where(chat_suggestion.c.user_id == user_id)
    ).scalar_one_or_none()
    text = None if sealed is None else keys.open(read, user_id, chat_suggestion.c.sealed, sealed)
    return [] if text is None else msgspec.json.decode(text, type=list[Suggestion])
