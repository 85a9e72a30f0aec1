"""Reading archives, and the rows of the data map that go into one."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from teahouse.platform.data_map import PersonalData, declaration
from teahouse.platform.db import Read, metadata
from teahouse.platform.json import Json, JsonObject, encode_json
from teahouse.platform.requester import Requester
from teahouse.privacy.archives.access import access_archive, select_archives, to_archive
from teahouse.privacy.archives.rules import SCHEMA_DIALECT
from teahouse.privacy.archives.tables import privacy_archive
from teahouse.privacy.archives.types import Archive, ArchiveId
from teahouse.privacy.policy.queries import list_aliases, list_naming_columns

ROWS_AT_A_TIME: Final = 500
# What `_to_json` makes of a column, by what it is in the program.
_SHAPES: Final[Mapping[type[Any], JsonObject]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    float: {"type": "number"},
    bytes: {"type": "string", "pattern": "^base64:[A-Za-z0-9+/]*={0,2}$"},
    date: {"type": "string", "format": "date"},
}
_LIST_MAX: Final = 100
_row = privacy_archive.c
_SEEN_BY_MEMBERS: Final = {"self", "members", "room", "public", "counterparty"}

WITHHELD: Final = (
    "A secret, or what is made from one. It would let whoever finds this archive act as you."
)
UNSEEN: Final = (
    "Who of the staff did it, or a step of signing in. It says nothing of you that is not said "
    "elsewhere in here."
)
AT_WORK: Final = (
    "What others did, with you at work for the house or a shop. Only that it was you is in here."
)


class StoredKey(msgspec.Struct, frozen=True):
    """What opens an archive's file."""

    archive: Archive
    file_key: bytes


def list_archives(read: Read, requester: Requester) -> list[Archive]:
    """One's archives, the newest first."""
    rows = read.conn.execute(
        select_archives()
        .where(_row.user_id == requester.user_id, _row.expires_at > read.now)
        .order_by(_row.archive_id.desc())
        .limit(_LIST_MAX)
    )
    return [to_archive(row) for row in rows]


def find_archive(read: Read, requester: Requester, archive_id: str) -> Archive:
    """How far one's own archive is.

    Raises:
        UnknownArchive: somebody else's, or there is none.
    """
    return access_archive(read, requester, archive_id)


def load_archive(read: Read, archive_id: str) -> tuple[StoredKey, str] | None:
    """An archive and whose it is, for those who make it."""
    row = read.conn.execute(
        sa.select(*select_archives().selected_columns, _row.user_id).where(
            _row.archive_id == archive_id, _row.expires_at > read.now
        )
    ).one_or_none()
    if row is None:
        return None
    fields = {name: getattr(row, name) for name in Archive.__struct_fields__}
    return StoredKey(Archive(**fields), _find_key(read, archive_id)), row.user_id


def list_expired_archives(read: Read, limit: int) -> list[ArchiveId]:
    """Archives whose time is over."""
    rows = read.conn.execute(
        sa.select(_row.archive_id)
        .where(_row.expires_at <= read.now)
        .order_by(_row.expires_at, _row.archive_id)
        .limit(limit)
    )
    return list(rows.scalars())


def _find_key(read: Read, archive_id: str) -> bytes:
    found: bytes = read.conn.execute(
        sa.select(_row.file_key).where(_row.archive_id == archive_id)
    ).scalar_one()
    return found


# Records


class RecordTable(msgspec.Struct, frozen=True):
    """A table whose rows about a member go into an archive.

    Attributes:
        name: of the table.
        columns: what of each row.
        subjects: the columns that say whom a row is about.
    """

    name: str
    columns: tuple[str, ...]
    subjects: tuple[str, ...]


class RecordPlan(msgspec.Struct, frozen=True):
    """What of the data map goes into archives row by row, and what does not.

    Attributes:
        tables: those that do.
        left_out: `table` or `table.column` and why, for all that is personal and in no archive.
        unsaid: columns of which nothing says where they are; none, or it is a mistake.
    """

    tables: tuple[RecordTable, ...]
    left_out: dict[str, str]
    unsaid: tuple[str, ...]


def plan_records(told: Mapping[str, str], left_out: Mapping[str, str]) -> RecordPlan:
    """Go through the data map.

    Args:
        told: tables and columns that other files of an archive tell.
        left_out: tables and columns that are in none, with the reason.
    """
    tables: list[RecordTable] = []
    reasons: dict[str, str] = {}
    unsaid: list[str] = []
    for table in sorted(metadata.tables.values(), key=lambda one: one.name):
        personal = _personal_columns(table)
        if not personal or table.name in told:
            continue
        if table.name in left_out:
            reasons[table.name] = left_out[table.name]
            continue
        record, out = _plan_table(table, personal, left_out=left_out, told=told)
        reasons |= out
        if record is None:
            unsaid += [
                f"{table.name}.{name}"
                for name in personal
                if f"{table.name}.{name}" not in {*out, *told}
            ]
        else:
            tables.append(record)
    return RecordPlan(tuple(tables), reasons, tuple(unsaid))


