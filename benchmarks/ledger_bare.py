"""The bare limit: a plain script that inserts the rows of transfers, and decides nothing.

It writes the same rows into the same tables as the ledger does, by the fastest way that each
driver has, but knows no keys, balances, rules, chain or callers.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import psycopg

_HASH = bytes(range(32))
_BOOKED_AT = 1_790_000_000_000
_TRANSACTION = (
    "no, action, key, kind, reference, valued_on, booked_at, expires_at, target_no,"
    " first_posting_no, posting_count, hash"
)
_POSTING = (
    "no, transaction_no, account_no, amount, pending, posted, pending_debit, pending_credit,"
    " previous_no"
)
_BALANCES = ("posted", "pending_debit", "pending_credit", "last_posting_no", "posting_count")
# After the rows that tell of the accounts and of what is in them.
_LAST = "SELECT transaction_no, posting_no FROM ledger_head"
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "wal_autocheckpoint=4000",
    "cache_size=-8000",
)

_Rows: TypeAlias = tuple[list[tuple[Any, ...]], list[tuple[int, ...]], list[tuple[int, ...]]]


def insert_sqlite(where: dict[str, str], *, accounts: int, group: int, count: int) -> float:
    """Insert into a database that has the tables and accounts.

    Args:
        where: the `path` of the file.
        accounts: how many there are.
        group: transfers in one commit.
        count: transfers in all.

    Returns:
        Transfers a second.
    """
    conn = sqlite3.connect(where["path"], isolation_level=None)
    for pragma in _PRAGMAS:
        conn.execute(f"PRAGMA {pragma}")
    marks = {9: ", ".join("?" * 9), 12: ", ".join("?" * 12)}
    changes = ", ".join(f"{name} = ?" for name in _BALANCES)

    def write(rows: _Rows) -> None:
        transactions, postings, balances = rows
        conn.execute("BEGIN IMMEDIATE")
        conn.executemany(
            f"INSERT INTO ledger_transaction ({_TRANSACTION}) VALUES ({marks[12]})", transactions
        )
        conn.executemany(f"INSERT INTO ledger_posting ({_POSTING}) VALUES ({marks[9]})", postings)
        conn.executemany(f"UPDATE ledger_account SET {changes} WHERE no = ?", balances)
        conn.execute("UPDATE ledger_head SET transaction_no = ?", (transactions[-1][0],))
        conn.execute("COMMIT")

    try:
        last = conn.execute(_LAST).fetchone()
        return _measure(write, last, accounts=accounts, group=group, count=count)
    finally:
        conn.close()


def insert_postgres(where: dict[str, str], *, accounts: int, group: int, count: int) -> float:
    """As `insert_sqlite`, by COPY.

    Args:
        where: libpq parameters of the database.
        accounts: how many there are.
        group: transfers in one commit.
        count: transfers in all.
    """
    changes = ", ".join(f"{name} = new.{name}" for name in _BALANCES)
    arrays = ", ".join(["%s::bigint[]"] * (len(_BALANCES) + 1))
    update = (
        f"UPDATE ledger_account SET {changes} FROM unnest({arrays})"
        f" AS new ({', '.join(_BALANCES)}, no) WHERE ledger_account.no = new.no"
    )
    with psycopg.connect(**where) as conn, conn.cursor() as cursor:  # type: ignore[arg-type]

        def write(rows: _Rows) -> None:
            transactions, postings, balances = rows
            with cursor.copy(f"COPY ledger_transaction ({_TRANSACTION}) FROM STDIN") as copy:
                for transaction in transactions:
                    copy.write_row(transaction)
            with cursor.copy(f"COPY ledger_posting ({_POSTING}) FROM STDIN") as copy:
                for posting in postings:
                    copy.write_row(posting)
            cursor.execute(update, [list(column) for column in zip(*balances, strict=True)])
            cursor.execute("UPDATE ledger_head SET transaction_no = %s", (transactions[-1][0],))
            conn.commit()

        last = cursor.execute(_LAST).fetchone()
        assert last is not None
        return _measure(write, last, accounts=accounts, group=group, count=count)


def _measure(
    write: Callable[[_Rows], None],
    last: tuple[int, int],
    *,
    accounts: int,
    group: int,
    count: int,
) -> float:
    groups = max(1, count // group)
    seconds = 0.0
    for rows in _make_groups(last, accounts=accounts, group=group, groups=groups):
        # Making the rows is not what is measured.
        start = time.perf_counter()
        write(rows)
        seconds += time.perf_counter() - start
    return groups * group / seconds


def _make_groups(
    last: tuple[int, int], *, accounts: int, group: int, groups: int
) -> Iterator[_Rows]:
    chance = random.Random(1)
    no, posting_no = last
    for _ in range(groups):
        transactions: list[tuple[Any, ...]] = []
        postings: list[tuple[int, ...]] = []
        balances: dict[int, tuple[int, ...]] = {}
        for _ in range(group):
            no += 1
            head = (no, "post", f"pay_{no:024d}:capture", "transfer", f"trf_{no:024d}")
            transactions.append(
                (*head, None, _BOOKED_AT + no, None, None, posting_no + 1, 2, _HASH)
            )
            for amount in (5, -5):
                posting_no += 1
                account = chance.randrange(accounts) + 1
                postings.append((posting_no, no, account, amount, 0, posting_no, 0, 0, posting_no))
                balances[account] = (posting_no, 0, 0, posting_no, no, account)
        yield transactions, postings, sorted(balances.values(), key=_key_of)


def _key_of(balances: tuple[int, ...]) -> int:
    return balances[-1]
