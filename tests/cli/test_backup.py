"""`teahouse backup` and `teahouse restore`, within and across both kinds of database."""

import asyncio
import json
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from teahouse.accounts import list_members
from teahouse.cli import backup
from teahouse.cli.archive import MANIFEST, ArchivedTable, read_manifest, table_member
from teahouse.cli.terminal import Advance
from teahouse.migrations import newest_revision
from teahouse.migrations.tables_of_all import load_all_tables
from teahouse.platform.clock import SystemClock
from teahouse.platform.data_map import FILE_CLASSES, FileClass, declare_files
from teahouse.platform.db import Database, Read, Tx, create_engine
from teahouse.platform.files import Files
from teahouse.platform.jobs import enqueue, list_jobs
from tests.cli.conftest import Run
from tests.kit.database import DatabaseKind, Databases, open_database

PASSWORD = "correct horse battery staple"


@pytest.fixture
def scraps() -> Iterator[FileClass]:
    declared = declare_files("scraps", "content", "tests", keep="account", seen_by=("self",))
    yield declared
    FILE_CLASSES.remove(declared)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "house.zip"


@pytest.fixture
def furnished(run: Run, db: Database, data: Path, scraps: FileClass) -> Database:
    """A house with a member, jobs with odd text, files and a key."""
    run("member", "add", "ada", "--role", "operator", "--password-stdin", typed=PASSWORD)
    for text in ("plain", "Ünïcode 茶馆 🍵", 'quotes " and \\ and \n lines'):
        db.run(enqueue, "greet", {"text": text})
    files = Files("", data / "files")
    asyncio.run(files.put(scraps, "a/b", b"\x00\xff" * 500_000))
    (data / "keys").mkdir(exist_ok=True)
    (data / "keys" / "spare.key").write_bytes(b"secret")
    return db


def rows_of(url: str | sa.URL) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    engine = create_engine(sa.make_url(url).render_as_string(hide_password=False))
    with engine.connect() as conn:
        rows = {
            table.name: sorted(map(tuple, conn.execute(sa.select(table))), key=repr)
            for table in load_all_tables().sorted_tables
        }
    engine.dispose()
    return rows


@pytest.mark.parametrize("target_kind", ["sqlite", "postgresql"])
def test_a_house_is_restored_into_either_kind_of_database(
    run: Run, furnished: Database, databases: Databases, archive: Path, target_kind: DatabaseKind
) -> None:
    run("backup", str(archive))
    target = databases.create(target_kind, migrated=False)
    other = archive.parent / "other"
    options = ["--data", str(other), "--database-url", target]
    keys = json.loads(run("member-keys", "copy", str(archive.parent / "copies"), "--json").stdout)
    run("restore", str(archive), "--member-keys", keys["file"], *options)

    assert rows_of(target) == rows_of(furnished.engine.url)
    assert (other / "files/scraps/a/b").read_bytes() == b"\x00\xff" * 500_000
    assert (other / "keys/spare.key").read_bytes() == b"secret"
    assert stat.S_IMODE((other / "keys/spare.key").stat().st_mode) == 0o600
    run("check", *options)
    with open_database(target, SystemClock()) as restored:
        assert restored.position == furnished.poll_position()
        assert restored.run(Tx.next_position) == furnished.poll_position() + 1
    databases.drop(target)


def test_an_archive_is_whole_and_only_its_owners(
    run: Run, furnished: Database, archive: Path
) -> None:
    told = run("backup", str(archive), "--json").stdout
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        manifest = read_manifest(opened)
    assert manifest.revision == newest_revision()
    assert manifest.position == furnished.poll_position()
    assert (manifest.file_count, manifest.file_bytes) == (1, 1_000_000)
    assert f'"rows":{sum(table.row_count for table in manifest.tables)}' in told


