"""What `teahouse check` verifies: that what is stored keeps the rules that the code relies on.

A domain defines checks beside its rules; `app.py` lists them. Each is a query that says what is
wrong, so that what must never be wrong is checked a second time, apart from the code that wrote
it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.platform.db import Read, metadata, platform_position

# A rule broken everywhere would print the whole database; what is wrong shows in fewer.
PROBLEMS_MAX = 100
# Half a second of the dearest check, the signatures.
ROWS_A_STEP = 1000


class Check(msgspec.Struct, frozen=True):
    """Something that always holds of what is stored.

    Attributes:
        name: `<domain>: <what holds>`, a sentence.
        find_problems: a query that yields one sentence for each place where it does not hold,
            naming the row by its id; and None after each `ROWS_A_STEP` rows it has looked at,
            where it looks at every row, so that who waits sees it move.
        count_steps: how often it will yield None, about; None: never.
    """

    name: str
    find_problems: Callable[[Read], Iterable[str | None]]
    count_steps: Callable[[Read], int] | None = None


class Checked(msgspec.Struct, frozen=True):
    """What became of a check.

    Attributes:
        name: the check.
        problems: at most `PROBLEMS_MAX` of them; none when it holds.
    """

    name: str
    problems: list[str]


def run_checks(
    read: Read, checks: Iterable[Check], advance: Callable[[int], None] = lambda _steps: None
) -> Iterator[Checked]:
    """Run checks one by one, in one view of the database.

    Args:
        read: the view.
        checks: which.
        advance: told how many steps more are done; there are `count_steps` of them.
    """
    for check in checks:
        found = _only_problems(check.find_problems(read), advance)
        problems = list(islice(found, PROBLEMS_MAX))
        advance(1)
        yield Checked(check.name, problems)


def count_steps(read: Read, checks: Iterable[Check]) -> int:
    """How many steps `run_checks` will tell of, about: one for each check, and those within."""
    return sum(1 + (check.count_steps(read) if check.count_steps else 0) for check in checks)


def count_table_steps(read: Read, *tables: sa.Table) -> int:
    """How many steps it takes to look at every row of some tables."""
    return sum(
        read.conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() // ROWS_A_STEP
        for table in tables
    )


def _only_problems(found: Iterable[str | None], advance: Callable[[int], None]) -> Iterator[str]:
    for problem in found:
        if problem is None:
            advance(1)
        else:
            yield problem


def reference_check(name: str, column: sa.Column[Any], target: sa.Column[Any]) -> Check:
    """A check that every id in a column of one domain exists in another.

    No foreign key crosses a domain, so nothing else verifies it.

    Args:
        name: as of any check.
        column: holds ids, or NULL.
        target: where they must be.
    """
    missing = (
        sa.select(column)
        .where(column.is_not(None), ~sa.exists().where(target == column))
        .distinct()
        .order_by(column)
        .limit(PROBLEMS_MAX)
    )

    def find_problems(read: Read) -> Iterator[str]:
        for value in read.conn.execute(missing).scalars():
            yield f"{column.table.name}.{column.name} names {value}, which is not there"

    return Check(name, find_problems)


def _find_positions_ahead(read: Read) -> Iterator[str]:
    main = read.conn.execute(
        sa.select(platform_position.c.position).where(platform_position.c.name == "main")
    ).scalar_one_or_none()
    if main is None:
        yield "platform_position has no row 'main'"
        return
    for table in metadata.sorted_tables:
        if table is platform_position or "position" not in table.c:
            continue
        highest = read.conn.execute(sa.select(sa.func.max(table.c.position))).scalar_one()
        if highest is not None and highest > main:
            yield f"{table.name} has position {highest}, beyond the last one given, {main}"


def _find_broken_keys(read: Read) -> Iterator[str]:
    for table in metadata.sorted_tables:
        for key in sorted(table.foreign_key_constraints, key=lambda one: str(one.name)):
            yield from _find_broken(read, table, key)


def _find_broken(read: Read, table: sa.Table, key: sa.ForeignKeyConstraint) -> Iterator[str]:
    # Of a table that refers to itself the target needs a name of its own.
    target = key.referred_table.alias("target")
    there = sa.and_(*(e.parent == target.c[e.column.name] for e in key.elements))
    broken = (
        sa.select(*table.primary_key.columns)
        .where(*(e.parent.is_not(None) for e in key.elements))
        .where(~sa.exists().select_from(target).where(there))
        .order_by(*table.primary_key.columns)
        .limit(PROBLEMS_MAX)
    )
    for row in read.conn.execute(broken):
        yield f"{table.name} {_name_row(row)} belongs to no row of {key.referred_table.name}"


def _name_row(row: sa.Row[Any]) -> str:
    # Keys of bytes are digests of secrets: their beginning is enough to find the row.
    return " ".join(v.hex()[:16] if isinstance(v, bytes) else str(v) for v in row)


PLATFORM_CHECKS = [
    Check("platform: No row has a position that was not given yet", _find_positions_ahead),
    Check("platform: What belongs to another row has it", _find_broken_keys),
]
