"""A power cut at any moment loses nothing that was acknowledged, with the settings the server uses.

SQLite writes through a file system of ours that keeps every write and every sync. A cut is a moment
in that record: what was synced is there, and of what was not, each sector of 512 bytes is there or
not, as chance has it. Each image is opened by SQLite as anybody has it.

`TEAHOUSE_POWER_CUTS` says how many; 2,000 unless told otherwise.
"""

import os
import random
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import apsw
import pytest

from teahouse.platform.db import create_engine, sqlite_url

CUTS = int(os.environ.get("TEAHOUSE_POWER_CUTS", "2000"))
SECTOR_BYTES = 512
COMMITS = 60
DATABASE = "books.db"

Kind = Literal["write", "truncate", "sync", "delete", "acknowledged"]


@dataclass(frozen=True)
class Step:
    """Something that happened to a file; or a commit was acknowledged, whose number is `offset`."""

    kind: Kind
    file: str = ""
    offset: int = 0
    data: bytes = b""


@dataclass
class Record:
    """All that happened, in order."""

    steps: list[Step] = field(default_factory=list)


class RecordingFile(apsw.VFSFile):
    """A file whose writes and syncs are recorded."""

    def __init__(self, record: Record, inherits: str, filename: Any, flags: list[int]) -> None:
        name = filename.filename() if isinstance(filename, apsw.URIFilename) else filename
        self._record, self._name = record, Path(name or "temporary").name
        super().__init__(inherits, filename, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        """Write, and record it."""
        self._record.steps.append(Step("write", self._name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - SQLite's name
        """Cut the file off, and record it."""
        self._record.steps.append(Step("truncate", self._name, newsize))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        """Sync, and record it."""
        self._record.steps.append(Step("sync", self._name))
        super().xSync(flags)


class RecordingFiles(apsw.VFS):
    """The system's files, recorded."""

    def __init__(self, record: Record) -> None:
        self._record = record
        super().__init__(f"recording-{id(record)}", "")

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802, FBT001 - SQLite's
        """Delete a file, and record it: file systems in use don't bring one back after a sync."""
        super().xDelete(filename, syncdir)
        self._record.steps.append(Step("delete", Path(filename).name))

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's name
        """Open a file of ours."""
        return RecordingFile(self._record, "", name, flags)


def _settings_of_the_server(folder: Path) -> dict[str, str]:
    """What our own writer asks of SQLite, so that a change there is tried here."""
    engine = create_engine(sqlite_url(folder / "own.db"))
    with engine.connect() as conn:
        names = ("journal_mode", "synchronous")
        return {name: str(conn.exec_driver_sql(f"PRAGMA {name}").scalar()) for name in names}


def _keep_books(folder: Path, settings: dict[str, str]) -> Record:
    """Commit some transactions, each in two tables, with checkpoints in between."""
    record = Record()
    files = RecordingFiles(record)
    db = apsw.Connection(str(folder / DATABASE), vfs=f"recording-{id(record)}")
    # No shared memory, of which no power cut leaves anything.
    db.execute("PRAGMA locking_mode=EXCLUSIVE")
    for name, value in settings.items():
        db.execute(f"PRAGMA {name}={value}")
    db.execute("PRAGMA wal_autocheckpoint=40")
    db.execute("CREATE TABLE entry (no INTEGER PRIMARY KEY, amount INTEGER, memo TEXT)")
    db.execute("CREATE TABLE account (no INTEGER PRIMARY KEY, balance INTEGER)")
    db.execute("INSERT INTO account VALUES (1, 0), (2, 0)")
    record.steps.append(Step("acknowledged", offset=0))
    for number in range(1, COMMITS + 1):
        with db:
            db.execute("INSERT INTO entry VALUES (?, ?, ?)", (number, number, "tea " * 100))
            db.execute("UPDATE account SET balance = balance + ? WHERE no = 1", (number,))
            db.execute("UPDATE account SET balance = balance - ? WHERE no = 2", (number,))
        record.steps.append(Step("acknowledged", offset=number))
    db.close()
    files.unregister()
    return record


def _cut(record: Record, moment: int, chance: random.Random) -> tuple[dict[str, bytearray], int]:
    """What is on the disk after a cut, by file; and the last commit acknowledged before it."""
    synced: dict[str, bytearray] = {}
    pending: dict[str, list[Step]] = {}
    acknowledged = -1
    for step in record.steps[:moment]:
        if step.kind == "acknowledged":
            acknowledged = step.offset
        elif step.kind == "delete":
            synced.pop(step.file, None)
            pending.pop(step.file, None)
        elif step.kind == "sync":
            for done in pending.pop(step.file, []):
                _apply(synced.setdefault(step.file, bytearray()), done, lambda: True)
        else:
            pending.setdefault(step.file, []).append(step)
    for file, steps in pending.items():
        for step in steps:
            _apply(synced.setdefault(file, bytearray()), step, lambda: chance.random() < 0.5)
    return synced, acknowledged


def _apply(content: bytearray, step: Step, arrives: Callable[[], bool]) -> None:
    if step.kind == "truncate":
        if arrives():
            del content[step.offset :]
        return
    for start in range(0, len(step.data), SECTOR_BYTES):
        if not arrives():
            continue
        part = step.data[start : start + SECTOR_BYTES]
        place = step.offset + start
        content.extend(bytes(max(0, place + len(part) - len(content))))
        content[place : place + len(part)] = part


def _survives(folder: Path, image: dict[str, bytearray], acknowledged: int) -> bool:
    """Whether everything acknowledged is there, and nothing half."""
    for file in folder.iterdir():
        file.unlink()
    for name, content in image.items():
        (folder / name).write_bytes(content)
    db = sqlite3.connect(folder / DATABASE)
    try:
        if db.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            return False
        (count,) = db.execute("SELECT count(*) FROM entry").fetchone()
        balances = dict(db.execute("SELECT no, balance FROM account"))
    except sqlite3.DatabaseError:
        return acknowledged < 0
    finally:
        db.close()
    total = count * (count + 1) // 2
    return count >= acknowledged and (acknowledged < 0 or balances == {1: total, 2: -total})


def _count_losses(folder: Path, record: Record, *, cuts: int) -> int:
    chance = random.Random(20261124)
    images = folder / "images"
    images.mkdir()
    moments = (chance.randrange(1, len(record.steps) + 1) for _ in range(cuts))
    return sum(not _survives(images, *_cut(record, one, chance)) for one in moments)


def test_no_power_cut_loses_what_was_acknowledged(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    settings = _settings_of_the_server(tmp_path)

    lost = _count_losses(tmp_path, _keep_books(tmp_path, settings), cuts=CUTS)

    assert lost == 0
    record_property("R2", {"cuts": CUTS, "lost": lost})


def test_with_fewer_syncs_a_power_cut_does_lose_something(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """The control: the same machine finds the losses of a setting that is known to have them."""
    settings = _settings_of_the_server(tmp_path) | {"synchronous": "NORMAL"}
    cuts = max(CUTS // 4, 50)

    lost = _count_losses(tmp_path, _keep_books(tmp_path, settings), cuts=cuts)

    assert lost > 0
    record_property("R2", {"control_cuts": cuts, "control_lost": lost})


@pytest.mark.parametrize("name", ["journal_mode", "synchronous"])
def test_the_server_does_set_them(tmp_path: Path, name: str) -> None:
    assert (
        _settings_of_the_server(tmp_path)[name] == {"journal_mode": "wal", "synchronous": "2"}[name]
    )
