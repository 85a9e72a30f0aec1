"""Chat and money at once: no answer fails, nothing grows that must not, every rule holds after.

`TEAHOUSE_SOAK_SECONDS` says for how long; 6 seconds unless told otherwise. What a run of seconds
can't show, a slow leak, `python -m benchmarks.soak --minutes N` looks for.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.soak import Plan, soak
from benchmarks.soak_samples import Sample, judge_samples, slope_an_hour

SECONDS = float(os.environ.get("TEAHOUSE_SOAK_SECONDS", "6"))


def test_a_mixed_load_loses_nothing_and_a_backup_taken_under_it_is_restored(
    tmp_path: Path, record_property: Callable[[str, object], None], seed: int
) -> None:
    report = asyncio.run(soak(Plan(seconds=SECONDS, seed=seed, samples=20), tmp_path))

    tally, restored = report.tally, report.restored
    assert report.problems == []
    # Counted in requests, so that a slow machine does as many.
    assert tally.steps == int(SECONDS * report.plan.rate)
    assert min(tally.done["send"], tally.done["transfer"], tally.repeated) > 0
    assert tally.doubled == 0
    figures = {
        "seconds": round(report.seconds),
        "steps": tally.steps,
        "repeated": tally.repeated,
        "doubled": tally.doubled,
        "wal_mb": round(max(one.wal_mb for one in report.samples), 1),
    }
    record_property("R15, short", figures)
    record_property("R7", {"repeated": tally.repeated, "doubled": tally.doubled})
    record_property(
        "R10",
        {
            "megabytes": round(restored.megabytes, 1),
            "restore_seconds": round(restored.restore_seconds, 1),
        },
    )


def _samples(**growth: float) -> list[Sample]:
    """Two hours of a server in which some things grow, by so much an hour."""
    steady = Sample(at=0, steps=0, memory_mb=120, handles=40, threads=12, wal_mb=16, database_mb=2)
    return [
        steady._replace(
            at=hour * 3600,
            **{name: getattr(steady, name) + hour * more for name, more in growth.items()},
        )
        for hour in (0.0, 0.5, 1.0, 1.5, 2.0)
    ]


def test_what_stays_as_it_is_is_no_trouble() -> None:
    assert judge_samples(_samples(database_mb=50)) == []
    assert slope_an_hour(_samples(database_mb=50), "database_mb") == pytest.approx(50)


@pytest.mark.parametrize(
    ("growth", "told"),
    [
        ({"memory_mb": 3.0}, "memory grew by 3.0 MB an hour"),
        ({"handles": 40}, "40.0 more handles than half way"),
        ({"threads": 20}, "20.0 more threads than half way"),
        ({"wal_mb": 30.0}, "the write-ahead log stayed at 76.0 MB"),
    ],
)
def test_what_leaks_is_told(growth: dict[str, float], told: str) -> None:
    assert judge_samples(_samples(**growth)) == [told]
