"""The database of the keys: one small SQLite file, beside which no backup is worth anything.

It is no part of the house's own database, whose log, replicas and backups would keep what was
destroyed. Server and command line open it side by side; SQLite's locks keep them apart.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from teahouse.platform.chance import Chance
from teahouse.privacy.member_keys.errors import BadKeyFile
from teahouse.privacy.member_keys.rules import COPY_DAYS_MAX, DAY_MS, KEY_BYTES, NEVER_COPIED
from teahouse.privacy.member_keys.types import MemberKey

KEY_FILE: Final = "member-keys.db"
_WAIT_SECONDS: Final = 30
_ID_BYTES: Final = 12

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS member_key (
    owner TEXT PRIMARY KEY NOT NULL,
    key_id TEXT UNIQUE NOT NULL,
    key BLOB,
    made_at INTEGER NOT NULL,
    destroyed_at INTEGER
);
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY NOT NULL, value INTEGER NOT NULL);
"""


class MemberKeys:
    """The keys of all members.

    Args:
        file: the database; made when missing, readable by its owner only.
        chance: makes keys.
    """

    def __init__(self, file: Path, chance: Chance) -> None:
        self.file = file
        self._chance = chance

    def load_all(self) -> dict[str, MemberKey]:
        """Every key by its owner; those destroyed have none."""
        with self._opened() as conn:
            rows = conn.execute("SELECT owner, key_id, key FROM member_key ORDER BY owner")
            return {owner: MemberKey(key_id, key) for owner, key_id, key in rows}

    def find(self, owner: str) -> MemberKey | None:
        """The key of an owner, or None where there never was one."""
        with self._opened() as conn:
            row = conn.execute(
                "SELECT key_id, key FROM member_key WHERE owner = ?", (owner,)
            ).fetchone()
        return None if row is None else MemberKey(*row)

    def ensure(self, owners: Iterable[str], *, now: int) -> dict[str, MemberKey]:
        """The keys of some owners; made where there is none, unless one was destroyed before.

        Args:
            owners: members, or boxes.
            now: milliseconds since the epoch.
        """
        wanted = sorted(set(owners))
        secrets = self._chance.secrets
        with self._opened() as conn:
            conn.executemany(
                "INSERT OR IGNORE INTO member_key (owner, key_id, key, made_at)"
                " VALUES (?, ?, ?, ?)",
                [
                    (one, secrets.token(_ID_BYTES), secrets.token_bytes(KEY_BYTES), now)
                    for one in wanted
                ],
            )
            conn.execute("COMMIT")
            found = {}
            for one in wanted:
                row = conn.execute(
                    "SELECT key_id, key FROM member_key WHERE owner = ?", (one,)
                ).fetchone()
                found[one] = MemberKey(*row)
            return found

    def destroy(self, owner: str, *, now: int) -> MemberKey:
        """Destroy a key for good; no backup will make another for this owner.

        The file is written anew, so that no free page holds it. It may be called twice.

        Returns:
            What is left: the name of the key.
        """
        self.ensure([owner], now=now)
        with self._opened() as conn:
            conn.execute(
                "UPDATE member_key SET key = NULL, destroyed_at = ?"
                " WHERE owner = ? AND key IS NOT NULL",
                (now, owner),
            )
            conn.execute("COMMIT")
            conn.execute("VACUUM")
            (key_id,) = conn.execute(
                "SELECT key_id FROM member_key WHERE owner = ?", (owner,)
            ).fetchone()
        return MemberKey(key_id, None)

    # Copies

    def note_use(self, now: int) -> None:
        """Note that the file is in use, so that a copy of it tells how old it is."""
        with self._opened() as conn:
            conn.execute("INSERT OR REPLACE INTO state VALUES ('used_at', ?)", (now,))
            conn.execute("COMMIT")

    def find_use(self) -> int | None:
        """When the file, or what it is a copy of, was last in use."""
        with self._opened() as conn:
            row = conn.execute("SELECT value FROM state WHERE name = 'used_at'").fetchone()
        return None if row is None else int(row[0])

    def copy_to(self, file: Path) -> None:
        """Write a copy of the keys, readable by its owner only; without those of consents.

        So what was derived under a consent is gone from all backups in the moment in which the
        consent is taken back.
        """
        _create(file)
        with self._opened() as conn, closing(sqlite3.connect(file)) as target:
            conn.execute("COMMIT")
            conn.backup(target)
            target.execute("PRAGMA secure_delete = ON")
            target.execute(
                "DELETE FROM member_key WHERE key IS NOT NULL AND owner GLOB ?",
                (f"{NEVER_COPIED}*",),
            )
            target.commit()
            target.execute("VACUUM")

    def absorb(self, file: Path, *, now: int) -> int:
        """Take over the keys of a copy. What was destroyed here stays destroyed.

        Args:
            file: the copy.
            now: milliseconds since the epoch.

        Returns:
            How many keys were new.

        Raises:
            BadKeyFile: it is no copy, or older than seven days.
        """
        rows, used_at = _read_copy(file)
        if used_at is None or used_at < now - COPY_DAYS_MAX * DAY_MS:
            raise BadKeyFile(
                f"{file} is more than {COPY_DAYS_MAX} days old. Members were promised that no"
                " older copy of the keys is used."
            )
        with self._opened() as conn:
            before = conn.total_changes
            conn.executemany(
                "INSERT INTO member_key (owner, key_id, key, made_at, destroyed_at)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                rows,
            )
            count = conn.total_changes - before
            conn.executemany(
                "UPDATE member_key SET key = NULL, destroyed_at = ? WHERE key_id = ?",
                [(at, key_id) for _owner, key_id, _key, _made_at, at in rows if at is not None],
            )
            conn.execute("COMMIT")
        return count

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """A connection with a transaction begun for writing."""
        if not self.file.exists():
            _create(self.file)
        with closing(sqlite3.connect(self.file, timeout=_WAIT_SECONDS)) as conn:
            conn.isolation_level = None
            conn.execute("PRAGMA secure_delete = ON")
            conn.execute("PRAGMA synchronous = EXTRA")  # the journal is no log of writes
            conn.executescript(_TABLES)
            conn.execute("BEGIN IMMEDIATE")
            yield conn


def _read_copy(
    file: Path,
) -> tuple[list[tuple[str, str, bytes | None, int, int | None]], int | None]:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as conn:
            rows = conn.execute(
                "SELECT owner, key_id, key, made_at, destroyed_at FROM member_key ORDER BY owner"
            ).fetchall()
            used = conn.execute("SELECT value FROM state WHERE name = 'used_at'").fetchone()
    except sqlite3.Error:
        raise BadKeyFile(f"{file} holds no member keys.") from None
    return rows, None if used is None else int(used[0])


def _create(file: Path) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600))
