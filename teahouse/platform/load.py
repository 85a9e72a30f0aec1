"""What a server does, sampled: what an operator's charts are drawn from. In memory, of nobody."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from teahouse.platform.jobs import count_jobs

if TYPE_CHECKING:
    from teahouse.platform.metrics import Metrics, Totals
    from teahouse.platform.services import Services

SAMPLE_SECONDS: Final = 10
# An hour: what is older is for a Prometheus server.
SAMPLES_KEPT: Final = 360
_STATM: Final = Path("/proc/self/statm")
_PAGE_BYTES: Final = 4096


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One stretch of time.

    Attributes:
        at: its end, milliseconds since the epoch.
        seconds: how long it was.
        requests: answered in it; long polls count when they end.
        failures: those of them that were the server's fault.
        slowest_ms: the longest answer that was no long poll.
        commands: committed in it, and
        commits: in how many commits, which took
        commit_ms: this long on average; None where there was none.
        queue_length: commands waiting at its end.
        jobs_waiting: at its end; also `jobs_dead`.
        memory_mib: of the process at its end; None where the system does not tell.
    """

    at: int
    seconds: float
    requests: int
    failures: int
    slowest_ms: float
    commands: int
    commits: int
    commit_ms: float | None
    queue_length: int
    jobs_waiting: int
    jobs_dead: int
    memory_mib: float | None


class LoadRecorder:
    """Samples what a server does.

    Args:
        services: of the server.
        metrics: its counters.
    """

    def __init__(self, services: Services, metrics: Metrics) -> None:
        self._services = services
        self._metrics = metrics
        self._last = metrics.take_totals()
        self._last_ticks = services.clock.ticks()
        self.samples: deque[Sample] = deque(maxlen=SAMPLES_KEPT)

    async def run(self) -> None:
        """Sample until cancelled."""
        while True:
            await asyncio.sleep(SAMPLE_SECONDS)
            await self.sample()

    async def sample(self) -> None:
        """Take one sample: of the time since the one before."""
        jobs = await self._services.db.read(count_jobs)
        totals, ticks = self._metrics.take_totals(), self._services.clock.ticks()
        before, seconds = self._last, ticks - self._last_ticks
        self._last, self._last_ticks = totals, ticks
        commits = totals.commits - before.commits
        self.samples.append(
            Sample(
                at=self._services.clock.now_ms(),
                seconds=seconds,
                requests=totals.requests - before.requests,
                failures=totals.failures - before.failures,
                slowest_ms=totals.slowest_seconds * 1000,
                commands=totals.commands - before.commands,
                commits=commits,
                commit_ms=_mean_ms(before, totals, commits),
                queue_length=self._services.db.queue_length(),
                jobs_waiting=jobs["waiting"],
                jobs_dead=jobs["dead"],
                memory_mib=_memory_mib(),
            )
        )


def _mean_ms(before: Totals, after: Totals, commits: int) -> float | None:
    spent = after.commit_seconds - before.commit_seconds
    return 1000 * spent / commits if commits else None


def _memory_mib(read: Callable[[], str] = _STATM.read_text) -> float | None:
    try:
        resident = int(read().split()[1])
    except OSError:
        return None
    return resident * _PAGE_BYTES / 2**20
