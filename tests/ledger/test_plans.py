"""No hot statement reads a table that grows from end to end."""

import re
from typing import Any

import pytest

from teahouse.ledger import (
    HoldPosting,
    Order,
    Reversal,
    expire_holds,
    find_balance,
    find_transaction,
    hold_of,
    list_postings,
    post_transactions,
)
from teahouse.ledger.queries import find_last_posting_no
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Read, Tx
from tests.kit.database import Databases, open_database
from tests.ledger.kit import Desk

_READS_ALL = re.compile(r"SCAN ledger_(posting|transaction|mark|account)\b")


def _trace(read: Read, into: list[str]) -> Any:
    driver: Any = read.conn.connection.driver_connection
    driver.set_trace_callback(into.append)
    return driver


def _explain(driver: Any, statements: list[str]) -> list[str]:
    driver.set_trace_callback(None)
    plans = []
    for statement in statements:
        if statement.split()[0] in {"SELECT", "UPDATE", "DELETE", "WITH"}:
            rows = driver.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
            plans += [f"{row[-1]} in {statement}" for row in rows]
    return plans


@pytest.fixture
def desk_on_sqlite(databases: Databases, clock: ManualClock) -> Any:
    url = databases.create("sqlite")
    with open_database(url, clock) as db:
        yield Desk(db, clock)
    databases.drop(url)


def test_a_batch_finds_what_it_needs_by_index(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    bank, account = desk.bank(), desk.open()
    posted = desk.post((bank, 5), (account, -5))
    held = desk.hold((bank, 5), (account, -5))
    repeated = desk.draft((bank, 5), (account, -5), key="key_000001")
    orders: list[tuple[Order, ...]] = [
        (desk.draft((bank, 5), (account, -5)),),
        (repeated,),
        (HoldPosting(key="p", hold=held),),
        (Reversal(key="r", transaction=posted),),
    ]

    def work(tx: Tx) -> list[str]:
        statements: list[str] = []
        tx.memory.clear()
        driver = _trace(tx, statements)
        post_transactions(tx, orders)
        expire_holds(tx)
        return _explain(driver, statements)

    plans = desk.db.run(work)
    assert len(plans) > 8
    assert [plan for plan in plans if _READS_ALL.search(plan)] == []


def test_the_past_is_found_by_index(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    bank, account = desk.bank(), desk.open()
    instants = []
    for _ in range(3):
        desk.clock.advance(10)
        posted = desk.post((bank, 5), (account, -5))
        instants.append(desk.clock.now_ms())
    with desk.db.reading() as read:
        statements: list[str] = []
        driver = _trace(read, statements)
        find_balance(read, account, instants[0])
        find_last_posting_no(read, instants[1])
        list_postings(read, account, before=5)
        list_postings(read, account, after=1)
        find_transaction(read, posted)
        find_transaction(read, hold_of(posted))
        plans = _explain(driver, statements)
    assert len(plans) > 8
    assert [plan for plan in plans if _READS_ALL.search(plan)] == []


def test_a_plan_that_reads_everything_would_show(desk_on_sqlite: Desk) -> None:
    with desk_on_sqlite.db.reading() as read:
        driver = _trace(read, [])
        plans = _explain(driver, ["SELECT * FROM ledger_posting WHERE account_no = 1"])
    assert [plan for plan in plans if _READS_ALL.search(plan)]
