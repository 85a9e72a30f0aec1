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
    """

    url: str
    server_name: str
    data_dir: Path | None

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

    def files_that_hold(self, text: bytes) -> list[Path]:
        """Find what the server wrote down in plain.

        Args:
            text: what to look for, as it was typed.

        Returns:
            The files in the data folder that hold these bytes; empty where it cannot be seen.
        """
        if self.data_dir is None:
            return []
        return [path for path in _files(self.data_dir) if text in path.read_bytes()]


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


def homeserver_at(url: str, data_dir: Path | None) -> Homeserver:
    """Describe the homeserver that answers at an address.

    Args:
        url: where it answers.
        data_dir: where it keeps everything, if that can be seen.

    Returns:
        The homeserver, its name taken from the id of a member registered for that.
    """
    unnamed = Homeserver(url.rstrip("/"), "", data_dir)
    user_id = unnamed.register(unnamed.new_name("surveyor"))
    return Homeserver(unnamed.url, user_id.partition(":")[2], data_dir)


def _files(folder: Path) -> Iterator[Path]:
    # Sockets of a database are no files; a file may go while we look (a rolled journal).
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
