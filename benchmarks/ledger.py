"""Transfers through the ledger, beside pgbench and beside the bare limit of the same disk.

Run by `python -m benchmarks ledger`.
"""

from __future__ import annotations

import gc
import shutil
import tempfile
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import click
import msgspec

from benchmarks.figures import percentile
from benchmarks.ledger_bare import insert_postgres, insert_sqlite
from benchmarks.ledger_load import (
    House,
    Spent,
    send_many,
    send_steadily,
    send_with_holds,
    sqlite_path,
)
from benchmarks.ledger_peers import run_pgbench
from benchmarks.postgres import Cluster
from teahouse.platform.db import sqlite_url

SCENARIO = "ledger"
DatabaseName: TypeAlias = Literal["sqlite", "postgres"]
_DATABASES: tuple[DatabaseName, ...] = ("sqlite", "postgres")
_CALLERS = (1, 16, 256)
# The last but one is as large as a group of 256 callers is.
_GROUPS = (1, 100, 256, 1000)
# As many as a small house has members; the cost does not hang on it (see the curve).
_ACCOUNTS = 10_000
_CONNECTIONS_MAX = 300
_PGBENCH_SCALE = 10
# The goals of the project.
_BARE_GOAL = 0.6
_RATE_GOAL = 15_000
_PGBENCH_GOAL = 5
_P99_GOAL_MS = 50


@dataclass(frozen=True)
class Sizes:
    """How much is measured.

    Attributes:
        transfers: of each measurement with many callers; a single one sends a twentieth of it.
        growth: numbers of transfers in the books at which their cost is measured.
        seconds: of each run of pgbench.
    """

    transfers: int
    growth: tuple[int, ...]
    seconds: int


FULL = Sizes(60_000, (10_000, 30_000, 100_000, 300_000, 1_000_000), 15)
QUICK = Sizes(20_000, (10_000, 30_000, 100_000), 5)


class Point(msgspec.Struct, frozen=True):
    """The cost of a transfer when so many are in the books.

    Attributes:
        count: transfers in the books.
        wall_us: microseconds on the wall for each transfer, 256 callers.
        cpu_us: of them, processor time of the program.
    """

    count: int
    wall_us: float
    cpu_us: float


class LedgerFigures(msgspec.Struct):
    """What was measured on one database.

    Attributes:
        database: which.
        rates: transfers a second by number of callers.
        cpu_us: processor time of the program for each transfer, by number of callers.
        holds: transactions a second, 256 callers, where four of ten hold or end a hold.
        bare: rows of as many transfers a second, by size of group.
        half_rate: transfers a second in the measurement of waits.
        p50_ms: how long half of the callers waited, at half load.
        p99_ms: how long one of a hundred waited longer.
        growth: the cost as the books grow.
    """

    database: DatabaseName
    rates: dict[int, float] = {}
    cpu_us: dict[int, float] = {}
    holds: float = 0
    bare: dict[int, float] = {}
    half_rate: float = 0
    p50_ms: float = 0
    p99_ms: float = 0
    growth: list[Point] = []


class LedgerRun(msgspec.Struct):
    """A whole run.

    Attributes:
        ledgers: of each database.
        pgbench: transactions a second by number of clients.
    """

    ledgers: list[LedgerFigures] = []
    pgbench: dict[int, float] = {}


def measure(*, quick: bool) -> LedgerRun:
    """Measure everything, one after the other, on the disk of the temporary folder.

    Args:
        quick: small sizes.
    """
    sizes = QUICK if quick else FULL
    run = LedgerRun()
    folder = Path(tempfile.mkdtemp(prefix="teahouse-ledger-"))
    # PostgreSQL runs as another user and must reach its folder.
    folder.chmod(0o755)
    cluster = Cluster(folder / "postgres", connections=_CONNECTIONS_MAX)
    try:
        places = _Places(folder, cluster)
        for database in _DATABASES:
            run.ledgers.append(_measure_database(database, places, sizes))
        click.echo("ledger: pgbench ...", err=True)
        for clients in _CALLERS:
            run.pgbench[clients] = run_pgbench(
                cluster, clients=clients, seconds=sizes.seconds, scale=_PGBENCH_SCALE
            )
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return run


class _Places:
    """Where new databases come from."""

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        self._folder = folder
        self._cluster = cluster
        self._count = 0

    def new(self, database: DatabaseName) -> tuple[str, dict[str, str]]:
        """The URL of an empty database, and the parameters of libpq to reach it."""
        self._count += 1
        name = f"ledger_{self._count}"
        if database == "sqlite":
            path = sqlite_path(self._folder, name)
            return sqlite_url(path), {"path": str(path)}
        where = self._cluster.database(name)
        return f"postgresql+psycopg://{where['user']}@/{name}?host={where['host']}", where


