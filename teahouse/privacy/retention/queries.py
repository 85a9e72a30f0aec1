"""Counts what is too old, and reads the reports of the jobs that remove it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.platform.checks import Check
from teahouse.platform.data_map import AGE_LIMITS, FILE_LIMITS, AgeLimit, FileLimit
from teahouse.platform.db import Read
from teahouse.platform.files import Files
from teahouse.platform.jobs import JobKind
from teahouse.privacy.retention.tables import privacy_retention_run
from teahouse.privacy.retention.types import (
    ENDED_BY,
    REPORTS_KEEP_DAYS,
    Retention,
    RetentionLimit,
    RetentionReport,
)

_run = privacy_retention_run.c
# Between the end of a row's time and its removal lies one run of the job, which may itself take
# as long as its lease; and a minute for clocks that differ.
_SLACK_MS = 60_000


class Age(msgspec.Struct, frozen=True):
    """How old the data of one limit are.

    Attributes:
        overdue: how many rows are older than their time.
        oldest_at: the instant of the oldest that is not, or None.
    """

    overdue: int
    oldest_at: int | None


def measure_age(read: Read, limit: AgeLimit, *, at: int) -> Age:
    """How many rows of a limit were too old at an instant.

    Args:
        read: a view.
        limit: which.
        at: the instant, ms.
    """
    before = at - limit.keep_ms
    counted = sa.select(sa.func.count()).select_from(limit.table)
    overdue: int = read.conn.execute(
        counted.where(limit.since < before, *_there(limit))
    ).scalar_one()
    oldest: int | None = read.conn.execute(
        sa.select(sa.func.min(limit.since)).where(limit.since >= before, *_there(limit))
    ).scalar_one()
    return Age(overdue, oldest)


def _there(limit: AgeLimit) -> list[sa.ColumnElement[bool]]:
    return [] if limit.is_there is None else [limit.is_there]


def measure_ages(read: Read, limits: Iterable[AgeLimit], *, at: int) -> dict[str, Age]:
    """`measure_age` of several limits, by name."""
    return {limit.name: measure_age(read, limit, at=at) for limit in limits}


def find_retention(read: Read) -> Retention:
    """What is told of how data ends: every limit, with its last run."""
    bound = [(one.name, one.keep_ms, one.job) for one in AGE_LIMITS]
    bound += [(one.name, one.keep_ms, one.job) for one in FILE_LIMITS]
    sums = {
        row.store: row.deleted
        for row in read.conn.execute(
            sa.select(_run.store, sa.func.sum(_run.deleted).label("deleted")).group_by(_run.store)
        )
    }
    limits = [
        RetentionLimit(
            store=store,
            keep_ms=keep_ms,
            job=job,
            last=_find_last(read, store),
            deleted=int(sums.get(store, 0)),
        )
        for store, keep_ms, job in sorted(bound)
    ]
    ended_by = {str(keep): end for keep, end in ENDED_BY.items()}
    return Retention(limits=limits, ended_by=ended_by, report_days=REPORTS_KEEP_DAYS)


def list_reports(
    read: Read, *, before: tuple[int, str] | None, limit: int
) -> list[RetentionReport]:
    """Reports, the newest first.

    Args:
        read: a view.
        before: only those after this place of the list: an instant and a store.
        limit: at most so many.
    """
    query = sa.select(privacy_retention_run)
    if before is not None:
        query = query.where(sa.tuple_(_run.ran_at, _run.store) < before)
    rows = read.conn.execute(query.order_by(_run.ran_at.desc(), _run.store.desc()).limit(limit))
    return [_report(row) for row in rows]


def _find_last(read: Read, store: str) -> RetentionReport | None:
    row = read.conn.execute(
        sa.select(privacy_retention_run)
        .where(_run.store == store)
        .order_by(_run.ran_at.desc())
        .limit(1)
    ).first()
    return None if row is None else _report(row)


def _report(row: Any) -> RetentionReport:  # noqa: ANN401 - a row of the table
    return RetentionReport(
        store=row.store,
        job=row.job,
        ran_at=row.ran_at,
        deleted=row.deleted,
        left=row.left_over,
        oldest_at=row.oldest_at,
    )


def make_age_checks(kinds: Iterable[JobKind]) -> list[Check]:
    """A check for each limit: nothing is older than its time and one run of its job.

    Args:
        kinds: every job there is.
    """
    by_name = {kind.name: kind for kind in kinds}
    return [
        Check(
            f"privacy: Nothing is older than its time in {limit.name}",
            _find_overdue(limit, by_name[limit.job]),
        )
        for limit in AGE_LIMITS
    ]


def make_file_checks(kinds: Iterable[JobKind], open_files: Callable[[], Files]) -> list[Check]:
    """A check for each class of files that grow too old.

    Args:
        kinds: every job there is.
        open_files: opens the file store, only where a check runs.
    """
    by_name = {kind.name: kind for kind in kinds}
    return [
        Check(
            f"privacy: Nothing is older than its time in {limit.name}",
            _find_overdue_files(limit, by_name[limit.job], open_files),
        )
        for limit in FILE_LIMITS
    ]


def _find_overdue_files(
    limit: FileLimit, kind: JobKind, open_files: Callable[[], Files]
) -> Callable[[Read], Iterator[str]]:
    def find_problems(read: Read) -> Iterator[str]:
        before = read.now - limit.keep_ms - compute_grace_ms(kind)
        found = sum(file.modified_at < before for file in open_files().list_now(limit.file_class))
        if found:
            yield f"{limit.name} has {found} files that are older than their time"

    return find_problems


def compute_grace_ms(kind: JobKind) -> int:
    """How long after its time data may still be there: one run of the job that removes it."""
    assert kind.every_ms is not None, "only a job on a timetable removes what grows old"
    return kind.every_ms + kind.lease_ms + _SLACK_MS


def _find_overdue(limit: AgeLimit, kind: JobKind) -> Callable[[Read], Iterator[str]]:
    def find_problems(read: Read) -> Iterator[str]:
        found = measure_age(read, limit, at=read.now - compute_grace_ms(kind))
        if found.overdue:
            yield (
                f"{limit.name} has {found.overdue} rows that are older than their time: "
                f"does the job {limit.job} run?"
            )

    return find_problems
