"""Rows made from nothing but the schema, for tests of what holds of every table."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import sqlalchemy as sa

from teahouse.platform.data_map import PersonalData, declaration
from teahouse.privacy import Ownership
from teahouse.wallet.parties.tables import wallet_party

_MEMBER_COLUMNS = {"user_id", "signer_user_id", "target_user_id", "about", "reporter", "who"}
_PARTY_COLUMNS = {"party", "payer", "asker", "payer_party", "sender"}
_CHOICE = re.compile(r"\b(\w+) IN \('([^']*)'")


class RowMaker:
    """Makes rows of one member, with a mark in every text that can say something about them.

    Args:
        user_id: the member.
        mark: the text.
    """

    def __init__(self, user_id: str, mark: str) -> None:
        self._user_id = user_id
        self._mark = mark
        self._count = 0

    def insert(self, conn: sa.Connection, table: sa.Table, ownership: Ownership) -> bool:
        """Insert a row; False where what the table demands can't be known from the schema."""
        self._count += 1
        row = {column.name: self._value(conn, table, column) for column in table.columns}
        named = [] if ownership.lookups else ownership.owners(row)
        if not ownership.lookups and not any(str(one).startswith(("@", "pty_")) for one in named):
            return False
        try:
            with conn.begin_nested():
                conn.execute(sa.insert(table), row)
        except sa.exc.IntegrityError:
            return False
        return True

    def _value(self, conn: sa.Connection, table: sa.Table, column: sa.Column[Any]) -> object:
        name = str(column.name)
        if name in _MEMBER_COLUMNS:
            return self._user_id
        if name in _PARTY_COLUMNS and table.name.startswith("wallet_"):
            return conn.execute(
                sa.select(wallet_party.c.party_id).where(wallet_party.c.user_id == self._user_id)
            ).scalar_one()
        for key in column.foreign_keys:
            return conn.execute(sa.select(key.column).limit(1)).scalar()
        return self._choice(table, name) or self._plain(column)

    def _choice(self, table: sa.Table, name: str) -> str | None:
        """The first of the values that a condition of the table allows."""
        for constraint in sorted(table.constraints, key=lambda one: str(one.name)):
            if isinstance(constraint, sa.CheckConstraint):
                for column, value in _CHOICE.findall(str(constraint.sqltext)):
                    if column == name:
                        return str(value)
        return None

    def _plain(self, column: sa.Column[Any]) -> object:
        is_marked = isinstance(declaration(column), PersonalData)
        text = f"{self._mark}-{self._count}" if is_marked else f"x{self._count}"
        kinds: list[tuple[type[Any], object]] = [
            (sa.LargeBinary, text.encode()),
            (sa.Boolean, False),
            (sa.Integer, self._count),
            (sa.Date, date(2026, 1, 1)),
            (sa.Text, text),
        ]
        return next(value for kind, value in kinds if isinstance(column.type, kind))
