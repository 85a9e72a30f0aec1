"""What `teahouse check` finds where somebody tampered with the books."""

import os
import random
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from teahouse.ledger import (
    FREE,
    expire_holds,
    freeze_account,
    make_checks,
    post_hold,
    reverse_transaction,
    void_hold,
)
from teahouse.ledger.rules import MARK_EVERY
from teahouse.ledger.tables import (
    ledger_account,
    ledger_head,
    ledger_mark,
    ledger_pending_hold,
    ledger_posting,
    ledger_transaction,
)
from teahouse.platform.checks import run_checks
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database, Read, Tx
from tests.ledger.kit import MINUTE_MS, Desk

_posting, _transaction, _account = ledger_posting.c, ledger_transaction.c, ledger_account.c


@pytest.fixture
def kept(db: Database, clock: ManualClock) -> Desk:
    """Books with everything in them, and in order."""
    desk = Desk(db, clock)
    bank, one, two = desk.bank(), desk.open(overdraft=FREE), desk.open()
    posted = [desk.post((bank, 5), (one, -5)) for _ in range(MARK_EVERY)]
    for end in (post_hold, void_hold):
        desk.db.run(end, key=end.__name__, hold=desk.hold((one, 9), (two, -9)))
    desk.hold((one, 9), (two, -9))
    clock.advance(MINUTE_MS)
    desk.db.run(expire_holds)
    desk.hold((one, 1), (two, -1))
    desk.db.run(reverse_transaction, key="r", transaction_id=posted[0])
    desk.db.run(freeze_account, two)
    assert desk.problems() == []
    return desk


def _set(table: sa.Table, row: sa.ColumnElement[bool], **values: object) -> sa.Update:
    return sa.update(table).where(row).values(**values)


_DAMAGE: dict[str, Callable[[], sa.Executable]] = {
    "another amount": lambda: _set(ledger_posting, _posting.no == 9, amount=6),
    "another account": lambda: _set(ledger_posting, _posting.no == 9, account_no=3),
    "another balance on the way": lambda: _set(ledger_posting, _posting.no == 9, posted=1),
    "another pending sum on the way": lambda: _set(
        ledger_posting, _posting.no == 9, pending_debit=1
    ),
    "another order of postings": lambda: _set(ledger_posting, _posting.no == 9, previous_no=1),
    "a posting that names another transaction": lambda: _set(
        ledger_posting, _posting.no == 9, transaction_no=1
    ),
    "a posting that is gone": lambda: sa.delete(ledger_posting).where(_posting.no == 9),
    "the last posting gone": lambda: sa.delete(ledger_posting).where(
        _posting.no == sa.select(sa.func.max(_posting.no)).scalar_subquery()
    ),
    "a posting of no transaction": lambda: sa.insert(ledger_posting).values(
        no=10**6, transaction_no=1, account_no=1, amount=1, pending=0, posted=0,
        pending_debit=0, pending_credit=0, previous_no=0,
    ),
    "another key": lambda: _set(ledger_transaction, _transaction.no == 7, key="x"),
    "another kind": lambda: _set(ledger_transaction, _transaction.no == 7, kind="x"),
    "another reference": lambda: _set(ledger_transaction, _transaction.no == 7, reference="x"),
    "another time": lambda: _set(
        ledger_transaction, _transaction.no == 7, booked_at=_transaction.booked_at - 1
    ),
    "another hash": lambda: _set(ledger_transaction, _transaction.no == 7, hash=bytes(32)),
    "fewer postings": lambda: _set(ledger_transaction, _transaction.no == 7, posting_count=1),
    "another expiry": lambda: _set(
        ledger_transaction, _transaction.action == "hold", expires_at=10**12
    ),
    "a transaction that is gone": lambda: sa.delete(ledger_transaction).where(
        _transaction.no == 7
    ),
    "the last transaction gone": lambda: sa.delete(ledger_transaction).where(
        _transaction.action == "freeze_account"
    ),
    "another balance": lambda: _set(ledger_account, _account.no == 2, posted=-10**9),
    "another pending sum": lambda: _set(ledger_account, _account.no == 2, pending_debit=5),
    "another last posting": lambda: _set(ledger_account, _account.no == 2, last_posting_no=1),
    "another count of postings": lambda: _set(ledger_account, _account.no == 2, posting_count=1),
    "an account that is gone": lambda: sa.delete(ledger_account).where(_account.no == 3),
    "another currency": lambda: _set(ledger_account, _account.no == 2, currency="EUR"),
    "another owner": lambda: _set(ledger_account, _account.no == 2, owner="pty_9"),
    "another overdraft": lambda: _set(ledger_account, _account.no == 3, overdraft=None),
    "a freeze undone": lambda: _set(ledger_account, _account.no == 3, status="open"),
    "an account that nobody opened": lambda: sa.insert(ledger_account).values(
        no=9, owner="x", currency="CNY", kind="asset", code="", status="open", opened_at=1,
        posted=0, pending_debit=0, pending_credit=0, last_posting_no=0, posting_count=0,
    ),
    "a mark that is gone": lambda: sa.delete(ledger_mark),
    "a mark too many": lambda: sa.insert(ledger_mark).values(account_no=1, posting_no=3),
    "a hold that is pending no more": lambda: sa.delete(ledger_pending_hold),
    "a hold that ends later": lambda: sa.update(ledger_pending_hold).values(expires_at=10**15),
    "another end": lambda: sa.update(ledger_head).values(hash=bytes(32)),
    "an end before the end": lambda: sa.update(ledger_head).values(
        transaction_no=ledger_head.c.transaction_no - 1
    ),
}  # fmt: skip


