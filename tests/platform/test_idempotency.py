"""A request sent twice acts once."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database, Tx
from teahouse.platform.errors import Forbidden
from teahouse.platform.idempotency import (
    KEEP_MS,
    IdempotencyKeyReused,
    Once,
    forget_answers_of,
    forget_old_answers,
    platform_idempotency,
    run_once,
)
from tests.kit.database import open_database

ONCE = Once("@ada:teahouse.test", "k-1", b"request one")


def _count(tx: Tx, calls: list[int], *, refuse: bool = False) -> dict[str, int]:
    calls.append(tx.now)
    if refuse:
        raise Forbidden
    return {"calls": len(calls)}


def test_the_second_time_gives_the_first_answer_and_does_nothing(db: Database) -> None:
    calls: list[int] = []
    first = db.run(run_once, ONCE, _count, calls)
    assert first == b'{"calls":1}'
    assert db.run(run_once, ONCE, _count, calls) == first
    assert len(calls) == 1


def test_another_request_under_the_same_key_is_refused(db: Database) -> None:
    calls: list[int] = []
    db.run(run_once, ONCE, _count, calls)
    with pytest.raises(IdempotencyKeyReused):
        db.run(run_once, Once(ONCE.who, ONCE.key, b"request two"), _count, calls)
    assert len(calls) == 1


def test_keys_of_others_never_meet(db: Database) -> None:
    calls: list[int] = []
    db.run(run_once, ONCE, _count, calls)
    db.run(run_once, Once("@ben:teahouse.test", ONCE.key, b"request two"), _count, calls)
    assert len(calls) == 2


def test_what_was_refused_may_be_tried_again(db: Database) -> None:
    calls: list[int] = []
    with pytest.raises(Forbidden):
        db.run(run_once, ONCE, _count, calls, refuse=True)
    assert db.run(run_once, ONCE, _count, calls) == b'{"calls":2}'


def test_answers_are_forgotten_after_their_time_and_with_the_member(
    db: Database, clock: ManualClock
) -> None:
    db.run(run_once, ONCE, _count, [])
    clock.advance(KEEP_MS)
    assert db.run(forget_old_answers) == 0
    clock.advance(1)
    assert db.run(forget_old_answers) == 1
    db.run(run_once, ONCE, _count, [])
    db.run(forget_answers_of, ONCE.who)
    with db.engine.connect() as conn:
        left = conn.execute(sa.select(sa.func.count()).select_from(platform_idempotency))
        assert left.scalar_one() == 0


def test_two_servers_that_get_the_same_request_at_once_do_it_once(
    db: Database, database_url: str, clock: ManualClock
) -> None:
    together = threading.Barrier(2, timeout=2)

    def count(_tx: Tx, counted: list[str], name: str) -> dict[str, int]:
        # Both servers have looked for an earlier answer before either has stored its own; on
        # SQLite the second one cannot even begin, and the barrier breaks.
        with contextlib.suppress(threading.BrokenBarrierError):
            together.wait()
        counted.append(name)
        return {"one": 1}

    with open_database(database_url, clock, seed=2) as other, ThreadPoolExecutor(2) as pool:
        counted: list[str] = []

        def ask(server: Database, name: str) -> bytes:
            return server.run(run_once, ONCE, count, counted, name)

        answers = [pool.submit(ask, db, "first"), pool.submit(ask, other, "second")]
        assert {answer.result() for answer in answers} == {b'{"one":1}'}
    with db.engine.connect() as conn:
        kept = conn.execute(sa.select(sa.func.count()).select_from(platform_idempotency))
        assert kept.scalar_one() == 1
