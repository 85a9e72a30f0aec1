"""Reads members."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.accounts.rules import split_search_words
from teahouse.accounts.tables import accounts_member, accounts_search_word
from teahouse.accounts.types import Member
from teahouse.platform.db import Read

SEARCH_LIMIT_MAX = 50
MEMBERS_PAGE_MAX = 1000
# Greater than any character, so that [prefix, prefix + LAST) is all that begins with the prefix.
_LAST = "\U0010ffff"

_m = accounts_member.c
_columns = (
    _m.user_id,
    _m.created_at,
    _m.deactivated_at,
    _m.erased,
    _m.appservice_id,
    _m.password_hash.is_not(None).label("has_password"),
)


def find_member(read: Read, user_id: str) -> Member | None:
    """A member by their id, closed accounts too."""
    row = read.conn.execute(sa.select(*_columns).where(_m.user_id == user_id)).one_or_none()
    return None if row is None else _member(row)


def member_exists(read: Read, user_id: str) -> bool:
    """Whether an id was ever given to somebody here."""
    return find_member(read, user_id) is not None


def is_active(read: Read, user_id: str) -> bool:
    """Whether an id belongs to an account in use."""
    statement = sa.select(_m.user_id).where(_m.user_id == user_id, _m.deactivated_at.is_(None))
    return read.conn.execute(statement).one_or_none() is not None


def list_members(
    read: Read, *, after: str = "", limit: int = 100, name_contains: str = ""
) -> list[Member]:
    """Members in the order of their ids, closed accounts too.

    Args:
        read: a view of the database.
        after: the last id of the page before.
        limit: how many at most.
        name_contains: only ids that contain this.
    """
    statement = sa.select(*_columns).where(_m.user_id > after).order_by(_m.user_id)
    if name_contains:
        statement = statement.where(_m.user_id.contains(name_contains.lower(), autoescape=True))
    rows = read.conn.execute(statement.limit(min(limit, MEMBERS_PAGE_MAX)))
    return [_member(row) for row in rows]


def count_members(read: Read) -> int:
    """How many accounts of people are in use; those of programs do not count."""
    statement = sa.select(sa.func.count()).where(
        _m.deactivated_at.is_(None), _m.appservice_id.is_(None)
    )
    return read.conn.execute(statement.select_from(accounts_member)).scalar_one()


def search_members(
    read: Read, term: str, limit: int = 10, *, among: sa.Select[tuple[str]] | None = None
) -> list[str]:
    """Ids of members whose name has words beginning with each word of `term`.

    Args:
        read: a view of the database.
        term: what was typed; a full id works too.
        limit: how many at most, up to 50.
        among: selects the ids of those who may be found; everybody for None.

    Returns:
        Ids in the order of the matching word; nobody where `term` has no words.
    """
    words = split_search_words(term.partition(":")[0] if term.startswith("@") else term)
    if not words:
        return []
    # The longest word leaves the fewest rows to look at.
    first, *others = sorted(words, key=len, reverse=True)
    statement = (
        sa.select(accounts_search_word.c.user_id, sa.func.min(accounts_search_word.c.word))
        .where(*_begins_with(accounts_search_word, first))
        .group_by(accounts_search_word.c.user_id)
        .order_by(sa.func.min(accounts_search_word.c.word), accounts_search_word.c.user_id)
        .limit(min(limit, SEARCH_LIMIT_MAX))
    )
    if among is not None:
        statement = statement.where(accounts_search_word.c.user_id.in_(among))
    for word in others:
        other = accounts_search_word.alias()
        same_member = other.c.user_id == accounts_search_word.c.user_id
        statement = statement.where(sa.exists().where(same_member, *_begins_with(other, word)))
    return [row.user_id for row in read.conn.execute(statement)]


def _begins_with(table: sa.FromClause, prefix: str) -> Sequence[sa.ColumnElement[bool]]:
    return (table.c.word >= prefix, table.c.word < prefix + _LAST)


def find_active_members(read: Read, user_ids: Sequence[str]) -> set[str]:
    """Those of `user_ids` (at most 1,000) that belong to accounts in use."""
    assert len(user_ids) <= MEMBERS_PAGE_MAX
    statement = (
        sa.select(_m.user_id)
        .where(_m.user_id.in_(user_ids), _m.deactivated_at.is_(None))
        .order_by(_m.user_id)
        .limit(MEMBERS_PAGE_MAX)
    )
    return set(read.conn.execute(statement).scalars())


def _member(row: sa.Row[*tuple[Any, ...]]) -> Member:
    return Member(
        user_id=row.user_id,
        created_at=row.created_at,
        deactivated_at=row.deactivated_at,
        erased=row.erased,
        appservice_id=row.appservice_id,
        has_password=bool(row.has_password),
    )
