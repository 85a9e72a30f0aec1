"""Storing filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from teahouse.chat.filters import access, queries, rules
from teahouse.chat.filters.errors import TooManyFilters
from teahouse.chat.filters.tables import chat_filter

if TYPE_CHECKING:
    from teahouse.platform.db import Tx
    from teahouse.platform.json import JsonObject
    from teahouse.platform.requester import Requester

_count = sa.select(sa.func.count()).where(chat_filter.c.user_id == sa.bindparam("user_id"))


def put_filter(tx: Tx, requester: Requester, *, user_id: str, definition: JsonObject) -> str:
    """Store a filter; the same one is stored once.

    Args:
        tx: the transaction.
        requester: who asks.
        user_id: whose filter it will be; the requester's own.
        definition: as the client wrote it, with members that we do not know.

    Returns:
        Its id.

    Raises:
        NotYourFilter: someone else's.
        InvalidFilter: a definition of another shape.
        FilterTooLarge: too long a definition.
        TooManyFilters: the member has `rules.FILTERS_MAX` already.
    """
    access.access_own_filters(requester, user_id)
    canonical = rules.encode_canonical(definition)
    rules.decode_filter(canonical)
    filter_id = rules.compute_filter_id(canonical)
    if queries.find_definition(tx, user_id, filter_id) is not None:
        return filter_id
    if tx.conn.execute(_count, {"user_id": user_id}).scalar_one() >= rules.FILTERS_MAX:
        raise TooManyFilters
    row = {"user_id": user_id, "filter_id": filter_id, "definition": canonical}
    tx.conn.execute(sa.insert(chat_filter), row)
    return filter_id


def delete_all_filters(tx: Tx, user_id: str) -> None:
    """Erase a member's filters."""
    tx.conn.execute(sa.delete(chat_filter).where(chat_filter.c.user_id == user_id))
