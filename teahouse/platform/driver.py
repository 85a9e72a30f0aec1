"""Statements in the driver's hands, for the hottest commands.

What SQLAlchemy does for each statement and each row costs more than the statement and the row.
Measured with the ledger: a transfer on its own took 640 microseconds and takes 200; one of 256 took
87 and takes 35; and PostgreSQL's COPY takes a third of the time of its executemany.

Everything else is composed from tables (`db.py`).
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from itertools import chain
from typing import Any

import sqlalchemy as sa

from teahouse.platform.json import encode_json

# Rows in one INSERT of SQLite: a fifth less time for each than one by one, and fewer hand-overs of
# the interpreter's lock to other threads.
_ROWS_A_STATEMENT = 32


def run_statement(conn: sa.Connection, statement: str, values: Sequence[object]) -> None:
    """Run a statement as it stands.

    Args:
        conn: inside a transaction.
        statement: SQL that both databases know; `?` stands for a value.
        values: for each mark one.
    """
    if conn.dialect.name != "sqlite":
        statement = statement.replace("?", "%s")
    _cursor(conn).execute(statement, values)


def insert_rows(conn: sa.Connection, table: sa.Table, rows: Sequence[Sequence[object]]) -> None:
    """Insert whole rows.

    Args:
        conn: inside a transaction.
        table: its columns have types that both drivers take as they are.
        rows: a value for each column, in the order of the table's.
    """
    if not rows:
        return
    cursor = _cursor(conn)
    if conn.dialect.name == "sqlite":
        _insert_into_sqlite(cursor, table, rows)
        return
    names = ", ".join(table.columns.keys())
    with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _insert_into_sqlite(cursor: Any, table: sa.Table, rows: Sequence[Sequence[object]]) -> None:  # noqa: ANN401 - DB-API
    whole = len(rows) - len(rows) % _ROWS_A_STATEMENT
    for start in range(0, whole, _ROWS_A_STATEMENT):
        values = list(chain.from_iterable(rows[start : start + _ROWS_A_STATEMENT]))
        cursor.execute(_insert_statement(table, _ROWS_A_STATEMENT), values)
    if whole < len(rows):
        cursor.executemany(_insert_statement(table, 1), rows[whole:])


def update_rows(
    conn: sa.Connection, table: sa.Table, names: tuple[str, ...], rows: Sequence[tuple[int, ...]]
) -> None:
    """Set whole numbers in many rows.

    Args:
        conn: inside a transaction.
        table: its primary key is one whole number.
        names: columns to set.
        rows: for each row the new values in the order of `names`, and then its key.
    """
    if not rows:
        return
    statement = _update_statement(table, names, conn.dialect.name)
    if conn.dialect.name == "sqlite":
        _cursor(conn).executemany(statement, rows)
    else:
        _cursor(conn).execute(statement, [list(column) for column in zip(*rows, strict=True)])


def delete_rows(conn: sa.Connection, table: sa.Table, keys: Collection[int]) -> None:
    """Delete rows by their primary key, which is one whole number."""
    if not keys:
        return
    (key,) = table.primary_key.columns.keys()
    among, values = _among(conn, "bigint", keys)
    statement = f"DELETE FROM {table.name} WHERE {key} {among}"  # noqa: S608 - names are ours
    _cursor(conn).execute(statement, values)


def select_among(
    conn: sa.Connection,
    table: sa.Table,
    column: str,
    values: Collection[int] | Collection[str],
    *,
    lock: bool = False,
) -> list[tuple[Any, ...]]:
    """The whole rows whose `column` is one of many values, in no order.

    The values are one parameter, so the statement stays the same however many there are.

    Args:
        conn: inside a transaction.
        table: the rows' table.
        column: whole numbers or text.
        values: which.
        lock: hold the rows until the commit.
    """
    if not values:
        return []
    kind = "bigint" if isinstance(table.c[column].type, sa.Integer) else "text"
    among, given = _among(conn, kind, values)
    statement = f"{_select_statement(table)} WHERE {column} {among}"
    if lock and conn.dialect.name != "sqlite":
        # SQLite's writer is alone anyway.
        statement += " FOR UPDATE"
    rows: list[tuple[Any, ...]] = _cursor(conn).execute(statement, given).fetchall()
    return rows


def _among(
    conn: sa.Connection, kind: str, values: Collection[int] | Collection[str]
) -> tuple[str, tuple[object]]:
    if conn.dialect.name == "sqlite":
        return "IN (SELECT value FROM json_each(?))", (encode_json(list(values)).decode(),)
    return f"= ANY(%s::{kind}[])", (list(values),)


def _cursor(conn: sa.Connection) -> Any:  # noqa: ANN401 - DB-API
    driver: Any = conn.connection.driver_connection
    return driver.cursor()


@functools.cache
def _insert_statement(table: sa.Table, rows: int) -> str:
    names = ", ".join(table.columns.keys())
    row = f"({', '.join('?' * len(table.columns))})"
    values = ", ".join([row] * rows)
    return f"INSERT INTO {table.name} ({names}) VALUES {values}"  # noqa: S608 - names are ours


@functools.cache
def _update_statement(table: sa.Table, names: tuple[str, ...], dialect: str) -> str:
    (key,) = table.primary_key.columns.keys()
    if dialect == "sqlite":
        changes = ", ".join(f"{name} = ?" for name in names)
        return f"UPDATE {table.name} SET {changes} WHERE {key} = ?"  # noqa: S608 - names are ours
    changes = ", ".join(f"{name} = new.{name}" for name in names)
    arrays = ", ".join(["%s::bigint[]"] * (len(names) + 1))
    return (
        f"UPDATE {table.name} SET {changes} "  # noqa: S608 - names are ours
        f"FROM unnest({arrays}) AS new ({', '.join([*names, key])}) "
        f"WHERE {table.name}.{key} = new.{key}"
    )


@functools.cache
def _select_statement(table: sa.Table) -> str:
    return f"SELECT {', '.join(table.columns.keys())} FROM {table.name}"  # noqa: S608 - ours
