"""Everything that has an age goes in time, by a job that reports it; else a check turns red."""

import asyncio
from collections.abc import Iterator
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from teahouse import app, privacy
from teahouse.migrations.tables_of_all import load_all_tables
from teahouse.platform.checks import run_checks
from teahouse.platform.data_map import (
    AGE_LIMITS,
    FILE_CLASSES,
    FILE_LIMITS,
    AgeLimit,
    FileLimit,
    PersonalData,
    declaration,
)
from teahouse.platform.db import Database, Read, Tx
from teahouse.platform.jobs import JobKind, NoPayload, Worker
from teahouse.privacy.retention.queries import compute_grace_ms
from teahouse.privacy.retention.types import ENDED_BY, TIMED
from tests.kit.whole_house import WholeHouse

load_all_tables()
DAY_MS = 86_400_000
_numbers = count(1)
# Values that the conditions of some tables ask for.
_VALUES: dict[str, dict[str, Any]] = {
    "accounts_purpose_token": {"purpose": "login"},
    "privacy_archive": {"status": "done", "expires_at": 2**50},
    "privacy_erasure": {"status": "done", "user_id": None, "due_at": 0},
    "privacy_import": {"status": "ready"},
    "chat_room_deletion": {"status": "complete"},
    "wallet_export": {"status": "failed", "format": "csv"},
    "wallet_confirmation": {"kind": "transfer", "minor": 1},
}


@pytest.fixture
def house(db: Database, tmp_path: Path) -> WholeHouse:
    return WholeHouse(db, tmp_path)


@pytest.fixture
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


def _job(limit: AgeLimit) -> JobKind:
    return next(kind for kind in app.job_kinds() if kind.name == limit.job)


def _insert(tx: Tx, limit: AgeLimit, instant: int) -> None:
    """A row of a limit's table, with whatever its schema asks for."""
    _insert_row(tx, limit.table, {limit.since.name: instant})


def _insert_row(tx: Tx, table: sa.Table, given: dict[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for key in table.foreign_key_constraints:
        parent = _insert_row(tx, key.referred_table, {})
        row |= {one.parent.name: parent[one.column.name] for one in key.elements}
    for column in table.columns:
        if column.name not in row and not (column.nullable and isinstance(column.type, sa.Integer)):
            row[column.name] = _value(column)
    row |= _VALUES.get(table.name, {}) | given
    tx.conn.execute(sa.insert(table).values(row))
    return row


def _value(column: sa.Column[Any]) -> object:
    number = next(_numbers)
    match column.type:
        case sa.LargeBinary():
            return f"x{number}".encode()
        case sa.Boolean():
            return False
        case sa.Integer():
            return number
        case sa.Date():
            return date(2026, 1, 1)
        case _:
            return f"x{number}"


def _overdue(read: Read, name: str) -> list[str]:
    """What the checks say of one limit."""
    checks = privacy.make_retention_checks(app.job_kinds(), _settings(read))
    [check] = [one for one in checks if one.name.endswith(f" in {name}")]
    return [problem for done in run_checks(read, [check]) for problem in done.problems]


def _settings(_read: Read) -> Any:
    class NoFiles:
        files_url = "memory:///"
        data_dir = Path()

    return NoFiles()


def test_every_keep_of_the_data_map_has_what_ends_it() -> None:
    bound = {(limit.table.name, limit.keep) for limit in AGE_LIMITS}
    missing = {
        (table.name, declared.keep)
        for table in load_all_tables().tables.values()
        for column in table.columns
        if isinstance(declared := declaration(column), PersonalData) and declared.keep in TIMED
    } - bound
    assert missing == set()
    files = {limit.file_class.prefix for limit in FILE_LIMITS}
    assert {one.prefix for one in FILE_CLASSES if one.data.keep in {"7 days", "30 days"}} <= files
    keeps = {
        declared.keep
        for table in load_all_tables().tables.values()
        for column in table.columns
        if isinstance(declared := declaration(column), PersonalData)
    }
    assert keeps <= {*ENDED_BY, *TIMED}


def test_every_limit_names_a_job_on_a_timetable() -> None:
    kinds = {kind.name: kind for kind in app.job_kinds()}
    limits: list[AgeLimit | FileLimit] = [*AGE_LIMITS, *FILE_LIMITS]
    for limit in limits:
        assert kinds[limit.job].every_ms, limit.name
    known = {*kinds, *(check.name for check in app._references())}
    assert {end for keep, end in ENDED_BY.items() if keep != "job"} <= known


def test_what_is_too_old_goes_is_reported_and_missed_where_the_job_is_off(
    house: WholeHouse, loop: asyncio.Runner
) -> None:
    async def work() -> None:
        house.services.clock.advance(60 * DAY_MS)  # type: ignore[attr-defined]  # a test's clock
        for limit in AGE_LIMITS:
            await _try_limit(house, limit)

    loop.run(work())


async def _try_limit(house: WholeHouse, limit: AgeLimit) -> None:
    kind = _job(limit)
    late = compute_grace_ms(kind) + 1000
    now = house.services.clock.now_ms()
    await house.db.write(_insert, limit, now - limit.keep_ms - late)
    young = now + DAY_MS - limit.keep_ms
    await house.db.write(_insert, limit, young)
    # The control: the job did not run, so the check says it.
    problems = await house.db.read(_overdue, limit.name)
    assert len(problems) == 1, f"an old row of {limit.name} was not found"
    assert " has 1 rows " in problems[0]
    await kind.handler(house.services, kind.payload())
    assert await house.db.read(_overdue, limit.name) == []
    answer = (await house.call("GET", "/api/v1/privacy/retention")).json()
    [told] = [one for one in answer["limits"] if one["store"] == limit.name]
    assert told["last"] == {
        "store": limit.name, "job": limit.job, "ran_at": now, "deleted": 1, "left": 0,
        "oldest_at": young,
    }  # fmt: skip
    assert told["deleted"] == 1


def test_a_job_that_removes_nothing_cannot_hide_it(house: WholeHouse, loop: asyncio.Runner) -> None:
    loop.run(_try_lazy_job(house))


async def _try_lazy_job(house: WholeHouse) -> None:
    async def lazy(_services: object, _payload: NoPayload) -> None:
        """Removes nothing."""

    [limit] = [one for one in AGE_LIMITS if one.table.name == "platform_idempotency"]
    [kind] = privacy.report_runs([JobKind(limit.job, lazy, every_ms=1000)])
    house.services.clock.advance(60 * DAY_MS)  # type: ignore[attr-defined]  # a test's clock
    await house.db.write(_insert, limit, house.services.clock.now_ms() - limit.keep_ms - 1)
    await kind.handler(house.services, NoPayload())
    reports = (await house.call("GET", "/api/v1/privacy/retention/reports")).json()
    assert [(one["deleted"], one["left"]) for one in reports["items"]] == [(0, 1)]


def test_the_worker_leaves_reports_of_its_timetable(
    house: WholeHouse, loop: asyncio.Runner
) -> None:
    async def work() -> None:
        await Worker(house.db, house.services, app.job_kinds()).run_due()
        answer = (await house.call("GET", "/api/v1/privacy/retention")).json()
        told = {one["store"]: one["last"] for one in answer["limits"]}
        assert told.keys() == {one.name for one in AGE_LIMITS} | {one.name for one in FILE_LIMITS}
        assert [store for store, last in told.items() if last is None] == []
        text = msgspec.json.encode(answer).decode()
        assert "@" not in text

    loop.run(work())