def _measure_database(database: DatabaseName, places: _Places, sizes: Sizes) -> LedgerFigures:
    figures = LedgerFigures(database)
    click.echo(f"ledger: {database} ...", err=True)
    with _house(places.new(database)[0]) as house:
        for callers in _CALLERS:
            count = sizes.transfers if callers > 1 else sizes.transfers // 20
            # The first transfers meet cold caches; they are not what is asked for.
            _run(send_many(house, count // 10, callers=callers))
            spent = _run(send_many(house, count, callers=callers))
            figures.rates[callers] = spent.rate
            figures.cpu_us[callers] = spent.cpu_seconds / spent.count * 1e6
        figures.holds = _run(send_with_holds(house, sizes.transfers, callers=_CALLERS[-1])).rate
        figures.half_rate = figures.rates[_CALLERS[-1]] / 2
        waits = _run(send_steadily(house, sizes.transfers, rate=figures.half_rate)).waits
        figures.p50_ms = percentile(waits, 0.5) * 1000
        figures.p99_ms = percentile(waits, 0.99) * 1000
    for group in _GROUPS:
        figures.bare[group] = _measure_bare(database, places, group, sizes.transfers)
    with _house(places.new(database)[0]) as house:
        figures.growth = list(_measure_growth(house, sizes.growth))
    return figures


@contextmanager
def _house(url: str) -> Iterator[House]:
    house = House(url, accounts=_ACCOUNTS)
    gc.collect()
    try:
        yield house
    finally:
        house.stop()


def _run(work: Coroutine[Any, Any, Spent]) -> Spent:
    import uvloop  # as the server does

    return uvloop.run(work)


def _measure_bare(database: DatabaseName, places: _Places, group: int, count: int) -> float:
    url, where = places.new(database)
    with _house(url):
        pass  # the same tables and accounts
    insert = insert_sqlite if database == "sqlite" else insert_postgres
    # One commit each takes long enough with a tenth of them.
    return insert(where, accounts=_ACCOUNTS, group=group, count=count if group > 1 else count // 10)


def _measure_growth(house: House, counts: tuple[int, ...]) -> Iterator[Point]:
    """The cost of the last transfers before each count."""
    done = 0
    for count in counts:
        window = min(10_000, count - done)
        if count - window > done:
            _run(send_many(house, count - window - done, callers=_CALLERS[-1]))
        spent = _run(send_many(house, window, callers=_CALLERS[-1]))
        done = count
        yield Point(count, spent.seconds / spent.count * 1e6, spent.cpu_seconds / spent.count * 1e6)


def table(run: LedgerRun) -> str:
    """The whole run as plain text."""
    lines = ["Transfers a second, each durable, with idempotency key and chain of hashes", ""]
    lines += _grid(
        ["", *(f"{callers} at once" for callers in _CALLERS), "with holds", "half load p50 / p99"],
        [
            [
                one.database,
                *(f"{one.rates[callers]:,.0f}" for callers in _CALLERS),
                f"{one.holds:,.0f}",
                f"{one.p50_ms:.1f} / {one.p99_ms:.1f} ms",
            ]
            for one in run.ledgers
        ]
        + [["pgbench TPC-B", *(f"{run.pgbench[callers]:,.0f}" for callers in _CALLERS), "", ""]],
    )
    lines += ["", "Beside the bare limit: the same rows inserted by a script", ""]
    lines += _grid(
        ["", *(f"groups of {group:,}" for group in _GROUPS)],
        [[one.database, *(f"{one.bare[group]:,.0f}" for group in _GROUPS)] for one in run.ledgers],
    )
    lines += ["", *_verdicts(run), "", "Microseconds for a transfer as the books grow", ""]
    lines += _grid(
        ["transfers in the books", *(f"{point.count:,}" for point in run.ledgers[0].growth)],
        [
            [f"{one.database} {what}", *(f"{value(point):.1f}" for point in one.growth)]
            for one in run.ledgers
            for what, value in (("wall", _wall), ("processor", _cpu))
        ],
    )
    return "\n".join(lines) + "\n"


def _wall(point: Point) -> float:
    return point.wall_us


def _cpu(point: Point) -> float:
    return point.cpu_us


def _verdicts(run: LedgerRun) -> Iterator[str]:
    most = _CALLERS[-1]
    for one in run.ledgers:
        rate = one.rates[most]
        for group in _GROUPS[1:]:
            share = rate / one.bare[group]
            yield (
                f"{one.database}: {share:.0%} of the bare limit in groups of {group:,}"
                f" (goal {_BARE_GOAL:.0%}: {_says(share >= _BARE_GOAL)})"
            )
        yield f"{one.database}: {rate:,.0f}/s (goal {_RATE_GOAL:,}: {_says(rate >= _RATE_GOAL)})"
        for callers in _CALLERS:
            times = one.rates[callers] / run.pgbench[callers]
            yield (
                f"{one.database}: {times:.1f} times pgbench at {callers}"
                f" (goal {_PGBENCH_GOAL}: {_says(times >= _PGBENCH_GOAL)})"
            )
        yield (
            f"{one.database}: p99 {one.p99_ms:.1f} ms at {one.half_rate:,.0f}/s"
            f" (goal {_P99_GOAL_MS}: {_says(one.p99_ms < _P99_GOAL_MS)})"
        )
        first, last = one.growth[0], one.growth[-1]
        yield (
            f"{one.database}: a transfer costs {last.cpu_us / first.cpu_us:.2f} times the processor"
            f" time at {last.count:,} that it costs at {first.count:,}"
        )


def _says(reached: bool) -> str:  # noqa: FBT001 - one word for one truth
    return "yes" if reached else "NO"


def _grid(head: list[str], rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    return [
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [head, *rows]
    ]
