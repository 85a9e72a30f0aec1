"""A reader who takes long lets SQLite's log grow; it is cut back once they are gone.

A soak found it: a backup of a minute and a half under load left a log of 109 MB for good.
"""

from pathlib import Path

from teahouse.platform.db import create_engine, sqlite_url

LOG_BYTES_KEPT = 20_000_000


def _log_after_a_long_reader(folder: Path, *pragmas: str) -> int:
    """Bytes of the log after much was written beside a reader, and a little after they left.

    Args:
        folder: where.
        pragmas: what is set against the server's own settings.
    """
    url = sqlite_url(folder / "house.db")
    writer, readers = create_engine(url), create_engine(url, read_only=True)
    with writer.connect() as conn:
        for pragma in pragmas:
            conn.exec_driver_sql(f"PRAGMA {pragma}")
        conn.rollback()
        with conn.begin():
            conn.exec_driver_sql("CREATE TABLE tea (leaf BLOB)")
        with readers.connect() as reading:
            reading.exec_driver_sql("SELECT count(*) FROM tea").all()
            for _ in range(30):
                with conn.begin():
                    conn.exec_driver_sql("INSERT INTO tea VALUES (zeroblob(1000000))")
        assert _size(folder) > LOG_BYTES_KEPT
        # The first of these copies the log into the database, the next begins it anew.
        for _ in range(3):
            with conn.begin():
                conn.exec_driver_sql("INSERT INTO tea VALUES (x'00')")
        size = _size(folder)
    writer.dispose()
    readers.dispose()
    return size


def _size(folder: Path) -> int:
    return (folder / "house.db-wal").stat().st_size


def test_the_log_is_cut_back_when_a_long_reader_has_left(tmp_path: Path) -> None:
    assert _log_after_a_long_reader(tmp_path) <= LOG_BYTES_KEPT


def test_without_the_setting_it_would_stay(tmp_path: Path) -> None:
    """The control: SQLite's own default keeps the file as large as it ever was."""
    assert _log_after_a_long_reader(tmp_path, "journal_size_limit=-1") > LOG_BYTES_KEPT
