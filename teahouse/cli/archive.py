"""The archive that `backup` writes and `restore` reads: a zip file.

    backup.json            what it is, written last: an archive without it is not whole
    tables/<name>.jsonl    one row a line, in an order that foreign keys allow
    files/<class>/<name>   files that are nobody's own
    sealed/<class>/<name>  files of members, each sealed under its owner's key
    keys/<name>            the keys of the data folder, but not those of members

Rows are JSON arrays, so an archive of either database can be restored into the other. A row that
is a member's own is sealed under their key (`privacy.member_keys`), which is in no archive: once
it is destroyed, of the row is left what its erasure would have left.
"""

from __future__ import annotations

import base64
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import msgspec
import sqlalchemy as sa

from teahouse.platform.chance import Chance
from teahouse.platform.data_map import PersonalData, declaration
from teahouse.privacy.member_keys.rules import (
    NONCE_BYTES,
    NotOpened,
    derive_key,
    open_sealed,
    ownership_of,
    seal,
)
from teahouse.privacy.member_keys.types import Declared, MemberKey, Ownership

FORMAT = 2
# Of a format before, in which nothing was sealed, the rest reads the same.
_FORMATS = (1, FORMAT)
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
        salt: from which, with the members' keys, the keys of this archive are derived.
        sealed_count: how many rows are members' own, and sealed.
    """

    format: int
    revision: str
    server_name: str
    created_at: int
    position: int
    tables: list[ArchivedTable]
    file_count: int
    file_bytes: int
    salt: bytes = b""
    sealed_count: int = 0


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
    if manifest.format not in _FORMATS:
        raise BadArchive(f"This archive has format {manifest.format}; this release reads {FORMAT}.")
    return manifest


def coding_of(column: sa.Column[Any]) -> Coding:
    """How a column's values are written."""
    return next((coding for kind, coding in _CODINGS if isinstance(column.type, kind)), "plain")


def encode_row(row: Sequence[Any]) -> bytes:
    """A row as one line; bytes become base64 and decimals text."""
    return msgspec.json.encode(tuple(row)) + b"\n"


def decode_rows(
    archive: zipfile.ZipFile, table: ArchivedTable, opener: Opener
) -> Iterator[dict[str, object] | None]:
    """The rows of a table, as parameters of an INSERT; None for each that is gone for good."""
    with archive.open(table_member(table.name)) as lines:
        for line in lines:
            values = opener.open_row(line, table.name)
            yield (
                None
                if values is None
                else {
                    name: _decode(value, coding)
                    for (name, coding), value in zip(table.columns, values, strict=True)
                }
            )


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


# What is a member's own


class SealedRow(msgspec.Struct, frozen=True, rename={"keys": "k", "sealed": "s", "left": "l"}):
    """A line of a table that is a member's own.

    Attributes:
        keys: names of the keys of all whose it is.
        sealed: the row.
        left: the row as it is without them; None: nothing is left.
    """

    keys: list[str]
    sealed: bytes
    left: list[Any] | None = None


class Sealer:
    """Seals what goes into one archive.

    Args:
        keys: every key by its owner. Whoever has none left was erased: what there is of them now
            is what the erasure left, and nothing of their own.
        salt: of the archive.
        chance: makes nonces.
    """

    def __init__(self, keys: Mapping[str, MemberKey], salt: bytes, chance: Chance) -> None:
        self._keys = keys
        self._salt = salt
        self._secrets = chance.secrets
        self._derived: dict[tuple[str, ...], tuple[list[str], bytes]] = {}

    def seal_row(self, table: ArchivedTable, row: sa.Row[Any], ownership: _Sealing) -> bytes | None:
        """A row as a sealed line; None where it is nobody's own."""
        mapping = row._asdict()
        found = self._find(ownership.find_owners(mapping))
        if found is None:
            return None
        names, key = found
        wide = len(table.columns)
        text = msgspec.json.encode(tuple(row)[:wide])
        sealed = self._seal(key, text, f"tables/{table.name}")
        left = ownership.left(mapping)
        kept = None if left is None else [left[name] for name, _ in table.columns]
        return msgspec.json.encode(SealedRow(names, sealed, kept)) + b"\n"

    def seal_piece(self, owner: str, piece: bytes, place: str) -> tuple[list[str], bytes] | None:
        """A piece of a file, sealed; None where it is of nobody who is still a member."""
        found = self._find({owner})
        return None if found is None else (found[0], self._seal(found[1], piece, place))

    def _find(self, owners: set[str]) -> tuple[list[str], bytes] | None:
        place = tuple(sorted(owners))
        if place in self._derived:
            return self._derived[place]
        held = [key for one in place if (key := self._keys[one]).key is not None]
        if not held:
            return None
        secret = derive_key([key.key for key in held if key.key is not None], self._salt)
        self._derived[place] = ([key.key_id for key in held], secret)
        return self._derived[place]

    def _seal(self, key: bytes, text: bytes, place: str) -> bytes:
        return seal(key, text, place=place, nonce=self._secrets.token_bytes(NONCE_BYTES))


