"""`teahouse backup`: write everything into one archive, while the server runs."""

from __future__ import annotations

import asyncio
import os
import zipfile
from pathlib import Path

import click
import sqlalchemy as sa

from teahouse.cli.archive import (
    FORMAT,
    MANIFEST,
    ArchivedTable,
    Manifest,
    coding_of,
    encode_row,
    table_member,
)
from teahouse.cli.house import KEYS_FOLDER, load_domains, open_files, opened_database
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
from teahouse.migrations import stored_revision
from teahouse.platform.data_map import FILE_CLASSES
from teahouse.platform.db import Read, platform_position
from teahouse.platform.errors import NotFound
from teahouse.platform.files import Files
from teahouse.platform.json import encode_json
from teahouse.platform.settings import Settings

_ROWS_AT_A_TIME = 1000


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@yes_option
@json_option
@settings_options(*HOUSE, "files_url")
def backup(settings: Settings, file: Path, *, agreed: bool, as_json: bool) -> None:
    """Write everything into one archive, while the server runs.

    FILE (a zip) then holds the database as of one instant, the files and the keys. That is
    every secret of the house: keep it as safe as the house.
    """
    if file.exists():
        confirm(f"Replace {file}?", agreed=agreed)
    unfinished = file.with_name(f"{file.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        manifest = _write(settings, unfinished)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    rows = sum(table.row_count for table in manifest.tables)
    if as_json:
        print_json({"file": str(file), "rows": rows, "files": manifest.file_count})
    else:
        click.echo(f"{rows} rows and {manifest.file_count} files are in {file}.", err=True)


def _write(settings: Settings, path: Path) -> Manifest:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as output:
        with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            # Rows first: whatever file they name is there already, or was deleted since.
            manifest = _write_database(settings, archive)
            count, size = asyncio.run(_write_files(open_files(settings), archive))
            _write_keys(settings.data_dir / KEYS_FOLDER, archive)
            manifest = Manifest(
                FORMAT,
                manifest.revision,
                manifest.server_name,
                manifest.created_at,
                manifest.position,
                manifest.tables,
                count,
                size,
            )
            archive.writestr(MANIFEST, encode_json(manifest))
        output.flush()
        os.fsync(output.fileno())
    return manifest


def _write_database(settings: Settings, archive: zipfile.ZipFile) -> Manifest:
    """Every row, as of one instant: a single read-only transaction on either database."""
    metadata = load_domains()
    with opened_database(settings) as db, db.reading() as read:
        revision = stored_revision(read.conn)
        assert revision is not None
        position = read.conn.execute(sa.select(platform_position.c.position)).scalar_one()
        counts = {table.name: _count(read, table) for table in metadata.sorted_tables}
        with progress("Rows", sum(counts.values())) as advance:
            tables = [
                _write_table(read, table, archive, advance) for table in metadata.sorted_tables
            ]
        return Manifest(FORMAT, revision, settings.server_name, read.now, position, tables, 0, 0)


def _count(read: Read, table: sa.Table) -> int:
    return read.conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def _write_table(
    read: Read, table: sa.Table, archive: zipfile.ZipFile, advance: Advance
) -> ArchivedTable:
    query = sa.select(table).order_by(*table.primary_key.columns)
    rows = read.conn.execute(query, execution_options={"yield_per": _ROWS_AT_A_TIME})
    count = 0
    with archive.open(table_member(table.name), "w", force_zip64=True) as output:
        for part in rows.partitions():
            output.write(b"".join(encode_row(row) for row in part))
            count += len(part)
            advance(len(part))
    columns = [(str(column.name), coding_of(column)) for column in table.columns]
    return ArchivedTable(str(table.name), columns, count)


async def _write_files(files: Files, archive: zipfile.ZipFile) -> tuple[int, int]:
    count = size = 0
    with progress("Files", None) as advance:
        for file_class in FILE_CLASSES:
            async for stored in files.list(file_class):
                try:
                    opened = await files.get(file_class, stored.name)
                except NotFound:
                    continue  # deleted since it was listed
                # Pictures and films do not get smaller, ciphertext even less.
                member = zipfile.ZipInfo(f"files/{file_class.prefix}/{stored.name}")
                with archive.open(member, "w", force_zip64=True) as output:
                    async for chunk in opened.stream():
                        output.write(chunk)
                count += 1
                size += opened.size
                advance(1)
    return count, size


def _write_keys(folder: Path, archive: zipfile.ZipFile) -> None:
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            archive.writestr(f"keys/{path.name}", path.read_bytes())
