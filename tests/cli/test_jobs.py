"""`teahouse jobs`."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from teahouse.platform.jobs import JobKind, NoPayload, Worker, enqueue, list_jobs
from teahouse.platform.services import Services
from tests.cli.conftest import Run
from tests.platform.test_jobs import services_of


async def _fail(_services: Services, _payload: NoPayload) -> None:
    raise ConnectionError


@pytest.fixture
def dead(db: Database, clock: ManualClock, tmp_path: Path) -> list[str]:
    """The ids of two dead jobs; a third one waits."""
    for _ in range(2):
        db.run(enqueue, "greet")
    kinds = [JobKind("greet", _fail, tries_max=1)]
    asyncio.run(Worker(db, services_of(db, tmp_path), kinds).run_due())
    db.run(enqueue, "later", run_at=clock.now_ms() + 1000)
    return [job.id for job in db.look(list_jobs, status="dead")]


def test_dead_jobs_are_listed(run: Run, dead: list[str]) -> None:
    lines = run("jobs", "list", "--status", "dead").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["JOB", *dead]
    assert "ConnectionError at test_jobs.py" in lines[1]
    found = msgspec.json.decode(run("jobs", "list", "--json").stdout)
    assert [job["status"] for job in found] == ["dead", "dead", "waiting"]
    assert "payload" not in found[0]


def test_one_dead_job_is_replayed(run: Run, db: Database, dead: list[str]) -> None:
    run("jobs", "replay", dead[0])
    assert [job.id for job in db.look(list_jobs, status="dead")] == dead[1:]


def test_all_dead_jobs_are_replayed(run: Run, db: Database, dead: list[str]) -> None:
    assert "2 replayed" in run("jobs", "replay", "--all").stderr
    assert len(db.look(list_jobs, status="waiting")) == len(dead) + 1


def test_dead_jobs_are_discarded_only_when_agreed(run: Run, db: Database, dead: list[str]) -> None:
    assert "--yes" in run("jobs", "discard", dead[0], exit_code=2).stderr
    assert len(db.look(list_jobs, status="dead")) == 2
    run("jobs", "discard", dead[0], "--yes")
    assert [job.id for job in db.look(list_jobs, status="dead")] == dead[1:]
    run("jobs", "discard", "--all", "--yes")
    assert db.look(list_jobs, status="dead") == []
    assert len(db.look(list_jobs)) == 1


@pytest.mark.parametrize("verb", ["replay", "discard"])
@pytest.mark.parametrize(
    ("arguments", "exit_code"), [([], 2), (["job_none", "--all"], 2), (["job_none"], 1)]
)
def test_jobs_must_be_named_and_be_there(
    run: Run, verb: str, arguments: list[str], exit_code: int
) -> None:
    yes = ["--yes"] if verb == "discard" else []
    run("jobs", verb, *arguments, *yes, exit_code=exit_code)
