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


class Check(msgspec.Struct, frozen=True):
    """Something that always holds of what is stored.

    Attributes:
        name: `<domain>: <what holds>`, a sentence.
        find_problems: a query that yields one sentence for each place where it does not hold,
            naming the row by its id.
    """

    name: str
    find_problems: Callable[[Read], Iterable[str]]


class Checked(msgspec.Struct, frozen=True):
    """What became of a check.

    Attributes:
        name: the check.
        problems: at most `PROBLEMS_MAX` of them; none when it holds.
    """

    name: str
    problems: list[str]


def run_checks(read: Read, checks: Iterable[Check]) -> Iterator[Checked]:
    """Run checks one by one, in one view of the database."""
    for check in checks:
        problems = list(islice(check.find_problems(read), PROBLEMS_MAX))
        yield Checked(check.name, problems)


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


PLATFORM_CHECKS = [
    Check("platform: No row has a position that was not given yet", _find_positions_ahead),
]
