"""Reading filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from teahouse.chat.filters import access, rules
from teahouse.chat.filters.errors import FilterNotFound, UnknownFilter
from teahouse.chat.filters.tables import chat_filter
from teahouse.chat.filters.types import EVERYTHING, Filter

if TYPE_CHECKING:
    from teahouse.platform.db import Read
    from teahouse.platform.requester import Requester

_filter = chat_filter.c
_find_definition = sa.select(_filter.definition).where(
    _filter.user_id == sa.bindparam("user_id"), _filter.filter_id == sa.bindparam("filter_id")
)
_list_definitions = (
    sa.select(_filter.definition)
    .where(_filter.user_id == sa.bindparam("user_id"))
    .order_by(_filter.filter_id)
    .limit(rules.FILTERS_MAX)
)


def find_filter(read: Read, user_id: str, text: str | None) -> Filter:
    """The filter that a request names.

    Args:
        read: where stored filters are.
        user_id: who asks.
        text: JSON, or the id of a stored filter; None passes everything.

    Raises:
        InvalidFilter: JSON of another shape.
        UnknownFilter: no filter of that id.
    """
    if text is None:
        return EVERYTHING
    if text.startswith("{"):
        return rules.decode_filter(text)
    definition = find_definition(read, user_id, text)
    if definition is None:
        raise UnknownFilter
    return rules.decode_filter(definition)


def find_own_definition(read: Read, requester: Requester, *, user_id: str, filter_id: str) -> bytes:
    """A stored filter as JSON.

    Raises:
        NotYourFilter: someone else's.
        FilterNotFound: no filter of that id.
    """
    access.access_own_filters(requester, user_id)
    definition = find_definition(read, user_id, filter_id)
    if definition is None:
        raise FilterNotFound
    return definition.encode()


def find_definition(read: Read, user_id: str, filter_id: str) -> str | None:
    """A stored filter as JSON, or None."""
    found: str | None = read.conn.execute(
        _find_definition, {"user_id": user_id, "filter_id": filter_id}
    ).scalar_one_or_none()
    return found


def list_definitions(read: Read, user_id: str) -> list[bytes]:
    """All stored filters of a member as JSON."""
    found = read.conn.execute(_list_definitions, {"user_id": user_id}).scalars()
    return [definition.encode() for definition in found]
