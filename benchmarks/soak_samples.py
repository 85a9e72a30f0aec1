"""What a server holds while it is used: memory, handles, files on disk; and whether it grows."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks import processes

if TYPE_CHECKING:
    from benchmarks.peers import Server
    from benchmarks.soak_load import Tally

# The log is cut back to 20 MB once no reader holds it; while a backup reads it may be larger.
WAL_MB_MAX = 21.0
# Connections come and go with the members' devices.
HANDLES_GROWTH_MAX = 10
# Before that pools still fill, and then caches: what grows says nothing yet.
_SECONDS_FOR_HANDLES = 300
_SECONDS_FOR_A_SLOPE = 3600
_MEMORY_MB_AN_HOUR_MAX = 1.0


class Sample(NamedTuple):
    """One look.

    Args:
        at: seconds since the first.
        steps: requests answered until then.
        memory_mb: what all processes hold, 10^6 bytes.
        handles: open files and sockets of all processes.
        threads: of all processes.
        wal_mb: SQLite's write-ahead log, 10^6 bytes.
        database_mb: the database without it.
    """

    at: float
    steps: int
    memory_mb: float
    handles: int
    threads: int
    wal_mb: float
    database_mb: float


class Sampler:
    """Looks at one server.

    Args:
        server: one that runs.
        data: its data folder.
    """

    def __init__(self, server: Server, data: Path) -> None:
        self._server = server
        self._data = data
        self._started = time.perf_counter()

    def look(self, tally: Tally) -> Sample:
        """Look now."""
        found = processes.tree(self._server.roots)
        return Sample(
            at=time.perf_counter() - self._started,
            steps=tally.steps,
            memory_mb=processes.memory(self._server.roots).resident,
            handles=sum(_count(Path(f"/proc/{one}/fd")) for one in found),
            threads=sum(_count(Path(f"/proc/{one}/task")) for one in found),
            wal_mb=_megabytes(self._data / "teahouse.db-wal"),
            database_mb=_megabytes(self._data / "teahouse.db"),
        )


def slope_an_hour(samples: Sequence[Sample], name: str) -> float:
    """The slope of the straight line that fits best, in units an hour; 0 for fewer than two.

    Args:
        samples: in order.
        name: of a field of a sample.
    """
    if len(samples) < len(("first", "last")):
        return 0.0
    times = [one.at for one in samples]
    values = [float(getattr(one, name)) for one in samples]
    middle, mean = sum(times) / len(times), sum(values) / len(values)
    spread = sum((at - middle) ** 2 for at in times)
    pairs = zip(times, values, strict=True)
    return 3600 * sum((at - middle) * (value - mean) for at, value in pairs) / spread


def judge_samples(samples: Sequence[Sample]) -> list[str]:
    """What grew that must not: a sentence for each.

    Handles are compared with those half way, when everybody has connected, and only where the
    second half lasts five minutes; memory, only where it lasts an hour.
    """
    later = samples[len(samples) // 2 :]
    seconds = later[-1].at - later[0].at
    problems = []
    if (wal := samples[-1].wal_mb) > WAL_MB_MAX:
        problems.append(f"the write-ahead log stayed at {wal:.1f} MB")
    for name in ("handles", "threads"):
        grown = getattr(later[-1], name) - getattr(later[0], name)
        if seconds >= _SECONDS_FOR_HANDLES and grown > HANDLES_GROWTH_MAX:
            problems.append(f"{grown} more {name} than half way")
    slope = slope_an_hour(later, "memory_mb")
    if seconds >= _SECONDS_FOR_A_SLOPE and slope > _MEMORY_MB_AN_HOUR_MAX:
        problems.append(f"memory grew by {slope:.1f} MB an hour")
    return problems


def _count(folder: Path) -> int:
    try:
        return sum(1 for _ in folder.iterdir())
    except OSError:  # the process has ended
        return 0


def _megabytes(file: Path) -> float:
    return file.stat().st_size / 1e6 if file.exists() else 0.0
