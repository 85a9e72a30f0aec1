"""Opens the house a command works on, beside a running server or without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Concatenate, ParamSpec, TypeVar

from teahouse.migrations import upgrade
from teahouse.platform.chance import Chance
from teahouse.platform.clock import SystemClock
from teahouse.platform.db import Database, Tx, sqlite_url
from teahouse.platform.files import Files
from teahouse.platform.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")

DATABASE_FILE = "teahouse.db"
FILES_FOLDER = "files"


def database_url(settings: Settings) -> str:
    """Where the database is: as set, or a file in the data folder."""
    return settings.database_url or sqlite_url(settings.data_dir / DATABASE_FILE)


def open_files(settings: Settings) -> Files:
    """The file store: as set, or a folder in the data folder."""
    return Files(settings.files_url, settings.data_dir / FILES_FOLDER)


@contextmanager
def opened_database(settings: Settings) -> Iterator[Database]:
    """A started database with the newest schema; made where there is none yet."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    url = database_url(settings)
    upgrade(url)
    db = Database(url, clock=SystemClock(), chance=Chance())
    db.start()
    try:
        yield db
    finally:
        db.stop()


def change(
    db: Database, command: Callable[Concatenate[Tx, P], R], /, *args: P.args, **kwargs: P.kwargs
) -> R:
    """Run a command so that a running server notices.

    It takes a position in the order of all that happens; the server sees that somebody else did,
    and forgets what it remembers.
    """

    def noticed(tx: Tx) -> R:
        result = command(tx, *args, **kwargs)
        tx.next_position()
        return result

    return db.run(noticed)