def test_an_archive_shows_one_instant_while_the_house_is_written_to(
    run: Run, furnished: Database, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_table = backup._write_table

    def write_and_disturb(
        writing: backup._Writing, read: Read, table: sa.Table, advance: Advance
    ) -> ArchivedTable:
        furnished.run(enqueue, "disturb")
        return write_table(writing, read, table, advance)

    monkeypatch.setattr(backup, "_write_table", write_and_disturb)
    run("backup", str(archive))
    with zipfile.ZipFile(archive) as opened:
        rows = opened.read(table_member("platform_job")).splitlines()
    assert len(furnished.look(list_jobs)) > len(rows) == 3


def test_a_restore_replaces_only_when_agreed(
    run: Run, furnished: Database, database_url: str, archive: Path
) -> None:
    run("backup", str(archive))
    before = rows_of(database_url)
    run("member", "add", "bob", "--password-stdin", typed=PASSWORD)
    assert "--yes" in run("restore", str(archive), exit_code=2).stderr
    assert [one.user_id for one in furnished.look(list_members)] == [
        "@ada:localhost",
        "@bob:localhost",
        "@wallet:localhost",
    ]
    furnished.engine.dispose()
    run("restore", str(archive), "--yes")
    assert rows_of(database_url) == before


def test_files_that_the_archive_does_not_have_are_gone_afterwards(
    run: Run, furnished: Database, archive: Path, data: Path, scraps: FileClass
) -> None:
    run("backup", str(archive))
    asyncio.run(Files("", data / "files").put(scraps, "later", b"x"))
    furnished.engine.dispose()
    run("restore", str(archive), "--yes")
    assert sorted(path.name for path in (data / "files/scraps").rglob("*") if path.is_file()) == [
        "b"
    ]


def test_an_archive_is_replaced_only_when_agreed(run: Run, archive: Path) -> None:
    archive.write_bytes(b"something else")
    assert "--yes" in run("backup", str(archive), exit_code=2).stderr
    assert archive.read_bytes() == b"something else"
    run("backup", str(archive), "--yes")
    assert zipfile.is_zipfile(archive)


def test_a_backup_that_fails_leaves_the_older_one(run: Run, archive: Path, data: Path) -> None:
    archive.write_bytes(b"older")
    (data / "keys/folder").mkdir(parents=True)
    assert "Error:" in run("backup", str(archive), "--yes", exit_code=1).stderr
    assert archive.read_bytes() == b"older"
    assert [path.name for path in archive.parent.glob("house*")] == ["house.zip"]


def _cut(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:-100])


def _without_manifest(archive: Path) -> None:
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("tables/x.jsonl", b"")


def _with_manifest(archive: Path, **changes: object) -> None:
    with zipfile.ZipFile(archive) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    manifest = msgspec.json.decode(members[MANIFEST]) | changes
    with zipfile.ZipFile(archive, "w") as opened:
        for name, content in members.items():
            opened.writestr(name, msgspec.json.encode(manifest) if name == MANIFEST else content)


def _of_elsewhere(archive: Path) -> None:
    _with_manifest(archive, server_name="elsewhere.example")


def _of_the_future(archive: Path) -> None:
    _with_manifest(archive, revision="9999")


def _of_another_format(archive: Path) -> None:
    _with_manifest(archive, format=99)


def _with_a_row_too_few(archive: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    members[table_member("platform_job")] = b""
    with zipfile.ZipFile(archive, "w") as opened:
        for name, content in members.items():
            opened.writestr(name, content)


def _with_a_path_for_a_key(archive: Path) -> None:
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr("keys/../../stolen", b"x")


@pytest.mark.parametrize(
    "spoil",
    [_cut, _without_manifest, _of_elsewhere, _of_the_future, _of_another_format,
     _with_a_row_too_few, _with_a_path_for_a_key],
)  # fmt: skip
def test_an_archive_that_cannot_be_restored_changes_nothing_in_the_database(
    run: Run, furnished: Database, database_url: str, archive: Path, spoil: Callable[[Path], None]
) -> None:
    run("backup", str(archive))
    spoil(archive)
    before = rows_of(database_url)
    furnished.engine.dispose()
    told = run("restore", str(archive), "--yes", exit_code=1)
    assert told.stderr.startswith("Error:")
    assert rows_of(database_url) == before
    assert not (archive.parent / "stolen").exists()
