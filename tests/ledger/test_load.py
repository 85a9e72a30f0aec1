"""What the benchmark measures is what the ledger does: its books are in order afterwards."""

import asyncio
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from benchmarks.ledger_bare import insert_postgres, insert_sqlite
from benchmarks.ledger_load import House, send_many, send_steadily, send_with_holds
from teahouse.ledger import make_checks, trial_balance
from teahouse.ledger.tables import ledger_posting, ledger_transaction
from teahouse.platform.checks import run_checks
from teahouse.platform.db import Read

_ACCOUNTS = 20


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    made = House(database_url, accounts=_ACCOUNTS)
    yield made
    made.stop()


def _count(read: Read, table_: sa.Table) -> int:
    return read.conn.execute(sa.select(sa.func.count()).select_from(table_)).scalar_one()


def test_every_transfer_is_in_the_books(house: House) -> None:
    before = house.db.look(_count, ledger_transaction)
    asyncio.run(send_many(house, 60, callers=8))
    asyncio.run(send_with_holds(house, 40, callers=2))
    steady = asyncio.run(send_steadily(house, 20, rate=1000))
    assert house.db.look(_count, ledger_transaction) - before == 60 + 40 + 20
    assert len(steady.waits) == 20
    with house.db.reading() as read:
        done = list(run_checks(read, make_checks()))
        assert trial_balance(read).differences() == {}
    assert [problem for one in done for problem in one.problems] == []


def test_the_bare_script_inserts_as_many_rows(house: House) -> None:
    url = house.db.engine.url
    count = house.db.look(_count, ledger_posting)
    if url.get_backend_name() == "sqlite":
        rate = insert_sqlite({"path": str(url.database)}, accounts=_ACCOUNTS, group=5, count=20)
    else:
        where = {"conninfo": url.set(drivername="postgresql").render_as_string(hide_password=False)}
        rate = insert_postgres(where, accounts=_ACCOUNTS, group=5, count=20)
    assert rate > 0
    assert house.db.look(_count, ledger_posting) - count == 40


# The package of PostgreSQL remarks that a machine without a session has no folder for it.
@pytest.mark.filterwarnings("ignore:XDG_RUNTIME_DIR")
def test_figures_are_shown_beside_their_goals() -> None:
    from benchmarks.ledger import LedgerFigures, LedgerRun, Point, table

    rates = {1: 1000.0, 16: 9000.0, 256: 20_000.0}
    bare = {1: 2000.0, 100: 25_000.0, 256: 30_000.0, 1000: 40_000.0}
    one = LedgerFigures("sqlite", rates, rates, 18_000, bare, 10_000, 5, 60, [Point(10, 50, 40)])
    shown = table(LedgerRun([one], {1: 1000.0, 16: 3000.0, 256: 2000.0}))
    assert "80% of the bare limit in groups of 100 (goal 60%: yes)" in shown
    assert "50% of the bare limit in groups of 1,000 (goal 60%: NO)" in shown
    assert "10.0 times pgbench at 256 (goal 5: yes)" in shown
    assert "p99 60.0 ms at 10,000/s (goal 50: NO)" in shown
