"""Reads erasures, and counts what there is of a member before it goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.platform.db import Read, metadata
from teahouse.privacy.erasure.errors import NoCertificate
from teahouse.privacy.erasure.tables import privacy_erasure
from teahouse.privacy.erasure.types import (
    Certificate,
    Eraser,
    Found,
    Kept,
    Progress,
    Standing,
    StoredErasure,
)
from teahouse.privacy.member_keys.rules import ownership_of
from teahouse.privacy.member_keys.types import (
    ByColumns,
    FileOwners,
    NobodysOwn,
    Owners,
    Ownership,
)
from teahouse.privacy.policy.queries import list_aliases, list_naming_columns

_e = privacy_erasure.c
_KEPT = (
    _e.erasure_id,
    _e.user_id,
    _e.status,
    _e.asked_at,
    _e.due_at,
    _e.begun_at,
    _e.emptied_at,
    _e.found,
    _e.key_entry,
)


def find_erasure(read: Read, user_id: str) -> StoredErasure | None:
    """The erasure that a member asked for, until it is done."""
    return _load(read, _e.user_id == user_id)


def load_erasure(read: Read, erasure_id: str) -> StoredErasure | None:
    """An erasure by its id; None where it was taken back."""
    return _load(read, _e.erasure_id == erasure_id)


def list_touched(erasure: StoredErasure) -> set[str]:
    """The tables from which an erasure that was begun deletes something."""
    assert erasure.found is not None
    found = msgspec.json.decode(erasure.found, type=Found)
    # Work that named the member, this erasure's own too.
    return {*found.erased, *found.blanked, "platform_job"}


def find_standing(read: Read, user_id: str, eraser: Eraser, *, days: int) -> Standing:
    """How it stands with a member's erasure, and what is in its way."""
    found = find_erasure(read, user_id)
    return Standing(
        is_asked=found is not None,
        days=days,
        keep_years=eraser.keep_years(read),
        obstacles=eraser.find_obstacles(read, user_id),
        asked_at=None if found is None else found.asked_at,
        due_at=None if found is None else found.due_at,
    )


def find_progress(read: Read, claim_digest: bytes) -> Progress:
    """How far an erasure is.

    Raises:
        NoCertificate: nobody was told such a claim, or it was long ago.
    """
    row = read.conn.execute(
        sa.select(_e.status, _e.due_at, _e.certificate).where(_e.claim_digest == claim_digest)
    ).one_or_none()
    if row is None:
        raise NoCertificate
    certificate = row.certificate and msgspec.json.decode(row.certificate, type=Certificate)
    return Progress(status=row.status, due_at=row.due_at, certificate=certificate or None)


def _load(read: Read, which: sa.ColumnElement[bool]) -> StoredErasure | None:
    row = read.conn.execute(sa.select(*_KEPT).where(which)).one_or_none()
    if row is None:
        return None
    return msgspec.convert({str(k): v for k, v in row._asdict().items()}, StoredErasure)


# What there is of a member


def count_found(read: Read, user_id: str, owners: Owners) -> Found:
    """All there is of a member, by table and folder.

    Args:
        read: a view from before anything is erased.
        user_id: the member.
        owners: whose everything is.
    """
    stands_for = [user_id, *list_aliases(read, user_id)]
    erased: dict[str, int] = {}
    blanked: dict[str, int] = {}
    kept: list[Kept] = []
    for table in metadata.sorted_tables:
        name, said = str(table.name), owners.tables.get(str(table.name))
        ownership = ownership_of(table, owners.tables)
        count = _count(read, table, _columns_of(table, said, ownership), stands_for)
        if not count or table is privacy_erasure:
            continue
        if ownership is not None:
            (erased if ownership.left is None else blanked)[name] = count
        elif isinstance(said, NobodysOwn):
            kept.append(Kept(store=name, rows=count, en=said.why, zh=said.zh, by_law=said.by_law))
    files = {
        prefix: _count_files(read, declared, stands_for)
        for prefix, declared in sorted(owners.files.items())
        if isinstance(declared, FileOwners)
    }
    return Found(erased=erased, blanked=blanked, kept=kept, files=files)


def _columns_of(
    table: sa.Table, said: object, ownership: Ownership | None
) -> list[sa.ColumnElement[Any]]:
    if ownership is None:
        return [*list_naming_columns(table)] if said is not None else []
    names = ownership.counted
    if not names and isinstance(ownership.owners, ByColumns):
        names = ownership.owners.names
    return [
        table.c[name] if name in table.c else ownership.lookups[name].label(name) for name in names
    ]


def _count(
    read: Read,
    table: sa.Table,
    columns: Sequence[sa.ColumnElement[Any]],
    stands_for: Sequence[str],
) -> int:
    if not columns:
        return 0
    is_theirs = sa.or_(
        *((one.element if isinstance(one, sa.Label) else one).in_(stands_for) for one in columns)
    )
    found: int = read.conn.execute(
        sa.select(sa.func.count()).select_from(table).where(is_theirs)
    ).scalar_one()
    return found


def _count_files(read: Read, declared: FileOwners, stands_for: Sequence[str]) -> int:
    named = declared.names.subquery()
    owner = list(named.c)[1]
    found: int = read.conn.execute(
        sa.select(sa.func.count()).select_from(named).where(owner.in_(stands_for))
    ).scalar_one()
    return found
