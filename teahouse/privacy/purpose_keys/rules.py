"""What must hold of columns that are derived under an optional purpose. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from teahouse.platform.data_map import PersonalData, declaration
from teahouse.privacy.member_keys.rules import NEVER_COPIED
from teahouse.privacy.policy.types import Purpose
from teahouse.privacy.purpose_keys.errors import UnsealedPurpose

OWNER_COLUMN = "user_id"


def check_derived(tables: Iterable[sa.Table], purposes: Mapping[str, Purpose]) -> None:
    """Refuse data map and purposes that do not fit one another.

    Args:
        tables: all there are.
        purposes: all that members may consent to, by name.

    Raises:
        UnsealedPurpose: with all that is amiss.
    """
    amiss = list(find_unsealed(tables, purposes))
    if amiss:
        raise UnsealedPurpose("; ".join(amiss))


def find_unsealed(tables: Iterable[sa.Table], purposes: Mapping[str, Purpose]) -> Iterator[str]:
    """What of the data map would outlive the consent it is derived under, as sentences."""
    used: set[str] = set()
    for table in tables:
        under = purpose_of(table)
        for column, data in _personal_columns(table):
            names_owner = under is not None and column.name == OWNER_COLUMN
            if data.basis == "consent" and data.under is None and not names_owner:
                yield f"{column} rests on consent and names no purpose"
        if under is None:
            continue
        used.add(under)
        if under not in purposes or not purposes[under].derives:
            yield f"{table.name} is under {under}, which is no purpose that derives anything"
        if OWNER_COLUMN not in table.c:
            yield f"{table.name} does not say whose it is, in {OWNER_COLUMN}"
        yield from _find_open_columns(table, under)
    for name, purpose in purposes.items():
        if purpose.derives and name not in used:
            yield f"{name} derives data, and no column is under it"


def purpose_of(table: sa.Table) -> str | None:
    """The purpose that what a table holds is derived under."""
    found = {data.under for _, data in _personal_columns(table) if data.under is not None}
    assert len(found) <= 1, "a table is under one purpose"
    return found.pop() if found else None


def owner_of_key(receipt_id: str) -> str:
    """Under what the key of a consent is kept; it names no member."""
    return f"{NEVER_COPIED}{receipt_id}"


def place_of(column: sa.Column[Any], user_id: str) -> str:
    """What sealed data is bound to: moved elsewhere it does not open."""
    return f"{column} {user_id}"


def _find_open_columns(table: sa.Table, under: str) -> Iterator[str]:
    for column, data in _personal_columns(table):
        if column.name == OWNER_COLUMN:
            continue
        if data.under != under or not isinstance(column.type, sa.LargeBinary):
            yield f"{column} stands unsealed beside what is derived under {under}"


def _personal_columns(table: sa.Table) -> Iterator[tuple[sa.Column[Any], PersonalData]]:
    for column in table.columns:
        declared = declaration(column)
        if isinstance(declared, PersonalData):
            yield column, declared