def _personal_columns(table: sa.Table) -> dict[str, PersonalData]:
    return {
        column.name: declared
        for column in table.columns
        if isinstance(declared := declaration(column), PersonalData)
    }


def _plan_table(
    table: sa.Table,
    personal: Mapping[str, PersonalData],
    *,
    left_out: Mapping[str, str],
    told: Mapping[str, str],
) -> tuple[RecordTable | None, dict[str, str]]:
    naming = [column.name for column in list_naming_columns(table)]
    subjects = [name for name in naming if not _is_at_work(name)]
    out: dict[str, str] = {}
    for name, declared in personal.items():
        place = f"{table.name}.{name}"
        if place in told:
            continue
        if (reason := left_out.get(place)) is not None:
            out[place] = reason
        elif declared.category == "credential":
            out[place] = WITHHELD
        elif declared.seen_by and _SEEN_BY_MEMBERS.isdisjoint(declared.seen_by):
            out[place] = UNSEEN
        elif naming and not subjects and name not in naming:
            out[place] = AT_WORK
    if not naming:
        return None, out
    hidden = {
        place.rpartition(".")[2] for place in (*out, *told) if place.startswith(f"{table.name}.")
    }
    columns = tuple(column.name for column in table.columns if column.name not in hidden)
    return RecordTable(table.name, columns, tuple(subjects or naming)), out


def _is_at_work(name: str) -> bool:
    """Whether a column says who did something to a row, not whom the row is about."""
    return name.endswith("_by") or name in {"by_user_id", "staff_user_id", "by_party"}


def find_stand_ins(read: Read, user_id: str) -> list[str]:
    """The member's id, and what stands for it in tables that do not name members."""
    return [user_id, *list_aliases(read, user_id)]


def read_rows(
    read: Read, record: RecordTable, stand_ins: list[str], *, after: tuple[Any, ...] | None
) -> tuple[bytes, int, tuple[Any, ...] | None]:
    """Some rows of a table about a member, as lines of JSON.

    Args:
        read: a view.
        record: which table, and what of it.
        stand_ins: what names the member.
        after: the key of the row before the first; None: at the beginning.

    Returns:
        The lines, how many, and the key to go on after; None at the end.
    """
    table = metadata.tables[record.name]
    key = list(table.primary_key.columns)
    statement = (
        sa.select(
            *(table.c[name] for name in record.columns),
            *(c.label(f"key_{i}") for i, c in enumerate(key)),
        )
        .where(sa.or_(*(table.c[name].in_(stand_ins) for name in record.subjects)))
        .order_by(*key)
        .limit(ROWS_AT_A_TIME)
    )
    if after is not None:
        place = (sa.literal(value, column.type) for value, column in zip(after, key, strict=True))
        statement = statement.where(sa.tuple_(*key) > sa.tuple_(*place))
    rows = read.conn.execute(statement).all()
    width = len(record.columns)
    lines = b"".join(
        encode_json(dict(zip(record.columns, map(_to_json, row[:width]), strict=True))) + b"\n"
        for row in rows
    )
    following = tuple(rows[-1][width:]) if len(rows) == ROWS_AT_A_TIME else None
    return lines, len(rows), following


def _to_json(value: object) -> Json:
    if isinstance(value, bytes | memoryview):
        return f"base64:{b64encode(bytes(value)).decode()}"
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def make_record_schema(record: RecordTable) -> JsonObject:
    """JSON Schema of a line of `data/records/<table>.jsonl`, from the table and the data map."""
    table = metadata.tables[record.name]
    return {
        "$schema": SCHEMA_DIALECT,
        "title": f"A line of data/records/{record.name}.jsonl",
        "description": f"A row of the table {record.name} that names you.",
        "type": "object",
        "additionalProperties": False,
        "required": [str(name) for name in record.columns],
        "properties": {str(name): _make_column_schema(table.c[name]) for name in record.columns},
    }


def _make_column_schema(column: sa.Column[Any]) -> JsonObject:
    shape = _SHAPES[column.type.python_type]
    # A list of types, where the value may be missing too.
    made: JsonObject = {
        **shape,
        "type": [shape["type"], "null"] if column.nullable else shape["type"],
    }
    declared = declaration(column)
    if isinstance(declared, PersonalData):
        made["description"] = (
            f"{declared.category}; {declared.purpose}; kept: {declared.keep}; by {declared.basis}"
        )
    return made


def describe_data_map() -> JsonObject:
    """The data map: what each personal column is for, as `data/data-map.json`."""
    return {
        table.name: {
            name: {
                "category": declared.category,
                "purpose": declared.purpose,
                "basis": declared.basis,
                "keep": declared.keep,
                "seen_by": list(declared.seen_by),
            }
            for name, declared in personal.items()
        }
        for table in sorted(metadata.tables.values(), key=lambda one: one.name)
        if (personal := _personal_columns(table))
    }
