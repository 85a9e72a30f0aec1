"""The database: one writer thread with group commit, readers beside it.

A command is a plain function of a `Tx` and its arguments. `await db.write(command, ...)` queues it;
the writer runs what waits, each under its own savepoint, and commits them together: one fsync pays
for all, and no answer leaves before its commit. A hot command may take a whole run of calls at once
(`write_batched`). Queries are plain functions of a `Read`.

With `driver.py` the only file that knows which database it is.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.pool import QueuePool

from teahouse.platform.announcements import Announcement, CachesOutdated
from teahouse.platform.chance import Chance
from teahouse.platform.clock import Clock
from teahouse.platform.data_map import impersonal
from teahouse.platform.errors import Overloaded, Refusal
from teahouse.platform.ids import IdSource
from teahouse.platform.logs import get_logger

_log = get_logger()

P = ParamSpec("P")
R = TypeVar("R")
I = TypeVar("I")
A = TypeVar("A", bound=Announcement)
F = TypeVar("F", bound=Refusal)

# One group is one transaction. 256 calls keep a group under some 50 ms, so that nobody waits long
# behind others' work, and already share one fsync among more than anybody would notice.
GROUP_SIZE_MAX = 256
GATHER_SECONDS = 0.0015
# Waiting ends early once as many are there as in the largest of so many groups before: then all
# those who send again as soon as they are answered have come back. With 16 such callers a group
# takes 2 ms instead of 3.
_GATHER_STEPS = 5
_GROUPS_REMEMBERED = 32
# What may wait for the writer before new work is refused: about four seconds of work.
QUEUE_SIZE_MAX = 8192
# PostgreSQL may refuse to serialise a group with another server's work. Servers that tried again at
# once would collide again: each waits a while of its own, twice as long each time. Eight tries
# take half a second at worst and outlive collisions among a handful of busy servers.
SERIALIZATION_TRIES_MAX = 8
SERIALIZATION_WAIT_SECONDS = 0.002
READER_COUNT = 4
STATEMENT_TIMEOUT_MS = 30_000

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Text in the order of its code points on both databases, so that a prefix is a range of the index.
SortedText = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

# The one order of everything that happens. Whoever takes a position holds this row until the
# commit, so positions become visible in their order, on both databases.
platform_position = sa.Table(
    "platform_position",
    metadata,
    sa.Column("name", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("position", sa.BigInteger, nullable=False, info=impersonal()),
)

_MAIN = "main"
_select_position = (
    sa.select(platform_position.c.position)
    .where(platform_position.c.name == _MAIN)
    .with_for_update()
)
_peek_position = sa.select(platform_position.c.position).where(platform_position.c.name == _MAIN)
_update_position = sa.update(platform_position).where(platform_position.c.name == _MAIN)


class Read:
    """One consistent view of the database.

    Attributes:
        conn: the connection, inside a transaction.
        now: the instant of the transaction, milliseconds since the epoch.
    """

    __slots__ = ("conn", "now")

    def __init__(self, conn: sa.Connection, now: int) -> None:
        self.conn = conn
        self.now = now


class Tx(Read):
    """What a command works with: a connection, one instant, ids, chance, announcements.

    Attributes:
        ids: makes ids.
        chance: makes chance.
        announcements: what others must hear.
        memory: what commands remember from one transaction to the next. This one may yet be rolled
            back, and other servers write too: whoever remembers must see by what it reads that
            what it remembers still holds.
    """

    __slots__ = ("_group", "announcements", "chance", "ids", "memory")

    def __init__(self, conn: sa.Connection, now: int, group: _Group) -> None:
        super().__init__(conn, now)
        self.ids = group.db.ids
        self.chance = group.db.chance
        self.announcements: list[Announcement] = []
        self.memory = group.db.memory
        self._group = group

    def new_id(self, prefix: str) -> str:
        """A new opaque id, sortable by time."""
        return self.ids.new(prefix)

    def next_position(self, count: int = 1) -> int:
        """Take the next `count` positions in the order of all that happens.

        Returns:
            The last of them.
        """
        return self._group.take_positions(count)

    def announce(self, announcement: Announcement) -> None:
        """Tell others: those who react do so now, those who listen after the commit."""
        self.announcements.append(announcement)
        for reaction in self._group.db.reactions_to(type(announcement)):
            reaction(self, announcement)

    def note(self, refusal: BaseException) -> None:
        """Keep what must be kept of a refusal, once what it refused was rolled back."""
        note = self._group.db.note_of(type(refusal))
        if note is not None:
            note(self, refusal)


class _Group:
    """The calls of one transaction, and the positions they take."""

    def __init__(self, db: Database, conn: sa.Connection) -> None:
        self.db = db
        self.conn = conn
        self.position: int | None = None
        self.foreign = False

    def take_positions(self, count: int) -> int:
        if self.position is None:
            self.position = self.conn.execute(_select_position).scalar_one()
            self.foreign = self.position != self.db.position
        self.position += count
        return self.position

    def keep_position(self) -> None:
        if self.position is not None:
            self.conn.execute(_update_position, {"position": self.position})


class _Call(Generic[R]):
    """A command waiting for the writer.

    Outcomes are kept until the commit and only then handed to the caller.
    """

    __slots__ = ("announcements", "batch", "error", "future", "item", "loop", "result", "run")

    def __init__(
        self,
        run: Callable[[Tx], R] | None,
        *,
        batch: Callable[[Tx, list[Any]], Sequence[R | Exception]] | None = None,
        item: Any = None,  # noqa: ANN401 - typed by write_batched
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self.run = run
        self.batch = batch
        self.item = item
        self.loop = loop
        self.future: Any = concurrent.futures.Future() if loop is None else loop.create_future()
        self.result: R | None = None
        self.error: BaseException | None = None
        self.announcements: list[Announcement] = []

    def settle(self) -> None:
        """Hand the outcome to the caller; in the caller's loop where there is one."""
        if self.future.done():  # the caller went away; the command holds all the same
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class DatabaseMeter(Protocol):
    """Counts what the writer does."""

    def count_group(self, size: int, seconds: float) -> None:
        """Count a commit: how many commands, and how long."""
        ...


