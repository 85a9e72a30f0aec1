"""Jobs: enqueued with the change, run later, never lost, on both databases."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from teahouse.platform.clock import ManualClock, SystemClock
from teahouse.platform.db import Database, Tx
from teahouse.platform.errors import NotFound, Refusal
from teahouse.platform.files import Files
from teahouse.platform.jobs import (
    LEASE_MS,
    JobKind,
    NoPayload,
    Worker,
    count_jobs,
    discard_job,
    enqueue,
    list_jobs,
    replay_job,
)
from teahouse.platform.services import Services
from teahouse.platform.settings import load_settings
from tests.kit.database import open_database

HOUR_MS = 3_600_000


class Greeting(msgspec.Struct, frozen=True):
    """Whom to greet."""

    name: str


class Guests:
    """A handler's outside: who was greeted, and how often greeting them must fail."""

    def __init__(self) -> None:
        self.greeted: list[str] = []
        self.failures = 0

    async def greet(self, _services: Services, payload: Greeting) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError(f"{payload.name} does not hear")
        self.greeted.append(payload.name)

    async def count(self, _services: Services, _payload: NoPayload) -> None:
        self.greeted.append("all")


def services_of(db: Database, folder: Path) -> Services:
    settings = load_settings(environ={}, data=str(folder))
    files = Files("", folder / "files")
    return Services(settings=settings, clock=db.clock, chance=db.chance, db=db, files=files)


@pytest.fixture
def guests() -> Guests:
    return Guests()


@pytest.fixture
def worker(db: Database, guests: Guests, tmp_path: Path) -> Worker:
    kinds = [JobKind("greet", guests.greet, Greeting, tries_max=3)]
    return Worker(db, services_of(db, tmp_path), kinds)


def ask(db: Database, name: str, *, key: str | None = None, run_at: int | None = None) -> None:
    db.run(enqueue, "greet", Greeting(name), key=key, run_at=run_at)
    # Jobs of the same millisecond have no order.
    assert isinstance(db.clock, ManualClock)
    db.clock.advance(1)


def test_a_job_runs_once_and_is_gone(db: Database, worker: Worker, guests: Guests) -> None:
    ask(db, "ada")
    assert asyncio.run(worker.run_due()) == 1
    assert asyncio.run(worker.run_due()) == 0
    assert guests.greeted == ["ada"]
    assert db.look(list_jobs) == []


def test_a_command_that_is_refused_leaves_no_job(db: Database) -> None:
    def refused(tx: Tx) -> None:
        enqueue(tx, "greet", Greeting("ada"))
        raise Refusal

    with pytest.raises(Refusal):
        db.run(refused)
    assert db.look(list_jobs) == []


def test_jobs_wait_for_their_time_and_run_in_its_order(
    db: Database, worker: Worker, guests: Guests, clock: ManualClock
) -> None:
    now = clock.now_ms()
    ask(db, "last", run_at=now + 2000)
    ask(db, "middle", run_at=now + 1000)
    ask(db, "first")
    asyncio.run(worker.run_due())
    assert guests.greeted == ["first"]
    clock.advance(2000)
    asyncio.run(worker.run_due())
    assert guests.greeted == ["first", "middle", "last"]


def test_one_key_is_one_job(db: Database, worker: Worker, guests: Guests) -> None:
    ask(db, "ada", key="a")
    ask(db, "adele", key="a")
    ask(db, "bob", key="b")
    asyncio.run(worker.run_due())
    assert guests.greeted == ["adele", "bob"]


def test_a_key_asked_for_while_its_job_runs_makes_it_run_again(
    db: Database, tmp_path: Path
) -> None:
    seen: list[str] = []

    async def greet(services: Services, payload: Greeting) -> None:
        seen.append(payload.name)
        if len(seen) == 1:
            await services.db.write(enqueue, "greet", Greeting("once more"), key="a")

    worker = Worker(db, services_of(db, tmp_path), [JobKind("greet", greet, Greeting)])
    ask(db, "ada", key="a")
    asyncio.run(worker.run_due())
    assert seen == ["ada", "once more"]
    assert db.look(list_jobs) == []


def test_a_job_that_asks_for_itself_later_runs_later(
    db: Database, clock: ManualClock, tmp_path: Path
) -> None:
    seen: list[int] = []

    async def look(services: Services, _payload: NoPayload) -> None:
        now = services.clock.now_ms()
        seen.append(now)
        # The sooner one counts.
        await services.db.write(enqueue, "look", key="soon", run_at=now + 5000)
        await services.db.write(enqueue, "look", key="soon", run_at=now + 1000)

    worker = Worker(db, services_of(db, tmp_path), [JobKind("look", look)])
    db.run(enqueue, "look", key="soon")
    began = clock.now_ms()
    for _ in range(3):
        assert asyncio.run(worker.run_due()) == 1
        assert asyncio.run(worker.run_due()) == 0
        clock.advance(1000)
    assert [at - began for at in seen] == [0, 1000, 2000]


