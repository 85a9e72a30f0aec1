"""Nouns of member keys: a key, and whose a stored row is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import msgspec
import sqlalchemy as sa

# A stored row by column.
Row: TypeAlias = Mapping[str, Any]
# The same, with the columns that an erasure blanks.
Left: TypeAlias = Callable[[Row], Row]


class MemberKey(msgspec.Struct, frozen=True):
    """A key.

    Attributes:
        key_id: names it in archives; says nothing of whose it is.
        key: 32 bytes; None once it was destroyed.
    """

    key_id: str
    key: bytes | None


class ByColumns(msgspec.Struct, frozen=True):
    """Rows are of those whom some of their columns name."""

    names: tuple[str, ...]

    def __call__(self, row: Row) -> Iterable[object]:
        """Whom a row names."""
        return [row[name] for name in self.names]


class Ownership(msgspec.Struct, frozen=True):
    """Whose the rows of a table are, and what an erasure leaves of them.

    Attributes:
        owners: what a row names: member ids, or what stands for one (parties); others are passed
            over. A row of several is readable only while all of them are members.
        left: the row as it is after the erasure; None: it goes.
        lookups: what `owners` and `left` need to know beside the row, by name.
        counted: the columns by which a member's rows are counted, where `owners` is no
            `ByColumns`.
    """

    owners: Callable[[Row], Iterable[object]]
    left: Left | None = None
    lookups: Mapping[str, sa.ColumnElement[Any]] = {}
    counted: tuple[str, ...] = ()


class NobodysOwn(msgspec.Struct, frozen=True):
    """A table with personal data whose rows are no single member's to take with them.

    Attributes:
        why: a sentence; an erasure leaves these rows as they are.
        zh: the same in Chinese.
        by_law: whether the law demands that they are kept, and for how long.
    """

    why: str
    zh: str
    by_law: bool = False


Declared: TypeAlias = Mapping[str, Ownership | NobodysOwn]


class FileOwners(msgspec.Struct, frozen=True):
    """Whose the files of a class are.

    Attributes:
        names: selects each file's name and its owner.
    """

    names: sa.Select[Any]


DeclaredFiles: TypeAlias = Mapping[str, FileOwners | NobodysOwn]


class Owners(msgspec.Struct, frozen=True):
    """Whose everything is: what the domains declare beyond what the data map says by itself."""

    tables: Declared
    files: DeclaredFiles
