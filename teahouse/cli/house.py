"""Opens the house a command works on, beside a running server or without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

from teahouse import app, privacy
from teahouse.migrations import upgrade
from teahouse.migrations.tables_of_all import load_all_tables
from teahouse.platform.chance import Chance
from teahouse.platform.clock import SystemClock
from teahouse.platform.db import Database, Tx, sqlite_url
from teahouse.platform.files import Files
from teahouse.platform.services import Services
from teahouse.platform.settings import Settings
from teahouse.privacy.member_keys.live import KEY_FILE, MemberKeys

P = ParamSpec("P")
R = TypeVar("R")

DATABASE_FILE = "teahouse.db"
FILES_FOLDER = "files"
# Who looked, in the log: the server knows nobody by name who can run commands on it.
COMMAND_LINE = "command line"
KEYS_FOLDER = "keys"


def database_url(settings: Settings) -> str:
    """Where the database is: as set, or a file in the data folder."""
    return settings.database_url or sqlite_url(settings.data_dir / DATABASE_FILE)


def open_files(settings: Settings) -> Files:
    """The file store: as set, or a folder in the data folder."""
    return Files(settings.files_url, settings.data_dir / FILES_FOLDER)


def member_keys_of(settings: Settings) -> MemberKeys:
    """The keys of the members, in the data folder."""
    return MemberKeys(settings.data_dir / KEYS_FOLDER / KEY_FILE, Chance())


@contextmanager
def opened_database(settings: Settings, *, writes: bool = False) -> Iterator[Database]:
    """A database with the newest schema; made where there is none yet.

    Args:
        settings: where it is.
        writes: starts the writer too. What only reads must work on a database that is not sound.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    url = database_url(settings)
    upgrade(url)
    db = Database(url, clock=SystemClock(), chance=Chance())
    if writes:
        db.start()
    try:
        yield db
    finally:
        db.stop()


@contextmanager
def opened_house(settings: Settings) -> Iterator[Services]:
    """A house with every domain joined, so that what a command announces is reacted to."""
    services = app.make_services(settings)
    try:
        app.install(services)
        yield services
    finally:
        services.db.stop()


def load_domains() -> sa.MetaData:
    """Load every domain.

    Returns:
        Every table; `FILE_CLASSES` holds every class of files.
    """
    # `teahouse.app` is the only list of domains, and imported above.
    return load_all_tables()


def enter_look(tx: Tx, deed: str, *, about: str, reason: str) -> None:
    """Enter in the log of who looked what somebody did on the command line.

    Args:
        tx: the transaction that also reads what is shown, or changes it.
        deed: as declared by `privacy.declare_deed`.
        about: the member, or `privacy.EVERYBODY`.
        reason: why, in their words.
    """
    look = privacy.Look(
        actor=COMMAND_LINE,
        role="operator",
        fields=privacy.DEEDS[deed],
        reason=reason,
        deed=deed,
    )
    privacy.record_look(tx, look, about=about)


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
