"""The homeserver that the stories talk to: ours, or another one named by the environment.

The stories know nothing of Teahouse's inside, so the same stories can be told to another
homeserver to find out whether a failure is ours or the client's.
"""

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
from psycopg import sql

HOMESERVER_VARIABLE = "TEAHOUSE_TEST_HOMESERVER"
DATA_DIR_VARIABLE = "TEAHOUSE_TEST_HOMESERVER_DATA"

PASSWORD = "correct horse battery staple"

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Homeserver:
    """A running homeserver with open registration.

    Attributes:
        url: where it answers, without a slash at the end.
        server_name: the part of its members' ids after the colon.
        data_dir: where it keeps everything, or None where that cannot be seen.
        database_url: its PostgreSQL database, or None where it uses SQLite in its data folder.
    """

    url: str
    server_name: str
    data_dir: Path | None = None
    database_url: str | None = None

    def register(self, name: str, password: str = PASSWORD) -> str:
        """Register a member who has no device yet.

        Args:
            name: the local part of the new id.
            password: what they will sign in with.

        Returns:
            The full id of the new member.
        """
        body = {"username": name, "password": password, "inhibit_login": True}
        with httpx.Client(base_url=self.url) as client:
            asked = client.post("/_matrix/client/v3/register", json=body)
            assert asked.status_code == httpx.codes.UNAUTHORIZED, asked.text
            auth = {"type": "m.login.dummy", "session": asked.json()["session"]}
            answer = client.post("/_matrix/client/v3/register", json=body | {"auth": auth})
        assert answer.status_code == httpx.codes.OK, answer.text
        return str(answer.json()["user_id"])

    def new_name(self, name: str) -> str:
        """Make a local part that no other story uses.

        Args:
            name: what it shall begin with.

        Returns:
            The name with the process and a number behind it.
        """
        return f"{name}-{os.getpid()}-{next(_numbers)}"

    def places_that_hold(self, text: str) -> list[str]:
        """Find what the server wrote down in plain.

        Args:
            text: what to look for, as it was typed; ASCII without quotes or backslashes, which
                JSON would write differently.

        Returns:
            The files in the data folder and the tables of the database that hold this text.
        """
        assert text.isascii()
        files = [] if self.data_dir is None else list(_files_that_hold(self.data_dir, text))
        tables = [] if self.database_url is None else _tables_that_hold(self.database_url, text)
        return files + tables


def other_homeserver() -> Homeserver | None:
    """Tell which other homeserver the environment asks the stories to be told to.

    Returns:
        That homeserver, or None where the stories are told to Teahouse.
    """
    url = os.environ.get(HOMESERVER_VARIABLE)
    if url is None:
        return None
    data_dir = os.environ.get(DATA_DIR_VARIABLE)
    return homeserver_at(url, Path(data_dir) if data_dir else None)


def homeserver_at(
    url: str, data_dir: Path | None = None, database_url: str | None = None
) -> Homeserver:
    """Describe the homeserver that answers at an address.

    Args:
        url: where it answers.
        data_dir: where it keeps everything, if that can be seen.
        database_url: its PostgreSQL database, if it uses one and that can be seen.

    Returns:
        The homeserver, its name taken from the id of a member registered for that.
    """
    unnamed = Homeserver(url.rstrip("/"), "")
    user_id = unnamed.register(unnamed.new_name("surveyor"))
    return Homeserver(unnamed.url, user_id.partition(":")[2], data_dir, database_url)


def _files_that_hold(folder: Path, text: str) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and text.encode() in _content(path):
            yield str(path)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        # A journal may be gone between the listing and the reading.
        return b""


def _tables_that_hold(database_url: str, text: str) -> list[str]:
    # PostgreSQL may compress what it stores, so its files tell nothing; rows do. A column of
    # bytes is written in hexadecimal there.
    query = sql.SQL(
        "SELECT count(*) FROM {} AS r WHERE strpos(r::text, {}) + strpos(r::text, {}) > 0"
    )
    with psycopg.connect(database_url) as conn:
        tables = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = sorted(str(name) for (name,) in tables)
        return [
            name
            for name in names
            for (count,) in conn.execute(
                query.format(sql.Identifier(name), text, text.encode().hex())
            )
            if count
        ]