def test_a_job_that_fails_is_tried_later_each_time_and_dies_at_last(
    db: Database, worker: Worker, guests: Guests, clock: ManualClock
) -> None:
    guests.failures = 99
    ask(db, "ada")
    waits: list[int] = []
    while True:
        asyncio.run(worker.run_due())
        [job] = db.look(list_jobs)
        if job.status == "dead":
            break
        waits.append(job.run_at - clock.now_ms())
        clock.advance(waits[-1])
    assert len(waits) == 2
    assert 500 <= waits[0] <= 1500
    assert 1000 <= waits[1] <= 3000
    assert job.try_count == 3
    assert job.last_error.startswith("ConnectionError at test_jobs.py:")
    assert "ada" not in job.last_error


def test_a_failed_job_runs_well_when_the_trouble_is_over(
    db: Database, worker: Worker, guests: Guests, clock: ManualClock
) -> None:
    guests.failures = 1
    ask(db, "ada")
    ask(db, "bob")
    asyncio.run(worker.run_due())
    assert guests.greeted == ["bob"]
    clock.advance(2000)
    asyncio.run(worker.run_due())
    assert guests.greeted == ["bob", "ada"]
    assert db.look(list_jobs) == []


def test_an_operator_sees_replays_and_discards_the_dead(
    db: Database, worker: Worker, guests: Guests, clock: ManualClock
) -> None:
    guests.failures = 6
    ask(db, "ada")
    ask(db, "bob")
    for _ in range(3):
        asyncio.run(worker.run_due())
        clock.advance(HOUR_MS)
    ask(db, "cleo", run_at=clock.now_ms() + HOUR_MS)
    assert db.look(count_jobs) == {"waiting": 1, "dead": 2}
    first, second = db.look(list_jobs, status="dead")

    db.run(replay_job, first.id)
    asyncio.run(worker.run_due())
    assert len(guests.greeted) == 1
    db.run(discard_job, second.id)
    assert [job.status for job in db.look(list_jobs)] == ["waiting"]

    [waiting] = db.look(list_jobs)
    for command in (replay_job, discard_job):
        for job_id in (waiting.id, first.id, "job_none"):
            with pytest.raises(NotFound):
                db.run(command, job_id)
    assert db.look(list_jobs) == [waiting]


def test_a_dead_job_lives_again_when_its_key_is_asked_for(
    db: Database, worker: Worker, guests: Guests, clock: ManualClock
) -> None:
    guests.failures = 3
    ask(db, "ada", key="a")
    for _ in range(3):
        asyncio.run(worker.run_due())
        clock.advance(HOUR_MS)
    assert db.look(count_jobs) == {"waiting": 0, "dead": 1}
    ask(db, "ada", key="a")
    asyncio.run(worker.run_due())
    assert guests.greeted == ["ada"]


def test_a_payload_of_another_shape_dies_without_reaching_the_handler(
    db: Database, worker: Worker, guests: Guests, clock: ManualClock
) -> None:
    db.run(enqueue, "greet", {"name": 5})
    for _ in range(3):
        asyncio.run(worker.run_due())
        clock.advance(HOUR_MS)
    assert db.look(count_jobs) == {"waiting": 0, "dead": 1}
    assert guests.greeted == []


def test_jobs_of_a_kind_this_server_does_not_know_are_left(db: Database, worker: Worker) -> None:
    db.run(enqueue, "of a later release")
    assert asyncio.run(worker.run_due()) == 0
    assert len(db.look(list_jobs)) == 1


