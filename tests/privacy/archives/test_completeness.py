"""Every column of the data map is in an archive, or the archive says why not.

A row is put into every table by nothing but the schema, with a mark in each column; what an archive
tells of the table must hold the marks. A table that comes later is in it, or this test is red.
"""

import json
from datetime import date
from typing import Any

import jsonschema
import pytest
import sqlalchemy as sa

from teahouse import accounts
from teahouse.app import archive_sources
from teahouse.migrations.tables_of_all import load_all_tables
from teahouse.platform.data_map import PersonalData, declaration
from teahouse.platform.db import Database, Read, metadata
from teahouse.privacy.archives.queries import (
    RecordPlan,
    find_stand_ins,
    make_record_schema,
    plan_records,
    read_rows,
)
from teahouse.wallet.parties.commands import party_of
from tests.kit.database import DatabaseKind

ADA = "@ada:teahouse.test"

load_all_tables()


def _plan() -> RecordPlan:
    sources = archive_sources()
    return plan_records(sources.told, sources.left_out)


def _personal_places() -> set[str]:
    return {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(declaration(column), PersonalData)
    }


def test_of_every_personal_column_it_is_said_where_it_is() -> None:
    plan, sources = _plan(), archive_sources()
    assert plan.unsaid == ()
    said = {f"{record.name}.{column}" for record in plan.tables for column in record.columns}
    reasons = {*plan.left_out, *sources.told}
    for place in _personal_places():
        table = place.partition(".")[0]
        assert place in said or {place, table} & reasons, place
    assert all(len(reason) > 20 for reason in plan.left_out.values())


def test_nothing_is_said_of_what_is_not_there() -> None:
    sources = archive_sources()
    tables = set(metadata.tables)
    places = {f"{t.name}.{c.name}" for t in metadata.tables.values() for c in t.columns}
    assert {*sources.told, *sources.left_out} <= tables | places


def test_a_domain_that_says_nothing_is_noticed() -> None:
    """The control: without what the domains say, columns are left over."""
    left = plan_records({}, {}).unsaid
    assert "ledger_posting.amount" in left
    assert "platform_job.payload" in left
    assert "privacy_official_request.reason" in left


# With a row in every table


def _mark(table: str, column: str) -> str:
    return f"mark.{table}.{column}"


def _value(table: sa.Table, column: sa.Column[Any], number: int) -> object:
    kinds: list[tuple[type[Any], object]] = [
        (sa.LargeBinary, _mark(table.name, column.name).encode()),
        (sa.Boolean, True),
        (sa.Integer, number),
        (sa.Date, date(2026, 1, 1)),
        (sa.Text, _mark(table.name, column.name)),
    ]
    return next(value for kind, value in kinds if isinstance(column.type, kind))


def _lift_conditions(conn: sa.Connection, plan: RecordPlan, kind: DatabaseKind) -> None:
    """Let rows in that only the schema makes: whose neighbours are not there, or not so."""
    driver: Any = conn.connection.driver_connection
    if kind == "sqlite":
        driver.execute("PRAGMA foreign_keys=OFF")
        driver.execute("PRAGMA ignore_check_constraints=ON")
        return
    driver.execute("SET session_replication_role = replica")
    for record in plan.tables:
        for constraint in metadata.tables[record.name].constraints:
            if isinstance(constraint, sa.CheckConstraint):
                driver.execute(f"ALTER TABLE {record.name} DROP CONSTRAINT {constraint.name}")
    driver.commit()


def _fill(conn: sa.Connection, plan: RecordPlan, stand_in: dict[bool, str]) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for number, record in enumerate(plan.tables, start=1):
        if record.name in {"accounts_member", "wallet_party"}:
            continue
        table = metadata.tables[record.name]
        row = {
            column.name: _value(table, column, 1000 * number + place)
            for place, column in enumerate(table.columns)
        }
        is_money = record.name.startswith(("wallet_", "ledger_"))
        row[record.subjects[0]] = stand_in[is_money]
        conn.execute(sa.insert(table).values(**row))
        rows[record.name] = row
    return rows


def test_a_mark_in_every_column_comes_out_of_the_archive(
    db: Database, database_kind: DatabaseKind
) -> None:
    db.run(accounts.register_member, accounts.NewMember(user_id=ADA))
    party = db.run(party_of, ADA)
    plan = _plan()
    with db.engine.connect() as conn:
        _lift_conditions(conn, plan, database_kind)
        with conn.begin():
            rows = _fill(conn, plan, {False: ADA, True: str(party)})
    with db.reading() as read:
        _compare(read, plan, rows)


def _compare(read: Read, plan: RecordPlan, rows: dict[str, Any]) -> None:
    stand_ins = find_stand_ins(read, ADA)
    for record in plan.tables:
        if record.name not in rows:
            continue
        lines, count, after = read_rows(read, record, stand_ins, after=None)
        assert count >= 1, record.name
        check = jsonschema.Draft202012Validator(make_record_schema(record))
        for line in lines.splitlines():
            check.validate(json.loads(line))
        assert after is None
        for column in record.columns:
            value = rows[record.name][column]
            if isinstance(value, str):
                assert value.encode() in lines, (record.name, column)
            elif isinstance(value, int) and not isinstance(value, bool):
                assert f":{value}".encode() in lines, (record.name, column)
        hidden = {c.name for c in metadata.tables[record.name].columns} - {*record.columns}
        for column in hidden:
            assert _mark(record.name, column).encode() not in lines, (record.name, column)


@pytest.mark.parametrize("rows_at_a_time", [1, 2, 500])
def test_rows_come_a_part_at_a_time_and_each_once(
    db: Database, rows_at_a_time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("teahouse.privacy.archives.queries.ROWS_AT_A_TIME", rows_at_a_time)
    for user_id in (ADA, "@ben:teahouse.test"):
        db.run(accounts.register_member, accounts.NewMember(user_id=user_id))
    table = metadata.tables["accounts_profile"]
    with db.engine.begin() as conn:
        fields = [
            {"user_id": user_id, "field": f"f{n}", "value": '"x"'}
            for user_id in (ADA, "@ben:teahouse.test")
            for n in range(5)
        ]
        conn.execute(sa.insert(table), fields)
    (record,) = [one for one in _plan().tables if one.name == "accounts_profile"]
    lines, after = b"", None
    with db.reading() as read:
        while True:
            part, _count, after = read_rows(read, record, [ADA], after=after)
            lines += part
            if after is None:
                break
    assert [b'"f%d"' % n in lines for n in range(5)] == [True] * 5
    # And the name that they have had from the start.
    assert lines.count(b"\n") == 6
    assert b"@ben" not in lines