def test_every_damage_shows(kept: Desk) -> None:
    """Each in a transaction that is rolled back, so that they do not hide one another."""
    silent = []
    for name, damage in _DAMAGE.items():
        with kept.db.engine.connect() as conn, conn.begin() as transaction:
            if conn.dialect.name == "sqlite":
                conn.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            conn.execute(damage())
            read = Read(conn, kept.clock.now_ms())
            problems = [one for done in run_checks(read, make_checks()) for one in done.problems]
            if not problems:
                silent.append(name)
            assert all(len(problem) < 200 for problem in problems)
            transaction.rollback()
    assert silent == []
    assert kept.problems() == []


FLIPS = int(os.environ.get("TEAHOUSE_FLIPS", "12"))
_FLIPPED = (ledger_transaction, ledger_posting, ledger_account, ledger_head, ledger_pending_hold)


def test_every_flipped_bit_shows(
    kept: Desk, record_property: Callable[[str, object], None]
) -> None:
    """One bit of one value of one row, anywhere in the books."""
    chance = random.Random(20261124)
    silent = []
    for _ in range(FLIPS):
        with kept.db.engine.connect() as conn, conn.begin() as transaction:
            if conn.dialect.name == "sqlite":
                conn.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            flipped = _flip(conn, chance)
            try:
                problems = [
                    problem
                    for done in run_checks(Read(conn, kept.clock.now_ms()), make_checks())
                    for problem in done.problems
                ]
            except (sa.exc.SQLAlchemyError, ValueError, LookupError) as trouble:
                problems = [str(trouble)]  # books that can't be read are found out too
            if not problems:
                silent.append(flipped)
            transaction.rollback()
    assert silent == []
    record_property("R12", {"flips": FLIPS, "unseen": len(silent)})


def _flip(conn: sa.Connection, chance: random.Random) -> str:
    """Flip one bit that the database lets through. Returns which."""
    while True:
        table = chance.choice(_FLIPPED)
        rows = conn.execute(sa.select(table)).mappings().all()
        row = chance.choice(rows)
        column = chance.choice([one for one in table.columns if row[one.name] is not None])
        value = _with_flipped_bit(row[column.name], chance)
        own = sa.and_(*(key == row[key.name] for key in table.primary_key.columns))
        savepoint = conn.begin_nested()
        try:
            conn.execute(sa.update(table).where(own).values({column.name: value}))
        except sa.exc.SQLAlchemyError:
            # A constraint of the database saw it first.
            savepoint.rollback()
            continue
        return f"{table.name}.{column.name}: {row[column.name]!r} > {value!r}"


def _with_flipped_bit(value: object, chance: random.Random) -> object:
    match value:
        case int():
            return value ^ (1 << chance.randrange(31))
        case str():
            place = chance.randrange(len(value)) if value else 0
            return (
                value[:place] + chr(ord(value[place : place + 1] or "a") ^ 1) + value[place + 1 :]
            )
        case bytes() | memoryview():
            flipped = bytearray(value)
            flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
            return bytes(flipped)
    raise TypeError(type(value))


def test_one_wrong_row_is_not_told_of_all_that_follow(kept: Desk) -> None:
    kept.db.run(
        lambda tx: tx.conn.execute(_set(ledger_transaction, _transaction.no == 7, kind="x"))
    )
    assert kept.problems() == ["transaction 7 or its postings are not what its hash says"]


def test_a_tampered_transaction_with_a_hash_of_its_own_breaks_the_next(kept: Desk) -> None:
    """Who rewrites one row would have to rewrite all that follow, and the head."""
    from teahouse.ledger.rules import chain
    from teahouse.ledger.types import TransactionRow

    def rewrite(tx: Tx) -> None:
        row = TransactionRow._make(
            tx.conn.execute(sa.select(ledger_transaction).where(_transaction.no == 7)).one()
        )
        before = tx.conn.execute(
            sa.select(_transaction.hash).where(_transaction.no == 6)
        ).scalar_one()
        legs = [(1, 5, 0), (2, -5, 0)]
        assert chain(before, (*row[:9], legs)) == row.hash
        changed = row._replace(reference="forged")
        tx.conn.execute(
            _set(
                ledger_transaction,
                _transaction.no == 7,
                reference="forged",
                hash=chain(before, (*changed[:9], legs)),
            )
        )

    kept.db.run(rewrite)
    assert kept.problems() == ["transaction 8 or its postings are not what its hash says"]
