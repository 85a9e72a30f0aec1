"""`teahouse restore`: put everything back from an archive."""

from __future__ import annotations

import asyncio
import os
import zipfile
from collections.abc import AsyncIterator, Callable
from itertools import islice
from pathlib import Path

import click
import sqlalchemy as sa

from teahouse.cli.archive import (
    ArchivedTable,
    BadArchive,
    Manifest,
    decode_rows,
    read_manifest,
    target_of,
)
from teahouse.cli.house import KEYS_FOLDER, database_url, load_domains, open_files
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
from teahouse.platform.data_map import FILE_CLASSES, FileClass
from teahouse.platform.db import create_engine
from teahouse.platform.files import CHUNK_BYTES, Files
from teahouse.platform.settings import Settings

_ROWS_AT_A_TIME = 1000


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@yes_option
@json_option
@settings_options(*HOUSE, "files_url")
def restore(settings: Settings, file: Path, *, agreed: bool, as_json: bool) -> None:
    """Put everything back from an archive.

    FILE was written by `teahouse backup`, on either kind of database. The server must be stopped.
    What was there before is gone. If it fails half way, the database is as it was; run it again.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = read_manifest(archive)
            _check_name(settings, manifest)
            _restore(settings, archive, manifest, agreed=agreed)
    except (zipfile.BadZipFile, BadArchive) as trouble:
        raise click.ClickException(f"{file}: {trouble}") from None
    rows = sum(table.row_count for table in manifest.tables)
    if as_json:
        print_json({"rows": rows, "files": manifest.file_count})
    else:
        click.echo(f"{rows} rows and {manifest.file_count} files are back.", err=True)


def _check_name(settings: Settings, manifest: Manifest) -> None:
    if manifest.server_name != settings.server_name:
        raise BadArchive(
            f"It is of {manifest.server_name}, this house is {settings.server_name}:"
            " every id would be a stranger's."
        )


def _restore(
    settings: Settings, archive: zipfile.ZipFile, manifest: Manifest, *, agreed: bool
) -> None:
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(database_url(settings))
    try:
        with engine.connect() as conn:
            is_used = stored_revision(conn) is not None
        if is_used:
            confirm("Replace everything in this database by the archive?", agreed=agreed)
        # Files first: rows that name a missing file would be seen by members.
        load_domains()
        asyncio.run(_restore_files(open_files(settings), archive, manifest))
        _restore_keys(settings.data_dir / KEYS_FOLDER, archive)
        with progress("Rows", sum(table.row_count for table in manifest.tables)) as advance:
            rebuild(engine, manifest.revision, _filler(archive, manifest, advance))
    finally:
        engine.dispose()


def _filler(
    archive: zipfile.ZipFile, manifest: Manifest, advance: Advance
) -> Callable[[sa.Connection], None]:
    def fill(conn: sa.Connection) -> None:
        for table in manifest.tables:
            _fill_table(conn, archive, table, advance)

    return fill


def _fill_table(
    conn: sa.Connection, archive: zipfile.ZipFile, table: ArchivedTable, advance: Advance
) -> None:
    statement = sa.insert(target_of(table))
    rows = decode_rows(archive, table)
    count = 0
    while part := list(islice(rows, _ROWS_AT_A_TIME)):
        conn.execute(statement, part)
        count += len(part)
        advance(len(part))
    if count != table.row_count:
        raise BadArchive(f"{table.name} has {count} rows instead of {table.row_count}.")


async def _restore_files(files: Files, archive: zipfile.ZipFile, manifest: Manifest) -> None:
    with progress("Files", manifest.file_count) as advance:
        for file_class in FILE_CLASSES:
            kept = set()
            for member, name in _members(archive, f"files/{file_class.prefix}/"):
                await files.put(file_class, name, _pieces(archive, member))
                kept.add(name)
                advance(1)
            await _remove_others(files, file_class, kept)


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
