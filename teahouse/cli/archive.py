"""The archive that `backup` writes and `restore` reads: a zip file.

    backup.json           what it is, written last: an archive without it is not whole
    tables/<name>.jsonl   one row a line, in an order that foreign keys allow
    files/<class>/<name>  every file of every class
    keys/<name>           the keys of the data folder

Rows are JSON arrays, so an archive of either database can be restored into the other. It holds
everything, secrets too; only its owner may read it.
"""

from __future__ import annotations

import base64
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import msgspec
import sqlalchemy as sa

FORMAT = 1
MANIFEST = "backup.json"

# How a column's values are written where JSON has no such thing.
Coding: TypeAlias = Literal["plain", "bytes", "boolean", "json", "decimal"]


_CODINGS: list[tuple[type[Any], Coding]] = [
    (sa.LargeBinary, "bytes"),
    (sa.Boolean, "boolean"),
    (sa.JSON, "json"),
    (sa.Numeric, "decimal"),
]


class ArchivedTable(msgspec.Struct, frozen=True):
    """A table in the archive.

    Attributes:
        name: of the table.
        columns: names and codings, in the order of a row's values.
        row_count: how many rows.
    """

    name: str
    columns: list[tuple[str, Coding]]
    row_count: int


class Manifest(msgspec.Struct, frozen=True):
    """What an archive says of itself.

    Attributes:
        format: of the archive.
        revision: of the schema.
        server_name: whose house it is.
        created_at: the instant it shows, milliseconds since the epoch.
        position: the last one given at that instant.
        tables: in an order that foreign keys allow.
        file_count: files of all classes.
        file_bytes: their size together.
    """

    format: int
    revision: str
    server_name: str
    created_at: int
    position: int
    tables: list[ArchivedTable]
    file_count: int
    file_bytes: int


class BadArchive(Exception):
    """A file that is no backup, or not a whole one."""


def table_member(name: str) -> str:
    """Where a table's rows are in the archive."""
    return f"tables/{name}.jsonl"


def read_manifest(archive: zipfile.ZipFile) -> Manifest:
    """What an archive says of itself.

    Raises:
        BadArchive: it is not whole, or of another format.
    """
    try:
        manifest = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
    except (KeyError, msgspec.DecodeError):
        raise BadArchive("This is no backup of a teahouse, or not a whole one.") from None
    if manifest.format != FORMAT:
        raise BadArchive(f"This archive has format {manifest.format}; this release reads {FORMAT}.")
    return manifest


def coding_of(column: sa.Column[Any]) -> Coding:
    """How a column's values are written."""
    return next((coding for kind, coding in _CODINGS if isinstance(column.type, kind)), "plain")


def encode_row(row: sa.Row[Any]) -> bytes:
    """A row as one line; bytes become base64 and decimals text."""
    return msgspec.json.encode(tuple(row)) + b"\n"


def decode_rows(archive: zipfile.ZipFile, table: ArchivedTable) -> Iterator[dict[str, object]]:
    """The rows of a table, as parameters of an INSERT."""
    with archive.open(table_member(table.name)) as lines:
        for line in lines:
            values = msgspec.json.decode(line)
            yield {
                name: _decode(value, coding)
                for (name, coding), value in zip(table.columns, values, strict=True)
            }


def target_of(table: ArchivedTable) -> sa.TableClause:
    """The table to insert into, as it was when the archive was made."""
    types: dict[Coding, Any] = {coding: kind() for kind, coding in _CODINGS}
    columns = [sa.column(name, types.get(coding)) for name, coding in table.columns]
    return sa.table(table.name, *columns)


def _decode(value: object, coding: Coding) -> object:
    if coding == "bytes" and isinstance(value, str):
        return base64.b64decode(value)
    if coding == "decimal" and isinstance(value, str):
        return Decimal(value)
    return value
