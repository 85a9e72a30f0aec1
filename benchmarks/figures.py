"""What was measured, what was aimed at, and the table that shows both."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec

PeerName = Literal["synapse-sqlite", "synapse-postgres", "teahouse-sqlite", "teahouse-postgres"]
PEERS: tuple[PeerName, ...] = (
    "synapse-sqlite",
    "synapse-postgres",
    "teahouse-sqlite",
    "teahouse-postgres",
)


# Cores spent on what is not measured, above which a reader must be warned.
_QUIET = 0.2


class Goal(msgspec.Struct, frozen=True):
    """What Teahouse should reach.

    Args:
        times: at least so many times better than Synapse on the same database, or 0.
        at_most: a figure not above this, or 0.
    """

    times: float = 0
    at_most: float = 0

    def text(self) -> str:
        """The goal in a table cell."""
        if self.times:
            return f">= {self.times:g}x"
        return f"<= {self.at_most:g}" if self.at_most else ""


NO_GOAL = Goal()


class Figure(msgspec.Struct, frozen=True):
    """One measured number.

    Args:
        scenario: the scenario's name.
        name: what was measured; the same for every peer.
        value: the number, in `unit`.
        unit: for example "/s" or "ms".
        more_is_better: true for rates, false for times and sizes.
        goal: what Teahouse should reach.
    """

    scenario: str
    name: str
    value: float
    unit: str
    more_is_better: bool = False
    goal: Goal = NO_GOAL


class Load(msgspec.Struct, frozen=True):
    """Who used the processors while a scenario ran, in cores.

    Args:
        scenario: the scenario's name.
        seconds: how long it ran, set-up included.
        client: the load generator.
        server: all processes of the server, the database included.
        others: everything else on the machine: a reason to distrust the figures.
    """

    scenario: str
    seconds: float
    client: float
    server: float
    others: float


class PeerRun(msgspec.Struct):
    """What one peer gave.

    Args:
        peer: which one.
        version: what it called itself.
        figures: in the order measured.
        loads: one for each scenario.
        notes: what a reader must know, such as a step skipped and why.
    """

    peer: PeerName
    version: str = ""
    figures: list[Figure] = []
    loads: list[Load] = []
    notes: list[str] = []


class Machine(msgspec.Struct, frozen=True):
    """Where the run happened.

    Args:
        cores: processors this process may use.
        system: kernel and architecture.
        python: version of the interpreter of load generator and Teahouse.
        load_average: of the last minute, when the run began.
        quick: whether the sizes were the small ones.
    """

    cores: int
    system: str
    python: str
    load_average: float
    quick: bool


class Run(msgspec.Struct):
    """A whole run, as `--json` writes it."""

    machine: Machine
    peers: list[PeerRun] = []


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie (nearest rank).

    Args:
        values: one or more, in any order.
        share: 0 to 1.
    """
    assert values
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass
class _Row:
    figure: Figure
    values: dict[PeerName, float] = field(default_factory=dict)

    def ratio(self, database: str) -> float | None:
        """How many times better Teahouse is than Synapse on this database."""
        ours = self.values.get(_peer("teahouse", database))
        theirs = self.values.get(_peer("synapse", database))
        if not ours or not theirs:
            return None
        return ours / theirs if self.figure.more_is_better else theirs / ours

    def verdict(self, database: str) -> str:
        """Whether the goal is reached on this database: yes, NO, or nothing."""
        goal, ours = self.figure.goal, self.values.get(_peer("teahouse", database))
        ratio = self.ratio(database)
        if goal.at_most and ours is not None:
            return "yes" if ours <= goal.at_most else "NO"
        if goal.times and ratio is not None:
            return "yes" if ratio >= goal.times else "NO"
        return ""


def table(run: Run) -> str:
    """The whole run as plain text.

    Args:
        run: with at least one peer.
    """
    machine = run.machine
    lines = [
        f"{machine.cores} cores, {machine.system}, Python {machine.python}, load average "
        f"{machine.load_average:.1f} at the start{', quick' if machine.quick else ''}",
        *(f"{peer.peer}: {peer.version}" for peer in run.peers),
        "",
        *_figure_lines(run),
        "",
        "Cores used while a scenario ran, set-up included (load generator / server / others):",
        *_load_lines(run),
    ]
    if any(load.others > _QUIET for peer in run.peers for load in peer.loads):
        lines.append("Something else was busy on this machine: the figures say little.")
    notes = [f"- {peer.peer}: {note}" for peer in run.peers for note in peer.notes]
    if notes:
        lines += ["", "Notes:", *notes]
    return "\n".join(lines) + "\n"


def _figure_lines(run: Run) -> list[str]:
    rows: dict[tuple[str, str], _Row] = {}
    for peer in run.peers:
        for figure in peer.figures:
            row = rows.setdefault((figure.scenario, figure.name), _Row(figure))
            row.values[peer.peer] = figure.value
    peers = [peer.peer for peer in run.peers]
    databases = [name for name in ("sqlite", "postgres") if any(name in peer for peer in peers)]
    head = ["scenario", "figure", "unit", *peers]
    head += [f"ratio {database}" for database in databases] + ["goal", "reached"]
    cells = [head]
    # A peer that skipped a figure must not push it to the end of the table.
    order = list(dict.fromkeys(scenario for scenario, _ in rows))
    for row in sorted(rows.values(), key=lambda row: order.index(row.figure.scenario)):
        figure = row.figure
        line = [figure.scenario, figure.name, figure.unit]
        line += [_number(row.values.get(peer)) for peer in peers]
        line += [_times(row.ratio(database)) for database in databases]
        verdicts = [row.verdict(database) for database in databases]
        line += [figure.goal.text(), " / ".join(verdicts) if any(verdicts) else ""]
        cells.append(line)
    return _aligned(cells, left=3)


def _load_lines(run: Run) -> list[str]:
    scenarios = dict.fromkeys(load.scenario for peer in run.peers for load in peer.loads)
    cells = [["scenario", *(peer.peer for peer in run.peers)]]
    for scenario in scenarios:
        line = [scenario]
        for peer in run.peers:
            load = next((load for load in peer.loads if load.scenario == scenario), None)
            line.append(
                f"{load.client:.2f} / {load.server:.2f} / {load.others:.2f} in {load.seconds:.0f} s"
                if load
                else "-"
            )
        cells.append(line)
    return _aligned(cells, left=1)


def _aligned(cells: list[list[str]], left: int) -> list[str]:
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if column < left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]
    return [lines[0], "-" * len(lines[0]), *lines[1:]]


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    decimals = max(0, 3 - len(f"{value:.0f}"))
    return f"{value:,.{decimals}f}"


def _times(ratio: float | None) -> str:
    return "-" if ratio is None else f"{_number(ratio)}x"


def _peer(product: str, database: str) -> PeerName:
    return next(peer for peer in PEERS if peer == f"{product}-{database}")