class Database:
    """The writer, the readers, and who is told of what.

    Args:
        url: an SQLAlchemy URL, `sqlite:///path` or `postgresql+psycopg://...`.
        clock: gives each transaction its instant.
        chance: randomness for commands.
    """

    def __init__(self, url: str, *, clock: Clock, chance: Chance) -> None:
        self.clock = clock
        self.chance = chance
        self.ids = IdSource(clock, chance)
        self.engine = create_engine(url)
        self._read_engine = create_engine(url, read_only=True)
        self.meter: DatabaseMeter | None = None
        self.position = 0
        self.memory: dict[str, object] = {}
        self._stopping = False
        self._last_group_sizes: deque[int] = deque([0], maxlen=_GROUPS_REMEMBERED)
        self._queue: queue.SimpleQueue[_Call[Any] | None] = queue.SimpleQueue()
        self._reactions: dict[type[Announcement], list[Callable[[Tx, Any], None]]] = {}
        self._listeners: list[Callable[[list[Announcement], int], None]] = []
        self._notes: dict[type[BaseException], Callable[[Tx, Any], None]] = {}
        self._writer: threading.Thread | None = None
        # Held by a group while it is committed, and by whoever rewrites the database.
        self._writing = threading.Lock()
        self._readers = concurrent.futures.ThreadPoolExecutor(READER_COUNT, "reader")

    # Life

    def start(self) -> None:
        """Start the writer. The schema must be there (`teahouse.migrations.upgrade`)."""
        assert self._writer is None, "started twice"
        self.position = self.poll_position()
        self._writer = threading.Thread(target=self._write_groups, name="writer", daemon=True)
        self._writer.start()

    def stop(self) -> None:
        """Finish what is queued, then close every connection."""
        self._stopping = True
        if self._writer is not None:
            self._queue.put(None)
            self._writer.join()
            self._writer = None
        self._readers.shutdown()
        self.engine.dispose()
        self._read_engine.dispose()

    # Who is told

    def react(self, kind: type[A], reaction: Callable[[Tx, A], None]) -> None:
        """Run `reaction` inside the transaction of every command that announces `kind`."""
        self._reactions.setdefault(kind, []).append(reaction)

    def reactions_to(self, kind: type[Announcement]) -> list[Callable[[Tx, Any], None]]:
        """What runs inside the transaction that announces `kind`."""
        return self._reactions.get(kind, [])

    def note_refusals(self, kind: type[F], note: Callable[[Tx, F], None]) -> None:
        """Run `note(tx, refusal)` after every command that was refused for just this reason.

        What the command had written is rolled back by then; what is noted is committed before the
        caller hears of the refusal.
        """
        assert kind not in self._notes, "noted twice"
        self._notes[kind] = note

    def note_of(self, kind: type[BaseException]) -> Callable[[Tx, Any], None] | None:
        """What notes refusals of a kind."""
        return self._notes.get(kind)

    def listen(self, listener: Callable[[list[Announcement], int], None]) -> None:
        """Call `listener(announcements, position)` after every commit that announced anything.

        It runs before any caller of that commit gets its answer: in the event loop where the
        calls came from one, else in the writer thread.
        """
        self._listeners.append(listener)

    def tell(self, announcements: list[Announcement], position: int) -> None:
        """Tell the listeners: after a commit here, or of another server's over the bus."""
        self.position = max(self.position, position)
        for listener in self._listeners:
            try:
                listener(announcements, position)
            except Exception as trouble:  # noqa: BLE001 - the commit holds, and others must hear
                _log.error("listener_failed", exc_info=trouble)

    def say(self, announcement: Announcement) -> None:
        """Tell of what is stored nowhere, and so has no position: here, and over the bus."""
        self.tell([announcement], 0)

    def poll_position(self) -> int:
        """The position last committed by any process."""
        with self._read_engine.connect() as conn:
            return int(conn.execute(_peek_position).scalar_one())

    def queue_length(self) -> int:
        """How many commands wait for the writer."""
        return self._queue.qsize()

    # Changes

    async def write(
        self, command: Callable[Concatenate[Tx, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a command; returns once it is durable.

        Raises:
            Refusal: what the command refused; nothing has changed.
            Overloaded: too much is waiting already.
        """
        call: _Call[R] = _Call(
            lambda tx: command(tx, *args, **kwargs), loop=asyncio.get_running_loop()
        )
        self._enqueue(call)
        result: R = await call.future
        return result

    async def write_batched(
        self, command: Callable[[Tx, list[I]], Sequence[R | Exception]], /, item: I
    ) -> R:
        """Run a hot command that takes many items at once.

        Items that wait side by side for the same command are handed over together. It answers
        item by item: a result, or the refusal of that item; having refused an item it must not
        have written anything for it.
        """
        call: _Call[R] = _Call(None, batch=command, item=item, loop=asyncio.get_running_loop())
        self._enqueue(call)
        result: R = await call.future
        return result

    def run(
        self, command: Callable[Concatenate[Tx, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """`write` for callers without an event loop (command line, tests)."""
        call: _Call[R] = _Call(lambda tx: command(tx, *args, **kwargs))
        self._enqueue(call)
        result: R = call.future.result()
        return result

    def _enqueue(self, call: _Call[Any]) -> None:
        if self._stopping or self._queue.qsize() >= QUEUE_SIZE_MAX:
            raise Overloaded
        self._queue.put(call)

    def _write_groups(self) -> None:
        while True:
            calls, stopping = self._take_group()
            if calls:
                self._last_group_sizes.append(len(calls))
                started = self.clock.ticks()
                with self._writing:
                    self._commit_group(calls)
                if self.meter is not None:
                    self.meter.count_group(len(calls), self.clock.ticks() - started)
                self._settle_group(calls)
            if stopping:
                return

    def _take_group(self) -> tuple[list[_Call[Any]], bool]:
        """Wait for one call, then take what waits beside it."""
        first = self._queue.get()
        if first is None:
            return [], True
        if self._last_group_sizes[-1] > 1:
            # Where several came together, more will come in a moment: a group costs the same for
            # one as for five.
            enough = max(self._last_group_sizes) - 1
            for _ in range(_GATHER_STEPS):
                if self._queue.qsize() >= enough:
                    break
                time.sleep(GATHER_SECONDS / _GATHER_STEPS)
        calls = [first]
        while len(calls) < GROUP_SIZE_MAX:
            try:
                call = self._queue.get_nowait()
            except queue.Empty:
                break
            if call is None:
                return calls, True
            calls.append(call)
        return calls, False

    def _commit_group(self, calls: list[_Call[Any]]) -> None:
        """Run and commit a group; alone, one by one, where it cannot be committed together."""
        try:
            self._try_group(calls)
        except Exception as trouble:  # noqa: BLE001 - handed to the callers below
            if len(calls) == 1:
                calls[0].error = trouble
                calls[0].announcements = self._note_alone(trouble)
                return
            for call in calls:
                self._commit_group([call])

    def _note_alone(self, trouble: Exception) -> list[Announcement]:
        """Note a refusal whose transaction is gone. Returns what that announced."""
        if self.note_of(type(trouble)) is None:
            return []
        noting: _Call[None] = _Call(lambda tx: tx.note(trouble))
        self._commit_group([noting])
        if noting.error is not None:
            _log.error("refusal_not_noted", exc_info=noting.error)
        return noting.announcements

    def _try_group(self, calls: list[_Call[Any]]) -> None:
        for attempt in range(1, SERIALIZATION_TRIES_MAX + 1):
            try:
                group = self._run_group(calls)
            except Exception as trouble:  # its kinds of the driver would have to be loaded
                if attempt == SERIALIZATION_TRIES_MAX or not _is_collision(trouble):
                    raise
                most_s = SERIALIZATION_WAIT_SECONDS * 2**attempt
                time.sleep(self.chance.games.uniform(0, most_s))
            else:
                break
        if group.foreign:
            calls[0].announcements.insert(0, CachesOutdated())
        if group.position is not None:
            self.position = group.position

    def _run_group(self, calls: list[_Call[Any]]) -> _Group:
        """One transaction over all calls. Outcomes are set, nobody is told yet."""
        with self.engine.begin() as conn:
            group = _Group(self, conn)
            now = self.clock.now_ms()
            for run in _runs(calls):
                call = run[0]
                call.error, call.result, call.announcements = None, None, []
                tx = Tx(conn, now, group)
                if call.batch is None:
                    _run_one(tx, call, alone=len(calls) == 1)
                else:
                    _run_batch(tx, run, alone=len(run) == len(calls))
            group.keep_position()
        return group

    def _settle_group(self, calls: list[_Call[Any]]) -> None:
        """Tell the listeners, then answer, in one hop to each caller's loop."""
        announcements = [said for call in calls for said in call.announcements]
        position = self.position
        by_loop: dict[asyncio.AbstractEventLoop | None, list[_Call[Any]]] = {}
        for call in calls:
            by_loop.setdefault(call.loop, []).append(call)
        heard = announcements
        for loop, settled in by_loop.items():
            if loop is None:
                self._tell_and_settle(heard, position, settled)
            else:
                # A loop that was closed has nobody left to answer.
                try:
                    loop.call_soon_threadsafe(self._tell_and_settle, heard, position, settled)
                except RuntimeError:
                    continue
            heard = []

    def _tell_and_settle(
        self, announcements: list[Announcement], position: int, calls: list[_Call[Any]]
    ) -> None:
        try:
            if announcements:
                self.tell(announcements, position)
        finally:
            for call in calls:
                call.settle()

    # Reads

    async def read(
        self, query: Callable[Concatenate[Read, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a query on a reader thread, in one read-only view."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, lambda: self.look(query, *args, **kwargs))

    def look(
        self, query: Callable[Concatenate[Read, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """`read` for callers without an event loop; blocks."""
        with self.reading() as read:
            return query(read, *args, **kwargs)

    @contextmanager
    def reading(self) -> Iterator[Read]:
        """A read-only view for a longer piece of work."""
        with self._read_engine.connect() as conn:
            yield Read(conn, self.clock.now_ms())

    async def empty_log(self) -> bool:
        """Empty SQLite's log of writes, which still holds what was just destroyed.

        Does nothing for PostgreSQL, whose operator sets how long its log is kept.

        Returns:
            Whether nothing is left in it: not where somebody is reading. It is then emptied by
            one of the next checkpoints.
        """
        return await asyncio.to_thread(_empty_log, self.engine)

    async def rewrite(self, tables: Iterable[str]) -> None:
        """Leave nothing in the database's files of what was deleted from some tables.

        SQLite's whole file is written anew and its log emptied; writers wait, readers go on.
        PostgreSQL writes the tables anew, one after another, each of which nobody can read
        meanwhile. What its log and its base backups still hold is its operator's.

        Args:
            tables: from which something was deleted.

        Raises:
            OperationalError: somebody has held a table of PostgreSQL for ten seconds; try again.
        """
        await asyncio.to_thread(self._rewrite, sorted(tables))
        for _ in range(_LOG_TRIES):
            if await self.empty_log():
                return
            await asyncio.sleep(_LOG_WAIT_MS / 1000)

    def _rewrite(self, tables: list[str]) -> None:
        with self._writing:
            _vacuum(self.engine, tables)


def _runs(calls: list[_Call[Any]]) -> Iterator[list[_Call[Any]]]:
    """Neighbouring calls of the same batched command together, others alone."""
    run: list[_Call[Any]] = []
    for call in calls:
        if run and (call.batch is None or call.batch is not run[0].batch):
            yield run
            run = []
        run.append(call)
    if run:
        yield run


def _run_one(tx: Tx, call: _Call[Any], *, alone: bool) -> None:
    assert call.run is not None
    if alone:
        # The only call: the transaction itself is its savepoint.
        call.result = call.run(tx)
        call.announcements = tx.announcements
        return
    tx.conn.exec_driver_sql("SAVEPOINT command")
    try:
        call.result = call.run(tx)
    except Refusal as refusal:
        tx.conn.exec_driver_sql("ROLLBACK TO SAVEPOINT command")
        tx.announcements = []
        tx.note(refusal)
        call.error, call.announcements = refusal, tx.announcements
    else:
        call.announcements = tx.announcements
    tx.conn.exec_driver_sql("RELEASE SAVEPOINT command")


def _run_batch(tx: Tx, calls: list[_Call[Any]], *, alone: bool) -> None:
    command = calls[0].batch
    assert command is not None
    if not alone:
        tx.conn.exec_driver_sql("SAVEPOINT command")
    outcomes = command(tx, [call.item for call in calls])
    assert len(outcomes) == len(calls)
    if not alone:
        tx.conn.exec_driver_sql("RELEASE SAVEPOINT command")
    for call, outcome in zip(calls, outcomes, strict=True):
        call.error, call.result, call.announcements = None, None, []
        if isinstance(outcome, Exception):
            call.error = outcome
            tx.note(outcome)
        else:
            call.result = outcome
    calls[0].announcements = tx.announcements


def _is_collision(trouble: Exception) -> bool:
    """Whether PostgreSQL asks for the transaction to be tried again (SQLSTATE class 40)."""
    cause = trouble.orig if isinstance(trouble, sa.exc.DBAPIError) else trouble
    return str(getattr(cause, "sqlstate", None) or "").startswith("40")


def find_position(read: Read) -> int:
    """The end of the stream of all that happens, in this view."""
    return int(read.conn.execute(_peek_position).scalar_one())


# The two databases. SQLite's and PostgreSQL's ON CONFLICT clauses read the same, so SQLAlchemy's
# construct for PostgreSQL compiles for SQLite too (not the other way round).


def upsert(table: sa.Table, *changes: str) -> postgresql.Insert:
    """An INSERT that overwrites the columns named in `changes` where the key is there already.

    Args:
        table: where to; its primary key decides what is the same row.
        changes: columns to overwrite; none keeps the row that is there.

    Returns:
        A statement for one row (`.values(...)`) or many (executemany parameters).
    """
    statement = postgresql.insert(table)
    key = list(table.primary_key.columns)
    if not changes:
        return statement.on_conflict_do_nothing(index_elements=key)
    return statement.on_conflict_do_update(
        index_elements=key, set_={name: statement.excluded[name] for name in changes}
    )


def sqlite_url(path: Path) -> str:
    """The URL of an SQLite file."""
    return f"sqlite:///{path}"


def create_engine(url: str, *, read_only: bool = False) -> sa.Engine:
    """An engine with this project's rules: durable, foreign keys on, waits limited.

    Args:
        url: an SQLAlchemy URL.
        read_only: for queries, which then cannot write.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _create_sqlite_engine(parsed, read_only=read_only)
    options = f"-c statement_timeout={STATEMENT_TIMEOUT_MS}"
    if read_only:
        options += " -c default_transaction_read_only=on"
    return sa.create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        # One view is all a query needs; only what writes must be serialisable with others.
        isolation_level="REPEATABLE READ" if read_only else "SERIALIZABLE",
        pool_size=READER_COUNT,
        connect_args={"options": options},
    )


def _create_sqlite_engine(url: sa.URL, *, read_only: bool) -> sa.Engine:
    engine = sa.create_engine(
        url,
        poolclass=QueuePool,
        pool_size=READER_COUNT,
        connect_args={"check_same_thread": False, "timeout": 10, "cached_statements": 256},
    )
    # A transaction of the writer must be IMMEDIATE, or a reader that turns writer could fail
    # half way.
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - DB-API
        # The driver must not begin transactions by itself.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            # NORMAL loses acknowledged writes at a power cut.
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            "temp_store=MEMORY",
            # 4,000 pages between checkpoints: fewer stalls; 16 MB of log, and more only while
            # somebody reads for long, as a backup does. Then it is cut back: the file would
            # otherwise stay as large as it ever was.
            "wal_autocheckpoint=4000",
            f"journal_size_limit={_LOG_BYTES_KEPT}",
            # KiB. The operating system caches the file for everyone; four readers with as much
            # as the writer would hold 32 MB of the same pages.
            f"cache_size={-2000 if read_only else -8000}",
            f"query_only={'ON' if read_only else 'OFF'}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(conn: sa.Connection) -> None:
        conn.exec_driver_sql(begin)

    return engine


# Above what it grows to between checkpoints, so that it is not cut and grown again each time.
_LOG_BYTES_KEPT = 20_000_000
# Whoever waits for readers holds the writer up.
_LOG_WAIT_MS = 50
# A reader who takes longer than ten seconds leaves the log to the next checkpoint.
_LOG_TRIES = 100
# A table that is always held is tried again later: writing it anew would bar everybody.
_REWRITE_WAIT_MS = 10_000


def _vacuum(engine: sa.Engine, tables: Iterable[str]) -> None:
    # No part of a transaction, on either database; and no file of temporary rows in memory.
    with engine.connect() as conn:
        driver: Any = conn.connection.driver_connection
        if engine.dialect.name == "sqlite":
            driver.execute("PRAGMA temp_store=FILE")
            try:
                driver.execute("VACUUM")
            finally:
                driver.execute("PRAGMA temp_store=MEMORY")
            return
        driver.autocommit = True
        try:
            driver.execute("SET statement_timeout = 0")
            driver.execute(f"SET lock_timeout = {_REWRITE_WAIT_MS}")
            quote = engine.dialect.identifier_preparer.quote
            for table in tables:
                driver.execute(f"VACUUM FULL {quote(table)}")
        finally:
            driver.execute("RESET lock_timeout")
            driver.execute(f"SET statement_timeout = {STATEMENT_TIMEOUT_MS}")
            driver.autocommit = False


def _empty_log(engine: sa.Engine) -> bool:
    if engine.dialect.name != "sqlite":
        return True
    # A checkpoint can be no part of a transaction.
    with engine.connect() as conn:
        driver: Any = conn.connection.driver_connection
        (usual_ms,) = driver.execute("PRAGMA busy_timeout").fetchone()
        driver.execute(f"PRAGMA busy_timeout={_LOG_WAIT_MS}")
        try:
            (is_busy, _pages, _written) = driver.execute(
                "PRAGMA wal_checkpoint(TRUNCATE)"
            ).fetchone()
        finally:
            driver.execute(f"PRAGMA busy_timeout={usual_ms}")
    return not is_busy
