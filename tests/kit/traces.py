"""Where a text is still found after it was to be gone: in every row, and in every file."""

from __future__ import annotations

import base64
import gzip
import io
import zipfile
from pathlib import Path

import sqlalchemy as sa

from teahouse.platform.db import Database


def rows_that_hold(db: Database, text: str) -> list[str]:
    """The tables of which some row holds a text, in whatever column."""
    found = []
    stored = sa.MetaData()
    with db.engine.connect() as conn:
        stored.reflect(conn)
        for table in stored.sorted_tables:
            for row in conn.execute(sa.select(table)):
                if any(text.encode() in _to_bytes(value) for value in row):
                    found.append(table.name)
                    break
    return found


def _to_bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def files_that_hold(db: Database, folder: Path, text: str) -> list[str]:
    """The files of a house that hold a text: of its folder, and of an SQLite database.

    The log of an SQLite database is emptied first, as its next checkpoint does.
    """
    paths = [path for path in folder.rglob("*") if path.is_file()]
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as conn:
            # Outside of a transaction, or the log could not be emptied.
            connection = conn.connection.driver_connection
            assert connection is not None
            conn.rollback()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert db.engine.url.database is not None
        file = Path(db.engine.url.database)
        paths += sorted(file.parent.glob(f"{file.name}*"))
    return [str(path) for path in paths if text.encode() in path.read_bytes()]


def log_of(db: Database) -> bytes:
    """What stands in an SQLite database's log of writes; nothing where there is none."""
    file = Path(f"{db.engine.url.database}-wal")
    return file.read_bytes() if file.exists() else b""


# In every form, in every file


def forms_of(text: str) -> list[bytes]:
    """A text as it may stand in bytes: as it is, in UTF-16, as hex, as base64."""
    raw = text.encode()
    forms = [raw, text.encode("utf-16-le"), text.encode("utf-16-be"), raw.hex().encode()]
    forms.append(raw.hex().upper().encode())
    for shift in range(3):
        # Of the letters at the ends some bits belong to what stands before and behind.
        encoded = base64.b64encode(b"\0" * shift + raw + b"\0" * ((-shift - len(raw)) % 3))
        forms.append(encoded[4 if shift else 0 : -4])
    return forms


def scan_bytes(content: bytes, text: str) -> bool:
    """Whether bytes hold a text in some form; what is packed with zip or gzip is unpacked."""
    if any(form in content for form in forms_of(text)):
        return True
    if content[:2] == b"\x1f\x8b":
        return scan_bytes(gzip.decompress(content), text)
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            return any(scan_bytes(opened.read(name), text) for name in opened.namelist())
    return False


def scan_files(db: Database, folder: Path, text: str) -> list[str]:
    """The files of a folder, and of an SQLite database with its log, that hold a text somehow."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    if db.engine.dialect.name == "sqlite":
        assert db.engine.url.database is not None
        file = Path(db.engine.url.database)
        paths += sorted(file.parent.glob(f"{file.name}*"))
    return [path.name for path in paths if scan_bytes(path.read_bytes(), text)]


def tables_files_that_hold(db: Database, text: str) -> list[str]:
    """The files in which PostgreSQL has a database's tables and indexes, that hold a text.

    Not its log: that is written for the whole server, and ends when its operator says.
    """
    with db.engine.connect() as conn:
        driver = conn.connection.driver_connection
        assert driver is not None
        conn.rollback()
        driver.autocommit = True
        try:
            # What is in memory only must be on the disk before the disk is looked at.
            driver.execute("CHECKPOINT")
            (folder,) = driver.execute("SHOW data_directory").fetchone()
            (oid,) = driver.execute(
                "SELECT oid FROM pg_database WHERE datname = current_database()"
            ).fetchone()
        finally:
            driver.autocommit = False
    files = Path(folder, "base", str(oid)).iterdir()
    return [one.name for one in files if scan_bytes(one.read_bytes(), text)]


def parts_that_hold(archive: Path, text: str) -> list[str]:
    """The parts of a zip file that hold a text somehow."""
    with zipfile.ZipFile(archive) as opened:
        return [name for name in opened.namelist() if scan_bytes(opened.read(name), text)]
