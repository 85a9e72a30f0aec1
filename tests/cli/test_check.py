"""`teahouse check`."""

import msgspec
import sqlalchemy as sa

from teahouse.cli.check import all_checks
from teahouse.platform.checks import PROBLEMS_MAX, Check, reference_check, run_checks
from teahouse.platform.db import Database, platform_position
from teahouse.platform.jobs import enqueue, platform_job, platform_timetable
from teahouse.platform.settings import Settings
from tests.cli.conftest import Run


def test_a_sound_house_passes(run: Run) -> None:
    lines = run("check").stdout.splitlines()
    assert lines
    assert all(line.startswith("ok ") for line in lines)
    found = msgspec.json.decode(run("check", "--json").stdout)
    assert len(found) == len(all_checks(Settings()))
    assert not any(checked["problems"] for checked in found)


def test_a_broken_rule_is_told_and_the_exit_code_says_so(run: Run, db: Database) -> None:
    with db.engine.begin() as conn:
        conn.execute(sa.delete(platform_position))
    assert "WRONG platform: No row has a position" in run("check", exit_code=1).stdout
    [first, *_] = msgspec.json.decode(run("check", "--json", exit_code=1).stdout)
    assert first["problems"] == ["platform_position has no row 'main'"]


def test_a_reference_to_what_is_not_there_is_found(db: Database) -> None:
    check = reference_check(
        "timetables: Each job is on one", platform_job.c.kind, platform_timetable.c.kind
    )
    db.run(enqueue, "known")
    for _ in range(2):
        db.run(enqueue, "unknown")
    with db.engine.begin() as conn:
        conn.execute(sa.insert(platform_timetable), {"kind": "known", "last_run_at": 0})
    with db.reading() as read:
        [checked] = run_checks(read, [check])
    assert checked.problems == ["platform_job.kind names unknown, which is not there"]


def test_a_rule_broken_everywhere_tells_only_some_places(db: Database) -> None:
    check = Check("tests: Nothing is wrong", lambda _read: map(str, range(10_000)))
    with db.reading() as read:
        [checked] = run_checks(read, [check])
    assert len(checked.problems) == PROBLEMS_MAX


def test_every_check_has_a_domain_and_a_sentence() -> None:
    names = [check.name for check in all_checks(Settings())]
    assert len(set(names)) == len(names)
    assert all(": " in name for name in names)
