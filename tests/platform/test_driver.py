"""Statements in the driver's hands do what SQLAlchemy's would."""

import psycopg
import pytest
import sqlalchemy as sa

from teahouse.ledger.tables import ledger_mark, ledger_pending_hold, ledger_transaction
from teahouse.platform.db import Database, Tx, platform_position
from teahouse.platform.driver import insert_rows, run_statement, select_among, update_rows


def _row(no: int, key: str) -> tuple[object, ...]:
    return (no, "post", key, "k\t\\N", "茶\n", None, 1, None, None, no, 2, bytes(range(32)))


def test_rows_are_inserted_whole_and_found_again(db: Database) -> None:
    rows = [_row(no, f"key\\ {no}") for no in range(1, 6)]
    db.run(lambda tx: insert_rows(tx.conn, ledger_transaction, rows))

    def find(tx: Tx) -> None:
        by_no = select_among(tx.conn, ledger_transaction, "no", {2, 4, 9}, lock=True)
        assert sorted(by_no) == [rows[1], rows[3]]
        by_key = select_among(tx.conn, ledger_transaction, "key", ["key\\ 5", "", "x' OR '1"])
        assert by_key == [rows[4]]
        assert select_among(tx.conn, ledger_transaction, "no", []) == []
        insert_rows(tx.conn, ledger_transaction, [])

    db.run(find)


def test_however_many_rows_there_are_each_is_inserted_once(db: Database) -> None:
    def work(tx: Tx, numbers: range) -> None:
        rows = [_row(no, f"key {no}") for no in numbers]
        insert_rows(tx.conn, ledger_transaction, rows)
        assert sorted(select_among(tx.conn, ledger_transaction, "no", numbers)) == rows

    for count in (1, 31, 32, 33, 64, 100):
        db.run(work, range(count * 1000, count * 1001))


def test_numbers_are_set_in_many_rows(db: Database) -> None:
    def work(tx: Tx) -> list[tuple[int, ...]]:
        insert_rows(tx.conn, ledger_transaction, [_row(no, str(no)) for no in (1, 2, 3)])
        insert_rows(tx.conn, ledger_pending_hold, [(1, 10), (2, 20), (3, 30)])
        update_rows(tx.conn, ledger_pending_hold, ("expires_at",), [(11, 1), (2**60, 3)])
        update_rows(tx.conn, ledger_pending_hold, ("expires_at",), [])
        return sorted(select_among(tx.conn, ledger_pending_hold, "transaction_no", (1, 2, 3)))

    assert db.run(work) == [(1, 11), (2, 20), (3, 2**60)]


def test_a_statement_takes_values_in_order(db: Database) -> None:
    def work(tx: Tx) -> int:
        statement = "UPDATE platform_position SET position = ? WHERE name = ?"
        run_statement(tx.conn, statement, (7, "main"))
        return int(tx.conn.execute(sa.select(platform_position.c.position)).scalar_one())

    assert db.run(work) == 7


def test_what_a_refused_command_wrote_is_gone(db: Database) -> None:
    def fail(tx: Tx) -> None:
        insert_rows(tx.conn, ledger_mark, [(1, 1)])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        db.run(fail)
    found = db.run(lambda tx: select_among(tx.conn, ledger_mark, "account_no", (1,)))
    assert found == []


def test_a_collision_that_the_driver_tells_is_tried_again(db: Database) -> None:
    tries = []

    def collide_once(_tx: Tx) -> str:
        tries.append(1)
        if len(tries) == 1:
            raise psycopg.errors.SerializationFailure
        return "done"

    assert db.run(collide_once) == "done"
    assert len(tries) == 2