def test_a_timetable_is_kept_over_restarts_and_missed_times_are_made_up_for_once(
    db: Database, guests: Guests, clock: ManualClock, tmp_path: Path
) -> None:
    kinds = [JobKind("count", guests.count, every_ms=HOUR_MS)]
    runs = []
    for wait_ms in (0, HOUR_MS // 2, HOUR_MS // 2, 5 * HOUR_MS, HOUR_MS - 1, 1):
        clock.advance(wait_ms)
        restarted = Worker(db, services_of(db, tmp_path), kinds)
        runs.append(asyncio.run(restarted.run_due()))
    assert runs == [1, 0, 1, 1, 0, 1]


def test_a_month_of_timetables_runs_in_seconds(
    db: Database, guests: Guests, clock: ManualClock, tmp_path: Path
) -> None:
    kinds = [JobKind("count", guests.count, every_ms=6 * HOUR_MS)]
    worker = Worker(db, services_of(db, tmp_path), kinds)

    async def month() -> None:
        for _ in range(30 * 4):
            await worker.run_due()
            clock.advance(6 * HOUR_MS)

    asyncio.run(month())
    assert len(guests.greeted) == 120


def test_a_leased_job_is_not_run_by_another_server_until_its_lease_ends(
    database_url: str, db: Database, guests: Guests, clock: ManualClock, tmp_path: Path
) -> None:
    started = asyncio.Event()

    async def hang(_services: Services, _payload: Greeting) -> None:
        started.set()
        await asyncio.Event().wait()

    async def story(other: Worker) -> None:
        hanging = Worker(db, services_of(db, tmp_path), [JobKind("greet", hang, Greeting)])
        task = asyncio.create_task(hanging.run_due())
        await started.wait()
        assert await other.run_due() == 0
        clock.advance(LEASE_MS)
        assert await other.run_due() == 1
        # Who lost the lease must not touch what the other did.
        task.cancel()
        await asyncio.wait([task])

    ask(db, "ada")
    with open_database(database_url, clock) as other_db:
        kinds = [JobKind("greet", guests.greet, Greeting)]
        asyncio.run(story(Worker(other_db, services_of(other_db, tmp_path), kinds)))
    assert guests.greeted == ["ada"]
    assert db.look(list_jobs) == []


def test_a_handler_that_takes_longer_than_its_lease_is_cut_off(
    db: Database, tmp_path: Path
) -> None:
    async def hang(_services: Services, _payload: Greeting) -> None:
        await asyncio.Event().wait()

    kinds = [JobKind("greet", hang, Greeting, lease_ms=5001, tries_max=1)]
    ask(db, "ada")
    asyncio.run(Worker(db, services_of(db, tmp_path), kinds).run_due())
    [job] = db.look(list_jobs)
    assert job.status == "dead"
    assert job.last_error.startswith("TimeoutError")


# The worker that runs by itself


def test_a_worker_wakes_at_once_and_runs_jobs_side_by_side(
    database_url: str, tmp_path: Path
) -> None:
    together = asyncio.Barrier(5)

    async def meet(_services: Services, _payload: Greeting) -> None:
        await together.wait()

    async def story(db: Database) -> None:
        worker = Worker(db, services_of(db, tmp_path), [JobKind("greet", meet, Greeting)])
        worker.start()
        await asyncio.sleep(0.05)
        for name in "abcd":
            await db.write(enqueue, "greet", Greeting(name))
        async with asyncio.timeout(2):
            await together.wait()
        await worker.stop()

    with open_database(database_url, SystemClock()) as db:
        asyncio.run(story(db))
        assert db.look(list_jobs) == []


def test_a_worker_that_stops_lets_short_jobs_end_and_gives_back_long_ones(
    database_url: str, tmp_path: Path
) -> None:
    started = asyncio.Event()
    ended: list[str] = []

    async def work(_services: Services, payload: Greeting) -> None:
        started.set()
        await asyncio.sleep(0.1 if payload.name == "short" else 60)
        ended.append(payload.name)

    async def story(db: Database) -> None:
        worker = Worker(db, services_of(db, tmp_path), [JobKind("greet", work, Greeting)])
        worker.start()
        for name in ("long", "short"):
            await db.write(enqueue, "greet", Greeting(name))
        await started.wait()
        await asyncio.sleep(0.05)
        await worker.stop(grace_seconds=0.3)

    with open_database(database_url, SystemClock()) as db:
        asyncio.run(story(db))
        assert ended == ["short"]
        [job] = db.look(list_jobs)
        assert (job.status, job.try_count) == ("waiting", 0)


# Crashes

_CRASHING_SERVER = """
import asyncio, sys
from pathlib import Path
from teahouse.platform.clock import ManualClock
from teahouse.platform.jobs import JobKind, Worker
from tests.kit.database import open_database
from tests.platform.test_jobs import Greeting, services_of

async def hang(services, payload):
    print("running", flush=True)
    await asyncio.Event().wait()

with open_database(sys.argv[1], ManualClock(int(sys.argv[2]))) as db:
    kinds = [JobKind("greet", hang, Greeting, tries_max=3)]
    asyncio.run(Worker(db, services_of(db, Path(sys.argv[3])), kinds).run_due())
"""


@pytest.fixture
def crash(database_url: str, clock: ManualClock, tmp_path: Path) -> Callable[[], None]:
    """Start a server that takes a job, and kill it in the middle."""

    def start_and_kill() -> None:
        arguments = [database_url, str(clock.now_ms()), str(tmp_path)]
        with subprocess.Popen(
            [sys.executable, "-c", _CRASHING_SERVER, *arguments], stdout=subprocess.PIPE
        ) as server:
            assert server.stdout is not None
            assert server.stdout.readline() == b"running\n"
            os.kill(server.pid, signal.SIGKILL)

    return start_and_kill


def test_a_job_survives_kill_9_in_its_middle(
    db: Database, worker: Worker, guests: Guests, clock: ManualClock, crash: Callable[[], None]
) -> None:
    ask(db, "ada")
    crash()
    assert asyncio.run(worker.run_due()) == 0
    clock.advance(LEASE_MS)
    assert asyncio.run(worker.run_due()) == 1
    assert guests.greeted == ["ada"]


def test_a_job_that_kills_its_server_dies_after_its_tries(
    db: Database, guests: Guests, clock: ManualClock, crash: Callable[[], None], tmp_path: Path
) -> None:
    ask(db, "ada")
    crash()
    clock.advance(LEASE_MS)
    kinds = [JobKind("greet", guests.greet, Greeting, tries_max=1)]
    assert asyncio.run(Worker(db, services_of(db, tmp_path), kinds).run_due()) == 0
    assert guests.greeted == []
    assert [job.status for job in db.look(list_jobs)] == ["dead"]
