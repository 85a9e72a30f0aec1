"""`teahouse restore`: put everything back from an archive."""

from __future__ import annotations

import asyncio
import os
import zipfile
from collections.abc import AsyncIterator, Callable
from itertools import islice
from pathlib import Path

import click
import msgspec
import sqlalchemy as sa

from teahouse.cli.archive import (
    ArchivedTable,
    BadArchive,
    Manifest,
    Opener,
    decode_rows,
    read_manifest,
    target_of,
)
from teahouse.cli.house import (
    KEYS_FOLDER,
    database_url,
    load_domains,
    member_keys_of,
    open_files,
)
from teahouse.cli.terminal import (
    HOUSE,
    Advance,
    confirm,
    json_option,
    print_json,
    progress,
    settings_options,
    yes_option,
)
from teahouse.migrations import rebuild, stored_revision
from teahouse.platform.clock import SystemClock
from teahouse.platform.data_map import FILE_CLASSES, FileClass
from teahouse.platform.db import create_engine
from teahouse.platform.files import CHUNK_BYTES, Files
from teahouse.platform.settings import Settings
from teahouse.privacy.member_keys.errors import BadKeyFile

_ROWS_AT_A_TIME = 1000


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--member-keys",
    "copy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The newest copy of the members' keys, where they are not in the data folder.",
)
@yes_option
@json_option
@settings_options(*HOUSE, "files_url")
def restore(
    settings: Settings, file: Path, *, copy: Path | None, agreed: bool, as_json: bool
) -> None:
    """Put everything back from an archive.

    FILE was written by `teahouse backup`, on either kind of database. The server must be stopped.
    What was there before is gone. If it fails half way, the database is as it was; run it again.
    Of members who were erased since, nothing of their own comes back: their keys are destroyed.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = read_manifest(archive)
            _check_name(settings, manifest)
            if copy is not None:
                member_keys_of(settings).absorb(copy, now=SystemClock().now_ms())
            gone = _restore(settings, archive, manifest, agreed=agreed)
    except (zipfile.BadZipFile, BadArchive, BadKeyFile) as trouble:
        raise click.ClickException(f"{file}: {trouble}") from None
    rows = sum(table.row_count for table in manifest.tables) - gone.rows
    files = manifest.file_count - gone.files
    if as_json:
        told = {"rows": rows, "files": files}
        print_json(told | {"erased_rows": gone.rows, "erased_files": gone.files})
        return
    click.echo(f"{rows} rows and {files} files are back.", err=True)
    if gone.rows or gone.files:
        click.echo(
            f"{gone.rows} rows and {gone.files} files are of members who were erased: they are"
            " gone for good.",
            err=True,
        )


def _check_name(settings: Settings, manifest: Manifest) -> None:
    if manifest.server_name != settings.server_name:
        raise BadArchive(
            f"It is of {manifest.server_name}, this house is {settings.server_name}:"
            " every id would be a stranger's."
        )


class _Gone(msgspec.Struct):
    """What cannot come back: it was of members whose keys were destroyed."""

    rows: int = 0
    files: int = 0


def _restore(
    settings: Settings, archive: zipfile.ZipFile, manifest: Manifest, *, agreed: bool
) -> _Gone:
    gone = _Gone()
    held = member_keys_of(settings).load_all() if manifest.sealed_count else {}
    opener = Opener({key.key_id: key.key for key in held.values()}, manifest.salt)
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(database_url(settings))
    try:
        with engine.connect() as conn:
            is_used = stored_revision(conn) is not None
        if is_used:
            confirm("Replace everything in this database by the archive?", agreed=agreed)
        # Files first: rows that name a missing file would be seen by members.
        load_domains()
        _check_keys(archive, manifest, opener)
        restoring = _restore_files(open_files(settings), archive, manifest, opener)
        gone.files = asyncio.run(restoring)
        _restore_keys(settings.data_dir / KEYS_FOLDER, archive)
        with progress("Rows", sum(table.row_count for table in manifest.tables)) as advance:
            rebuild(engine, manifest.revision, _filler(archive, manifest, opener, advance))
    finally:
        engine.dispose()
    gone.rows = opener.gone
    return gone


def _check_keys(archive: zipfile.ZipFile, manifest: Manifest, opener: Opener) -> None:
    """Refuse before anything is changed where the keys are not here."""
    for table in manifest.tables:
        for _row in decode_rows(archive, table, opener):
            break
    opener.gone = 0


def _filler(
    archive: zipfile.ZipFile, manifest: Manifest, opener: Opener, advance: Advance
) -> Callable[[sa.Connection], None]:
    def fill(conn: sa.Connection) -> None:
        for table in manifest.tables:
            _fill_table(conn, archive, table, opener, advance)

    return fill


def _fill_table(
    conn: sa.Connection,
    archive: zipfile.ZipFile,
    table: ArchivedTable,
    opener: Opener,
    advance: Advance,
) -> None:
    statement = sa.insert(target_of(table))
    rows = decode_rows(archive, table, opener)
    count = 0
    while part := list(islice(rows, _ROWS_AT_A_TIME)):
        kept = [row for row in part if row is not None]
        if kept:
            conn.execute(statement, kept)
        count += len(part)
        advance(len(part))
    if count != table.row_count:
        raise BadArchive(f"{table.name} has {count} rows instead of {table.row_count}.")


async def _restore_files(
    files: Files, archive: zipfile.ZipFile, manifest: Manifest, opener: Opener
) -> int:
    """Put the files back; returns how many are gone with their members."""
    gone = 0
    with progress("Files", manifest.file_count) as advance:
        for file_class in FILE_CLASSES:
            kept = set()
            for member, name in _members(archive, f"files/{file_class.prefix}/"):
                await files.put(file_class, name, _pieces(archive, member))
                kept.add(name)
                advance(1)
            for member, name in _members(archive, f"sealed/{file_class.prefix}/"):
                place = f"{file_class.prefix}/{name}"
                advance(1)
                if not _is_readable(archive, member, opener):
                    gone += 1
                    continue
                await files.put(file_class, name, _opened_pieces(archive, member, opener, place))
                kept.add(name)
            await _remove_others(files, file_class, kept)
    return gone


def _is_readable(archive: zipfile.ZipFile, member: zipfile.ZipInfo, opener: Opener) -> bool:
    with archive.open(member) as content:
        return opener.knows(msgspec.json.decode(content.readline(), type=list[str]))


async def _opened_pieces(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, opener: Opener, place: str
) -> AsyncIterator[bytes]:
    with archive.open(member) as content:
        names = msgspec.json.decode(content.readline(), type=list[str])
        number = 0
        while head := content.read(4):
            sealed = content.read(int.from_bytes(head, "big"))
            piece = opener.open_piece(names, sealed, f"{place}#{number}")
            assert piece is not None
            yield piece
            number += 1


async def _remove_others(files: Files, file_class: FileClass, kept: set[str]) -> None:
    others = [stored.name async for stored in files.list(file_class) if stored.name not in kept]
    for name in others:
        await files.delete(file_class, name)


def _members(archive: zipfile.ZipFile, prefix: str) -> list[tuple[zipfile.ZipInfo, str]]:
    return [
        (member, member.filename.removeprefix(prefix))
        for member in archive.infolist()
        if member.filename.startswith(prefix)
    ]


async def _pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> AsyncIterator[bytes]:
    with archive.open(member) as content:
        while piece := content.read(CHUNK_BYTES):
            yield piece


def _restore_keys(folder: Path, archive: zipfile.ZipFile) -> None:
    for member, name in _members(archive, "keys/"):
        # The archive could have been made by anybody: a name is a name, not a path.
        if Path(name).name != name:
            raise BadArchive(f"{name} is no name of a key.")
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / name
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as output:
            output.write(archive.read(member))
            output.flush()
            os.fsync(output.fileno())
