"""Work that is done after the answer: enqueued with the change itself, run later, never lost.

A job is a row that is written in the transaction which makes it necessary (a transactional
outbox). A worker on any server leases it, runs its handler and removes it. A crash between the
two makes it run again, so a handler must bear being run twice.

    class Greeting(msgspec.Struct, frozen=True):
        member: str

    async def send_greeting(services: Services, payload: Greeting) -> None: ...

    GREET = JobKind("accounts.greet", send_greeting, Greeting)
    SWEEP = JobKind("accounts.sweep", sweep, every_ms=3_600_000)

    enqueue(tx, "accounts.greet", Greeting("@ada:teahouse.example"))
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

import msgspec
import sqlalchemy as sa

from teahouse.platform.announcements import Announcement
from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import Database, Read, Tx, metadata
from teahouse.platform.errors import NotFound
from teahouse.platform.json import JsonObject, encode_json
from teahouse.platform.logs import get_logger
from teahouse.platform.services import Services

JobStatus: TypeAlias = Literal["waiting", "dead"]

# One second, doubled each time up to an hour: ten tries outlast a partner's outage of half an
# hour, and nobody is called at night for a restart.
TRIES_MAX = 10
_BACKOFF_MS = 1000
_BACKOFF_MS_MAX = 3_600_000
# A handler is cut off at the end of its lease, so that no two servers ever run one job together.
LEASE_MS = 60_000
# The gap between cutting a handler off and the end of its lease, for clocks that differ.
_LEASE_MARGIN_MS = 5000
# Without a bus another server's jobs are found this late.
POLL_MS = 5000
CONCURRENT_JOBS_MAX = 8
_LIST_LIMIT = 1000

platform_job = sa.Table(
    "platform_job",
    metadata,
    sa.Column("id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("kind", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "key",
        sa.Text,
        info=personal("identifier", "so that work is asked for once", keep="job", seen_by=()),
    ),
    sa.Column(
        "payload",
        sa.Text,
        nullable=False,
        info=personal("activity", "work still to be done for you", keep="job", seen_by=()),
    ),
    sa.Column("status", sa.Text, nullable=False, info=impersonal()),
    sa.Column("created_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("run_at", sa.BigInteger, nullable=False, info=impersonal()),
    # How often it was asked for: an ask while it runs makes it run once more.
    sa.Column("ask_count", sa.Integer, nullable=False, info=impersonal()),
    # When those who asked while it ran want it again; what runs now answers to `run_at`.
    sa.Column("rerun_at", sa.BigInteger, info=impersonal()),
    sa.Column("try_count", sa.Integer, nullable=False, info=impersonal()),
    sa.Column("leased_until", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("leased_by", sa.Text, nullable=False, info=impersonal()),
    sa.Column("last_error", sa.Text, nullable=False, info=impersonal()),
    sa.UniqueConstraint("kind", "key"),
    sa.CheckConstraint("status IN ('waiting', 'dead')", name="status_known"),
    sa.Index(None, "status", "run_at"),
)

platform_timetable = sa.Table(
    "platform_timetable",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("last_run_at", sa.BigInteger, nullable=False, info=impersonal()),
)

_job = platform_job.c


class JobEnqueued(Announcement, frozen=True):
    """There is work: wakes the workers."""

    kind: str


class NoPayload(msgspec.Struct, frozen=True):
    """The payload of a job that needs none."""


# The second argument is of the kind's own payload type.
Handler: TypeAlias = Callable[[Services, Any], Awaitable[None]]


class JobKind(msgspec.Struct, frozen=True):
    """A kind of job.

    Attributes:
        name: `domain.verb_noun`; stored, so it outlives renamed functions.
        handler: does the work; it may run twice.
        payload: the struct that the handler is given.
        tries_max: how often it is tried before an operator must look.
        lease_ms: how long one try may take, milliseconds.
        every_ms: runs it on a timetable, this often.
    """

    name: str
    handler: Handler
    payload: type[msgspec.Struct] = NoPayload
    tries_max: int = TRIES_MAX
    lease_ms: int = LEASE_MS
    every_ms: int | None = None


class StoredJob(msgspec.Struct, frozen=True):
    """A job as an operator sees it: without what it says about anybody."""

    id: str
    kind: str
    status: JobStatus
    created_at: int
    run_at: int
    try_count: int
    last_error: str


class _Leased(msgspec.Struct, frozen=True):
    """A job in the hands of a worker."""

    id: str
    kind: str
    payload: str
    ask_count: int
    try_count: int


class JobMeter(Protocol):
    """Counts what became of jobs."""

    def count_job(self, kind: str, outcome: Literal["done", "failed", "dead"]) -> None:
        """Count one try."""
        ...


# Asking for work


def enqueue(
    tx: Tx,
    kind: str,
    payload: msgspec.Struct | JsonObject | None = None,
    *,
    run_at: int | None = None,
    key: str | None = None,
) -> None:
    """Ask for a job, in the transaction that makes it necessary.

    Args:
        tx: the transaction; without its commit there is no job.
        kind: the name of a `JobKind`.
        payload: what the handler is given, as JSON.
        run_at: not before this instant, milliseconds; at once by default.
        key: there is at most one job of this kind and key. Asking again moves it forward and
            replaces its payload; while it runs, it will run once more afterwards; a dead one
            lives again.
    """
    when = tx.now if run_at is None else run_at
    body = encode_json(NoPayload() if payload is None else payload).decode()
    if key is None or not _ask_again(tx, kind, key, payload=body, run_at=when):
        tx.conn.execute(
            sa.insert(platform_job).values(
                id=tx.new_id("job"),
                kind=kind,
                key=key,
                payload=body,
                status="waiting",
                created_at=tx.now,
                run_at=when,
                ask_count=1,
                try_count=0,
                leased_until=0,
                leased_by="",
                last_error="",
            )
        )
    tx.announce(JobEnqueued(kind))


def _ask_again(tx: Tx, kind: str, key: str, *, payload: str, run_at: int) -> bool:
    """Change the job of this key, if there is one."""
    sooner = sa.case((_job.run_at < run_at, _job.run_at), else_=run_at)
    is_running = _job.leased_until > tx.now
    rerun_sooner = sa.case((_job.rerun_at < run_at, _job.rerun_at), else_=run_at)
    changed = tx.conn.execute(
        sa.update(platform_job)
        .where(_job.kind == kind, _job.key == key)
        .values(
            payload=payload,
            ask_count=_job.ask_count + 1,
            run_at=sa.case(
                (_job.status == "dead", run_at), (is_running, _job.run_at), else_=sooner
            ),
            rerun_at=sa.case((is_running, rerun_sooner), else_=None),
            try_count=sa.case((_job.status == "dead", 0), else_=_job.try_count),
            status="waiting",
        )
    )
    return changed.rowcount > 0


# What an operator does


def list_jobs(
    read: Read, *, status: JobStatus | None = None, limit: int = _LIST_LIMIT
) -> list[StoredJob]:
    """Jobs not done yet, the next one first."""
    names = (
        _job.id,
        _job.kind,
        _job.status,
        _job.created_at,
        _job.run_at,
        _job.try_count,
    )
    query = sa.select(*names, _job.last_error).order_by(_job.run_at, _job.id).limit(limit)
    if status is not None:
        query = query.where(_job.status == status)
    return [StoredJob(*row) for row in read.conn.execute(query)]


def replay_job(tx: Tx, job_id: str) -> None:
    """Give a dead job all its tries again, from now on.

    Raises:
        NotFound: there is no dead job of that id.
    """
    changed = tx.conn.execute(
        sa.update(platform_job)
        .where(_job.id == job_id, _job.status == "dead")
        .values(status="waiting", run_at=tx.now, try_count=0)
        .returning(_job.kind)
    ).scalar_one_or_none()
    if changed is None:
        raise NotFound(f"There is no dead job {job_id}.")
    tx.announce(JobEnqueued(changed))


def discard_job(tx: Tx, job_id: str) -> None:
    """Give a dead job up for good.

    Raises:
        NotFound: there is no dead job of that id.
    """
    gone = tx.conn.execute(sa.delete(platform_job).where(_job.id == job_id, _job.status == "dead"))
    if gone.rowcount == 0:
        raise NotFound(f"There is no dead job {job_id}.")


def count_jobs(read: Read) -> dict[JobStatus, int]:
    """How many jobs wait and how many are dead."""
    counted = read.conn.execute(
        sa.select(_job.status, sa.func.count()).group_by(_job.status).order_by(_job.status)
    )
    counts: dict[JobStatus, int] = {"waiting": 0, "dead": 0}
    counts.update({row[0]: row[1] for row in counted})
    return counts


def count_open(read: Read, kinds: Sequence[str]) -> dict[JobStatus, int]:
    """How many jobs of some kinds are not done: those that wait or run, and those that are dead."""
    counted = read.conn.execute(
        sa.select(_job.status, sa.func.count())
        .where(_job.kind.in_(list(kinds)))
        .group_by(_job.status)
    )
    return {row[0]: row[1] for row in counted}


def forget_jobs_naming(tx: Tx, who: str, *, but: Sequence[str]) -> int:
    """Give up the work that is still to be done for somebody who is erased.

    Args:
        tx: the transaction.
        who: as keys and payloads name them.
        but: kinds that erase, and so must be done.

    Returns:
        How many jobs.
    """
    names = sa.or_(
        _job.key.contains(who, autoescape=True), _job.payload.contains(who, autoescape=True)
    )
    return tx.conn.execute(sa.delete(platform_job).where(names, _job.kind.not_in(but))).rowcount


# Doing it


class Worker:
    """Runs jobs that are due, several beside one another, on one or more servers.

    Args:
        db: where the jobs are.
        services: handed to every handler.
        kinds: what this server can do; jobs of other kinds are left to others.
        meter: counts outcomes.
    """

    def __init__(
        self,
        db: Database,
        services: Services,
        kinds: Sequence[JobKind],
        *,
        meter: JobMeter | None = None,
    ) -> None:
        self._db = db
        self._services = services
        self._kinds = {kind.name: kind for kind in kinds}
        assert len(self._kinds) == len(kinds), "two kinds of one name"
        self._name = db.ids.new("worker")
        self._meter = meter
        self._log = get_logger()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._main: asyncio.Task[None] | None = None
        db.listen(self._hear)

    def start(self) -> None:
        """Begin to work in the running event loop."""
        assert self._main is None, "started twice"
        self._loop = asyncio.get_running_loop()
        self._main = self._loop.create_task(self._work(), name="jobs")

    async def stop(self, grace_seconds: float = 10) -> None:
        """Take no more jobs, wait for those that run, give back what is not done by then."""
        if self._main is None:
            return
        self._main.cancel()
        await asyncio.wait([self._main])
        self._main = None
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=grace_seconds)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)

    async def run_due(self) -> int:
        """Run what is due, one after another, until nothing is: for simulations and tests.

        Returns:
            How many tries were made.
        """
        count = 0
        while leased := await self._db.write(_lease, self._name, self._kinds, limit=1):
            await self._run(leased[0])
            count += 1
        return count

    async def _work(self) -> None:
        while True:
            self._woken.clear()
            try:
                await self._take()
                wait_ms = await self._db.read(_wait_ms, self._kinds)
            except Exception as trouble:  # noqa: BLE001 - a fault of the database: tried again
                self._log.error("jobs_cannot_be_read", error=type(trouble).__name__)
                wait_ms = POLL_MS
            if len(self._running) >= CONCURRENT_JOBS_MAX:
                wait_ms = POLL_MS  # the end of any of them wakes us
            try:
                await asyncio.wait_for(self._woken.wait(), wait_ms / 1000)
            except TimeoutError:
                continue

    async def _take(self) -> None:
        free = CONCURRENT_JOBS_MAX - len(self._running)
        if free <= 0:
            return
        for job in await self._db.write(_lease, self._name, self._kinds, limit=free):
            task = asyncio.create_task(self._run(job), name=f"job {job.kind}")
            self._running.add(task)
            task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._woken.set()

    def _hear(self, announcements: list[Announcement], _position: int) -> None:
        if self._loop is None or not any(isinstance(a, JobEnqueued) for a in announcements):
            return
        # The listener may be called in the writer thread.
        self._loop.call_soon_threadsafe(self._woken.set)

    async def _run(self, job: _Leased) -> None:
        kind = self._kinds[job.kind]
        try:
            payload = msgspec.json.decode(job.payload, type=kind.payload)
            async with asyncio.timeout((kind.lease_ms - _LEASE_MARGIN_MS) / 1000):
                await kind.handler(self._services, payload)
        except asyncio.CancelledError:
            await asyncio.shield(self._db.write(_give_back, self._name, job))
            raise
        except Exception as trouble:  # noqa: BLE001 - one bad job must not stop the others
            await self._fail(kind, job, trouble)
        else:
            await self._db.write(_finish, self._name, job)
            self._count(kind, "done")

    async def _fail(self, kind: JobKind, job: _Leased, trouble: Exception) -> None:
        where = _describe(trouble)
        dead = await self._db.write(_record_failure, self._name, job, kind=kind, error=where)
        self._count(kind, "dead" if dead else "failed")
        log = self._log.error if dead else self._log.warning
        log("job_dead" if dead else "job_failed", kind=job.kind, job=job.id, error=where)

    def _count(self, kind: JobKind, outcome: Literal["done", "failed", "dead"]) -> None:
        if self._meter is not None:
            self._meter.count_job(kind.name, outcome)


def _describe(trouble: Exception) -> str:
    """The kind of error and where it arose; its text could say something about somebody."""
    frames = traceback.extract_tb(trouble.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(trouble).__name__}{where}"


# A worker's commands


def _lease(tx: Tx, worker: str, kinds: dict[str, JobKind], *, limit: int) -> list[_Leased]:
    """Take jobs that are due, so that no other worker does."""
    _enqueue_timetables(tx, kinds)
    due = (
        sa.select(_job.id, _job.kind, _job.payload, _job.ask_count, _job.try_count)
        .where(
            _job.status == "waiting",
            _job.run_at <= tx.now,
            _job.leased_until <= tx.now,
            _job.kind.in_(sorted(kinds)),
        )
        .order_by(_job.run_at, _job.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    leased = [_Leased(*row) for row in tx.conn.execute(due)]
    for job in leased:
        # Counted before the try: a job that kills its server must not do so for ever.
        taken = {"leased_by": worker, "leased_until": tx.now + kinds[job.kind].lease_ms}
        if job.try_count >= kinds[job.kind].tries_max:
            taken = {"status": "dead", "last_error": "The server died while it ran."}
        tx.conn.execute(
            sa.update(platform_job)
            .where(_job.id == job.id)
            .values(try_count=job.try_count + 1, **taken)
        )
    return [job for job in leased if job.try_count < kinds[job.kind].tries_max]


def _enqueue_timetables(tx: Tx, kinds: dict[str, JobKind]) -> None:
    """Enqueue the recurring jobs whose time has come: once, however many times were missed."""
    recurring = {name: kind.every_ms for name, kind in kinds.items() if kind.every_ms is not None}
    if not recurring:
        return
    table = platform_timetable
    rows = tx.conn.execute(sa.select(table.c.kind, table.c.last_run_at).order_by(table.c.kind))
    last_runs = {row[0]: row[1] for row in rows}
    for name, every_ms in recurring.items():
        last_run = last_runs.get(name)
        if last_run is None:
            tx.conn.execute(sa.insert(table), {"kind": name, "last_run_at": tx.now})
        elif last_run + every_ms <= tx.now:
            tx.conn.execute(sa.update(table).where(table.c.kind == name).values(last_run_at=tx.now))
        else:
            continue
        enqueue(tx, name, key="timetable")


def _mine(worker: str, job: _Leased) -> sa.ColumnElement[bool]:
    """Whether the lease still holds: who lost it must not touch the job."""
    return sa.and_(_job.id == job.id, _job.leased_by == worker)


def _finish(tx: Tx, worker: str, job: _Leased) -> None:
    done = sa.delete(platform_job).where(_mine(worker, job), _job.ask_count == job.ask_count)
    if tx.conn.execute(done).rowcount == 0:
        # Asked for again while it ran.
        again_at = sa.func.coalesce(_job.rerun_at, _job.run_at)
        _release(tx, worker, job, try_count=0, run_at=again_at, rerun_at=None)


def _give_back(tx: Tx, worker: str, job: _Leased) -> None:
    """The server stops: this try does not count."""
    _release(tx, worker, job, try_count=job.try_count)


def _release(tx: Tx, worker: str, job: _Leased, **values: object) -> None:
    tx.conn.execute(
        sa.update(platform_job)
        .where(_mine(worker, job))
        .values(leased_until=0, leased_by="", **values)
    )


def _record_failure(tx: Tx, worker: str, job: _Leased, *, kind: JobKind, error: str) -> bool:
    """Try again later, or never.

    Returns:
        Whether the job is dead.
    """
    tries = job.try_count + 1
    if tries >= kind.tries_max:
        _release(tx, worker, job, status="dead", last_error=error)
        return True
    wait_ms = min(_BACKOFF_MS * 2 ** (tries - 1), _BACKOFF_MS_MAX)
    # Jobs that failed together must not all come back together.
    wait_ms = round(wait_ms * tx.chance.games.uniform(0.5, 1.5))
    _release(tx, worker, job, run_at=tx.now + wait_ms, last_error=error)
    return False


def _wait_ms(read: Read, kinds: dict[str, JobKind]) -> int:
    """How long nothing will be due, milliseconds, at most `POLL_MS`."""
    when = sa.case((_job.run_at < _job.leased_until, _job.leased_until), else_=_job.run_at)
    first: int | None = read.conn.execute(
        sa.select(sa.func.min(when)).where(_job.status == "waiting", _job.kind.in_(sorted(kinds)))
    ).scalar_one()
    if first is None:
        return POLL_MS
    return max(0, min(POLL_MS, first - read.now))
