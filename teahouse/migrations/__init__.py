"""The one history of all tables. Knows no domain.

The revision of a migration is the number its file begins with, so what the newest one is can be
told without loading Alembic: a start that has nothing to migrate stays fast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

import sqlalchemy as sa

from teahouse.platform.db import create_engine
from teahouse.platform.schema import platform_schema

__all__ = [
    "SchemaTooNew",
    "newest_revision",
    "rebuild",
    "run_migrations",
    "stored_revision",
    "upgrade",
]

FOLDER = Path(__file__).parent
# Any number will do, as long as every release takes the same one.
_LOCK_KEY = 7_236_511
# Another server that migrates at the same time is waited for this long.
_LOCK_TIMEOUT_MS = 60_000
_STATEMENT_TIMEOUT_MS = 600_000

_alembic_version = sa.table("alembic_version", sa.column("version_num", sa.Text))


class SchemaTooNew(Exception):
    """The database was migrated by a release that this one cannot work beside."""


def upgrade(where: str | sa.Engine) -> bool:
    """Bring a database to the newest schema.

    Args:
        where: its URL or an engine.

    Returns:
        Whether anything had to be done.

    Raises:
        SchemaTooNew: a later release migrated it to what this one cannot read.
    """
    engine = create_engine(where) if isinstance(where, str) else where
    try:
        return _upgrade(engine)
    finally:
        if engine is not where:
            engine.dispose()


def rebuild(engine: sa.Engine, revision: str, fill: Callable[[sa.Connection], None]) -> None:
    """Replace a whole database by one of another revision, then bring it up to date.

    It is one transaction: whatever fails, the database stays as it was.

    Args:
        engine: the database; nothing else may use it.
        revision: the schema that `fill` expects.
        fill: writes the rows; every table is there and empty.

    Raises:
        SchemaTooNew: this release does not know the revision.
    """
    if revision not in _known_revisions():
        raise SchemaTooNew(f"This release does not know schema {revision}: use a later one.")
    with _alone(engine) as conn:
        _drop_everything(conn)
        run_migrations(conn, revision)
        _empty_everything(conn)
        fill(conn)
        run_migrations(conn)


def newest_revision() -> str:
    """The revision that this release brings."""
    return _known_revisions()[-1]


def stored_revision(conn: sa.Connection) -> str | None:
    """The revision a database is at, or None for an empty one."""
    # Asking for a table that is missing would end the transaction on PostgreSQL.
    if not sa.inspect(conn).has_table(_alembic_version.name):
        return None
    return conn.execute(sa.select(_alembic_version.c.version_num)).scalar_one_or_none()


def _known_revisions() -> list[str]:
    files = (FOLDER / "versions").glob("[0-9]*.py")
    return sorted(file.name.partition("_")[0] for file in files)


def _upgrade(engine: sa.Engine) -> bool:
    with engine.connect() as conn:
        if not _is_due(conn):
            return False
    with _alone(engine) as conn:
        # Another server may have done it while we waited for the lock.
        if not _is_due(conn):
            return False
        run_migrations(conn)
    return True


def _is_due(conn: sa.Connection) -> bool:
    stored = stored_revision(conn)
    if stored == newest_revision():
        return False
    if stored is not None and stored not in _known_revisions():
        _check_readable(conn)
        return False
    return True


def _check_readable(conn: sa.Connection) -> None:
    """Refuse a schema of the future, unless it says that this release can read it."""
    oldest = conn.execute(sa.select(platform_schema.c.oldest_reader)).scalar_one()
    release = metadata.version("teahouse")
    if _as_numbers(release) < _as_numbers(oldest):
        raise SchemaTooNew(f"This is release {release}; the database needs {oldest} or later.")


def _as_numbers(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split("."))


@contextmanager
def _alone(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that no other migration runs beside."""
    if engine.dialect.name == "sqlite":
        # BEGIN IMMEDIATE is the lock.
        with engine.begin() as conn:
            yield conn
        return
    # Under SERIALIZABLE the view would be as old as the wait for the lock.
    patient = engine.execution_options(isolation_level="READ COMMITTED")
    with patient.begin() as conn:
        conn.exec_driver_sql(f"SET LOCAL lock_timeout = {_LOCK_TIMEOUT_MS}")
        conn.exec_driver_sql(f"SET LOCAL statement_timeout = {_STATEMENT_TIMEOUT_MS}")
        conn.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_KEY)))
        yield conn


def run_migrations(conn: sa.Connection, revision: str = "head") -> None:
    """Bring the schema of a connection to a revision, inside its transaction."""
    # Loading Alembic takes longer than the whole start.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = conn
    command.upgrade(config, revision)


def _drop_everything(conn: sa.Connection) -> None:
    found = sa.MetaData()
    found.reflect(conn)
    found.drop_all(conn)


def _empty_everything(conn: sa.Connection) -> None:
    """Remove the first rows that migrations insert."""
    found = sa.MetaData()
    found.reflect(conn)
    for table in reversed(found.sorted_tables):
        if table.name != _alembic_version.name:
            conn.execute(sa.delete(table))
