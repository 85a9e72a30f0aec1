"""`teahouse backup`: write everything into one archive, while the server runs."""

from __future__ import annotations

import asyncio
import os
import zipfile
from pathlib import Path

import click
import msgspec
import sqlalchemy as sa

from teahouse import app
from teahouse.cli.archive import (
    FORMAT,
    MANIFEST,
    ArchivedTable,
    Manifest,
    Sealer,
    coding_of,
    encode_row,
    list_aliases,
    sealed_head,
    sealing_of,
    table_member,
)
from teahouse.cli.house import (
    KEYS_FOLDER,
    load_domains,
    member_keys_of,
    open_files,
    opened_database,
)
from teahouse.cli.member_keys import write_copy
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
from teahouse.platform.chance import Chance
from teahouse.platform.clock import SystemClock
from teahouse.platform.data_map import FILE_CLASSES, FileClass
from teahouse.platform.db import Read, platform_position
from teahouse.platform.errors import NotFound
from teahouse.platform.files import Files, OpenedFile
from teahouse.platform.json import encode_json
from teahouse.platform.settings import Settings
from teahouse.privacy.member_keys.live import KEY_FILE, MemberKeys
from teahouse.privacy.member_keys.types import FileOwners, MemberKey

_ROWS_AT_A_TIME = 1000
_SALT_BYTES = 16


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--member-keys",
    "copies",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for a copy of the members' keys; copies older than seven days are deleted there.",
)
@yes_option
@json_option
@settings_options(*HOUSE, "files_url")
def backup(
    settings: Settings, file: Path, *, copies: Path | None, agreed: bool, as_json: bool
) -> None:
    """Write everything into one archive, while the server runs.

    FILE (a zip) then holds the database as of one instant, the files and the keys of the house.
    What is a member's own is sealed under that member's key, and those keys are not in it: to
    restore it, the newest copy of them is needed, which --member-keys writes.
    """
    if file.exists():
        confirm(f"Replace {file}?", agreed=agreed)
    unfinished = file.with_name(f"{file.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    started = SystemClock().ticks()
    try:
        manifest = _write(settings, unfinished)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    copy = None if copies is None else write_copy(settings, copies)
    seconds = SystemClock().ticks() - started
    rows = sum(table.row_count for table in manifest.tables)
    if as_json:
        told = {"file": str(file), "rows": rows, "files": manifest.file_count}
        told |= {"sealed_rows": manifest.sealed_count, "seconds": round(seconds, 3)}
        print_json(told | {"member_keys": None if copy is None else str(copy)})
        return
    click.echo(
        f"{rows} rows and {manifest.file_count} files are in {file}; {manifest.sealed_count} rows"
        f" are sealed under their members' keys ({seconds:.1f} s).",
        err=True,
    )
    if copy is None:
        click.echo(
            "The members' keys are not in it. Without --member-keys nothing but this house can"
            " read what is sealed.",
            err=True,
        )


def _write(settings: Settings, path: Path) -> Manifest:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as output:
        with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            writing = _Writing(settings, archive)
            # Rows first: whatever file they name is there already, or was deleted since.
            manifest = writing.write_database()
            count, size = asyncio.run(writing.write_files(open_files(settings)))
            _write_keys(settings.data_dir / KEYS_FOLDER, archive)
            manifest = msgspec.structs.replace(manifest, file_count=count, file_bytes=size)
            archive.writestr(MANIFEST, encode_json(manifest))
        output.flush()
        os.fsync(output.fileno())
    return manifest


class _Writing:
    """One archive being written.

    Args:
        settings: of the house.
        archive: where to.
    """

    def __init__(self, settings: Settings, archive: zipfile.ZipFile) -> None:
        self._settings = settings
        self._archive = archive
        self._chance = Chance()
        self._salt = self._chance.secrets.token_bytes(_SALT_BYTES)
        # Before the view is opened: who is erased by then has left nothing of their own in it.
        # Who is erased while we write is sealed under a key that is gone when we are done.
        self._keys = _KeyRing(member_keys_of(settings))
        self._sealer = Sealer(self._keys, self._salt, self._chance)
        self._owners = app.owners()
        self._aliases: dict[str, str] = {}
        self._file_owners: dict[str, dict[str, str]] = {}
        self._sealed_count = 0

    def write_database(self) -> Manifest:
        """Every row, as of one instant: a single read-only transaction on either database."""
        metadata = load_domains()
        tables = metadata.sorted_tables
        with opened_database(self._settings) as db, db.reading() as read:
            self._keys.now = read.now
            revision = stored_revision(read.conn)
            assert revision is not None
            position = read.conn.execute(sa.select(platform_position.c.position)).scalar_one()
            counts = {table.name: _count(read, table) for table in tables}
            self._aliases = list_aliases(read.conn, tables)
            with progress("Rows", sum(counts.values())) as advance:
                written = [_write_table(self, read, table, advance) for table in tables]
            self._find_file_owners(read)
            name, now = self._settings.server_name, read.now
        return Manifest(
            FORMAT, revision, name, now, position, written, 0, 0, self._salt, self._sealed_count
        )

    def write_rows(self, read: Read, table: sa.Table, advance: Advance) -> ArchivedTable:
        """One table; rows of members sealed."""
        columns = [(str(column.name), coding_of(column)) for column in table.columns]
        archived = ArchivedTable(str(table.name), columns, 0)
        sealing = sealing_of(table, self._owners.tables, self._aliases)
        lookups = sealing.ownership.lookups if sealing else {}
        query = sa.select(table, *(found.label(name) for name, found in lookups.items()))
        rows = read.conn.execute(
            query.order_by(*table.primary_key.columns),
            execution_options={"yield_per": _ROWS_AT_A_TIME},
        )
        count = 0
        with self._archive.open(table_member(table.name), "w", force_zip64=True) as output:
            for part in rows.partitions():
                lines = []
                for row in part:
                    line = sealing and self._sealer.seal_row(archived, row, sealing)
                    self._sealed_count += line is not None
                    lines.append(line or encode_row(row[: len(columns)]))
                output.write(b"".join(lines))
                count += len(part)
                advance(len(part))
        return msgspec.structs.replace(archived, row_count=count)

    def _find_file_owners(self, read: Read) -> None:
        for prefix, declared in self._owners.files.items():
            if isinstance(declared, FileOwners):
                rows = read.conn.execute(declared.names)
                self._file_owners[prefix] = {
                    name: self._aliases.get(owner, owner) for name, owner in rows
                }

    async def write_files(self, files: Files) -> tuple[int, int]:
        """Every file, those of members sealed; returns how many and their bytes."""
        count = size = 0
        with progress("Files", None) as advance:
            for file_class in FILE_CLASSES:
                async for stored in files.list(file_class):
                    owners = self._file_owners.get(file_class.prefix)
                    if owners is not None and stored.name not in owners:
                        continue  # it came after the rows, none of which names it
                    try:
                        opened = await files.get(file_class, stored.name)
                    except NotFound:
                        continue  # deleted since it was listed
                    owner = None if owners is None else owners[stored.name]
                    await self._write_file(file_class, stored.name, opened, owner)
                    count += 1
                    size += opened.size
                    advance(1)
        return count, size

    async def _write_file(
        self, file_class: FileClass, name: str, opened: OpenedFile, owner: str | None
    ) -> None:
        place = f"{file_class.prefix}/{name}"
        sealed = None if owner is None else self._sealer.seal_piece(owner, b"", place)
        folder = "files" if sealed is None else "sealed"
        # Pictures and films do not get smaller, ciphertext even less.
        member = zipfile.ZipInfo(f"{folder}/{place}")
        with self._archive.open(member, "w", force_zip64=True) as output:
            if sealed is not None:
                output.write(sealed_head(sealed[0]))
            number = 0
            async for chunk in opened.stream():
                if owner is None or sealed is None:
                    output.write(chunk)
                    continue
                # Its number is part of its place: pieces can't change theirs.
                piece = self._sealer.seal_piece(owner, chunk, f"{place}#{number}")
                assert piece is not None
                output.write(len(piece[1]).to_bytes(4, "big") + piece[1])
                number += 1


class _KeyRing(dict[str, MemberKey]):
    """Every key by its owner; made where a member has none yet."""

    def __init__(self, keys: MemberKeys) -> None:
        super().__init__(keys.load_all())
        self._member_keys = keys
        self.now = 0

    def __missing__(self, owner: str) -> MemberKey:
        self[owner] = self._member_keys.ensure([owner], now=self.now)[owner]
        return self[owner]


def _count(read: Read, table: sa.Table) -> int:
    return read.conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def _write_table(writing: _Writing, read: Read, table: sa.Table, advance: Advance) -> ArchivedTable:
    return writing.write_rows(read, table, advance)


def _write_keys(folder: Path, archive: zipfile.ZipFile) -> None:
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            # Those of members must not outlive them in an archive; its journal neither.
            if not path.name.startswith(KEY_FILE):
                archive.writestr(f"keys/{path.name}", path.read_bytes())