class _Sealing:
    """How the rows of one table are sealed.

    Args:
        ownership: whose they are.
        aliases: the members behind what stands for them in tables.
    """

    def __init__(self, ownership: Ownership, aliases: Mapping[str, str]) -> None:
        self.ownership = ownership
        self._aliases = aliases

    def find_owners(self, row: Mapping[str, Any]) -> set[str]:
        """The members whose a row is."""
        named = {str(one) for one in self.ownership.owners(row) if one is not None}
        known = {self._aliases.get(one, one) for one in named}
        return {one for one in known if one.startswith("@")}

    def left(self, row: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """What an erasure leaves of a row."""
        return None if self.ownership.left is None else self.ownership.left(row)


def sealing_of(table: sa.Table, declared: Declared, aliases: Mapping[str, str]) -> _Sealing | None:
    """How a table's rows are sealed; None: they are nobody's own."""
    found = ownership_of(table, declared)
    return None if found is None else _Sealing(found, aliases)


class Opener:
    """Opens what is sealed in an archive.

    Args:
        keys: every key by its name; those destroyed have none.
        salt: of the archive.
    """

    def __init__(self, keys: Mapping[str, bytes | None], salt: bytes) -> None:
        self._keys = keys
        self._salt = salt
        self._derived: dict[tuple[str, ...], bytes | None] = {}
        self.gone = 0

    def open_row(self, line: bytes, table: str) -> list[Any] | None:
        """The values of a row, or what is left of it.

        Raises:
            BadArchive: a key is not known, or the row was changed.
        """
        if not line.startswith(b"{"):
            plain: list[Any] = msgspec.json.decode(line)
            return plain
        row = msgspec.json.decode(line, type=SealedRow)
        text = self.open_piece(row.keys, row.sealed, f"tables/{table}")
        if text is None:
            self.gone += 1
            return row.left
        opened: list[Any] = msgspec.json.decode(text)
        return opened

    def knows(self, names: list[str]) -> bool:
        """Whether all of these keys are still there.

        Raises:
            BadArchive: one is not known at all.
        """
        return self._find(tuple(names)) is not None

    def open_piece(self, names: list[str], sealed: bytes, place: str) -> bytes | None:
        """What was sealed; None where a key of it was destroyed.

        Raises:
            BadArchive: a key is not known, or it was changed.
        """
        key = self._find(tuple(names))
        if key is None:
            return None
        try:
            return open_sealed(key, sealed, place=place)
        except NotOpened:
            raise BadArchive(f"What is sealed at {place} was changed.") from None

    def _find(self, names: tuple[str, ...]) -> bytes | None:
        if names not in self._derived:
            if not names or any(name not in self._keys for name in names):
                raise BadArchive(
                    "It holds rows of members whose keys are not here. Name the newest copy of"
                    " the members' keys with --member-keys."
                )
            held = [self._keys[name] for name in names]
            keys = [key for key in held if key is not None]
            whole = len(keys) == len(held)
            self._derived[names] = derive_key(keys, self._salt) if whole else None
        return self._derived[names]


def list_aliases(conn: sa.Connection, tables: list[sa.Table]) -> dict[str, str]:
    """The members behind what stands for them, as the data map says."""
    found: dict[str, str] = {}
    for table in tables:
        for column in table.columns:
            declared = declaration(column)
            if isinstance(declared, PersonalData) and declared.is_alias:
                rows = conn.execute(
                    sa.select(column, table.c.user_id).where(table.c.user_id.is_not(None))
                )
                found.update((row[0], row[1]) for row in rows)
    return found


def sealed_head(names: list[str]) -> bytes:
    """What a sealed file begins with: the names of its keys, on a line."""
    return msgspec.json.encode(names) + b"\n"
