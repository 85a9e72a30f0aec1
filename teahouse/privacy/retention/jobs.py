"""Lets the jobs that remove old data prove themselves: each of their runs leaves a report.

What was too old when a run began is counted before and after it. So the jobs need not count, and
one that removes too little cannot hide it.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from teahouse.platform.data_map import AGE_LIMITS, FILE_LIMITS, FileLimit
from teahouse.platform.jobs import Handler, JobKind
from teahouse.platform.services import Services
from teahouse.privacy.retention.commands import keep_reports
from teahouse.privacy.retention.queries import Age, measure_ages
from teahouse.privacy.retention.types import RetentionReport


def report_runs(kinds: Iterable[JobKind]) -> list[JobKind]:
    """The same jobs; those that some data are bound to leave a report of each run."""
    bound = {one.job for one in AGE_LIMITS} | {one.job for one in FILE_LIMITS}
    return [
        msgspec.structs.replace(kind, handler=_reporting(kind)) if kind.name in bound else kind
        for kind in kinds
    ]


def _reporting(kind: JobKind) -> Handler:
    async def run(services: Services, payload: msgspec.Struct) -> None:
        ran_at = services.clock.now_ms()
        before = await measure(services, kind.name, at=ran_at)
        await kind.handler(services, payload)
        after = await measure(services, kind.name, at=ran_at)
        reports = [
            RetentionReport(
                store=store,
                job=kind.name,
                ran_at=ran_at,
                deleted=max(0, before[store].overdue - age.overdue),
                left=age.overdue,
                oldest_at=age.oldest_at,
            )
            for store, age in after.items()
        ]
        await services.db.write(keep_reports, reports)

    return run


async def measure(services: Services, job: str, *, at: int) -> dict[str, Age]:
    """How old the rows and files are that a job removes, by the names of their limits."""
    limits = [one for one in AGE_LIMITS if one.job == job]
    found = await services.db.read(measure_ages, limits, at=at)
    for limit in FILE_LIMITS:
        if limit.job == job:
            found[limit.name] = await _measure_files(services, limit, at=at)
    return found


async def _measure_files(services: Services, limit: FileLimit, *, at: int) -> Age:
    overdue, oldest = 0, None
    async for file in services.files.list(limit.file_class):
        if file.modified_at < at - limit.keep_ms:
            overdue += 1
        elif oldest is None or file.modified_at < oldest:
            oldest = file.modified_at
    return Age(overdue, oldest)
