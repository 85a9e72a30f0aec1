"""A mixed load of chat and money from a seed; what grows is sampled, and every rule checked after.

Run by `python -m benchmarks.soak --minutes 20`. The server runs as an operator starts it. While it
is under load a backup is taken; at the end the house is checked, the backup is restored elsewhere,
and what was restored is checked too.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks import processes
from benchmarks.figures import PeerRun
from benchmarks.peers import Server, version
from benchmarks.soak_load import Load, Tally
from benchmarks.soak_samples import Sample, Sampler, judge_samples, slope_an_hour
from benchmarks.world import QUICK, World
from teahouse.app import install, make_services
from teahouse.platform.db import Tx
from teahouse.platform.money import Currency, Money
from teahouse.platform.settings import Settings
from teahouse.wallet.parties.commands import party_of
from teahouse.wallet.payments.commands import pay
from teahouse.wallet.payments.types import PaymentDraft, PaymentKind
from teahouse.wallet.wallets.commands import open_wallet
from teahouse.wallet.wallets.types import HouseAccount

_CNY = Currency("CNY")
# What the table shows of each sample.
_TOLD = {
    "memory_mb": "memory, MB",
    "handles": "handles",
    "threads": "threads",
    "wal_mb": "write-ahead log, MB",
    "database_mb": "database, MB",
}
# More than anybody spends in a day of it: no transfer is refused for want of money.
_FUNDS = 10**9
_ROOM_SIZE = 8
# A backup shows one instant; it is taken late enough to hold something.
_BACKUP_AFTER = 0.6


@dataclass(frozen=True)
class Plan:
    """What is to be done.

    Args:
        seconds: how long the load lasts.
        rate: requests a second of all members together; a slower server makes it last longer.
        members: how many use the server, in rooms of eight.
        seed: decides who asks for what, in which order.
        samples: how often the server is looked at.
    """

    seconds: float
    rate: float = 60
    members: int = 16
    seed: int = 1
    samples: int = 120


@dataclass(frozen=True)
class Restored:
    """A backup taken under load, and put back elsewhere.

    Args:
        backup_seconds: how long `teahouse backup` took.
        restore_seconds: how long `teahouse restore` took.
        megabytes: the database and the files that were put back, 10^6 bytes.
    """

    backup_seconds: float
    restore_seconds: float
    megabytes: float


@dataclass(frozen=True)
class Report:
    """What was seen.

    Args:
        plan: what was asked for.
        seconds: how long the load lasted.
        cores: processor time of the server a second.
        tally: what was done.
        samples: what the server held, in order.
        restored: how the backup fared.
        problems: what must not be; empty where all is well.
    """

    plan: Plan
    seconds: float
    cores: float
    tally: Tally
    samples: list[Sample]
    restored: Restored
    problems: list[str]


async def soak(plan: Plan, folder: Path) -> Report:
    """Put a server of its own under load, and judge it.

    Args:
        plan: what to do.
        folder: an empty one, for all files.
    """
    house = folder / "house"
    settings = {"TEAHOUSE_WALLET_RULE_SET": "open"}
    server = Server("teahouse-sqlite", folder=house, cache=folder, settings=settings)
    async with server:
        load = await _furnish(server, plan, house / "data")
        sampler = Sampler(server, house / "data")
        before = processes.instant(server.roots)
        backing_up = asyncio.create_task(_back_up_later(plan, folder))
        samples = await _run(load, plan, sampler)
        after = processes.instant(server.roots)
        backup_seconds = await backing_up
        problems = [*load.tally.failures, *await load.find_losses(_FUNDS)]
    problems += judge_samples(samples)
    problems += await _run_teahouse("check", house / "data")
    restored, more = await _restore(folder, backup_seconds)
    return Report(
        plan=plan,
        seconds=after.wall - before.wall,
        cores=(after.server - before.server) / (after.wall - before.wall),
        tally=load.tally,
        samples=samples,
        restored=restored,
        problems=problems + more,
    )


async def _furnish(server: Server, plan: Plan, data: Path) -> Load:
    """Members in rooms, with money."""
    world = World(server, QUICK, PeerRun("teahouse-sqlite", version=version("teahouse-sqlite")))
    members = await world.members(plan.members)
    starts = range(0, plan.members, _ROOM_SIZE)
    rooms = [await world.new_room(members[start : start + _ROOM_SIZE]) for start in starts]
    world.api.close()
    # Money comes from a bank; here it is booked past the routes, while nobody serves.
    server.stop()
    services = make_services(
        Settings(
            data=str(data),
            server_name="bench.example",
            wallet_rule_set="open",
            log_level="warning",
        )
    )
    install(services)
    try:
        for member in members:
            services.db.run(_fund, member.user_id)
    finally:
        services.db.stop()
    await server.start()
    return Load(server.port, members, rooms, seed=plan.seed)


def _fund(tx: Tx, user_id: str) -> None:
    draft = PaymentDraft(
        kind=PaymentKind.TOPUP,
        payer=HouseAccount.CASH_AT_BANK,
        payee=open_wallet(tx, party_of(tx, user_id), _CNY).id,
        amount=Money(_FUNDS, _CNY),
        key=tx.new_id("key"),
    )
    pay(tx, draft)


async def _run(load: Load, plan: Plan, sampler: Sampler) -> list[Sample]:
    """The load, and a look at the server now and then."""
    samples = [sampler.look(load.tally)]
    running = asyncio.create_task(load.run(steps=int(plan.seconds * plan.rate), rate=plan.rate))
    while not running.done():
        await asyncio.wait({running}, timeout=plan.seconds / plan.samples)
        samples.append(sampler.look(load.tally))
    running.result()
    return samples


async def _back_up_later(plan: Plan, folder: Path) -> float:
    await asyncio.sleep(plan.seconds * _BACKUP_AFTER)
    started = time.perf_counter()
    keys, archive = str(folder / "keys"), str(folder / "house.zip")
    problems = await _run_teahouse("backup", folder / "house/data", "--member-keys", keys, archive)
    assert problems == [], problems
    return time.perf_counter() - started


async def _restore(folder: Path, backup_seconds: float) -> tuple[Restored, list[str]]:
    """Put the backup into another folder, and check what is there."""
    data = folder / "restored"
    [keys] = (folder / "keys").iterdir()
    started = time.perf_counter()
    problems = await _run_teahouse(
        "restore", data, "--member-keys", str(keys), str(folder / "house.zip")
    )
    seconds = time.perf_counter() - started
    problems += await _run_teahouse("check", data)
    held = sum(file.stat().st_size for file in data.rglob("*") if file.is_file())
    return Restored(backup_seconds, seconds, held / 1e6), problems


async def _run_teahouse(command: str, data: Path, *arguments: str) -> list[str]:
    """What went wrong when an operator's command was run."""
    kept = {name: held for name, held in os.environ.items() if not name.startswith("TEAHOUSE_")}
    done = await asyncio.to_thread(
        subprocess.run,
        [
            str(Path(sys.executable).with_name("teahouse")),
            *(command, *arguments, "--data", str(data)),
        ],
        capture_output=True,
        text=True,
        check=False,
        # Events are signed by the name that the server had.
        env=kept | {"TEAHOUSE_SERVER_NAME": "bench.example"},
    )
    return [f"teahouse {command}: {done.stdout}{done.stderr}"] if done.returncode else []


def table(report: Report) -> str:
    """The figures as plain text."""
    first, *_, last = report.samples
    later = report.samples[len(report.samples) // 2 :]
    tally, restored = report.tally, report.restored
    lines = [
        f"{report.seconds:,.0f} s, {tally.steps:,} requests ({tally.steps / report.seconds:.1f}/s),"
        f" {report.cores:.2f} cores, seed {report.plan.seed}",
        "  " + ", ".join(f"{kind} {count:,}" for kind, count in sorted(tally.done.items())),
        f"  asked again after the answer: {tally.repeated:,}; done twice: {tally.doubled:,}",
        "",
        f"{'':22}{'first':>10}{'half way':>10}{'most':>10}{'last':>10}{'an hour':>10}",
    ]
    for name, heading in _TOLD.items():
        most = max(getattr(one, name) for one in report.samples)
        values = [getattr(first, name), getattr(later[0], name), most, getattr(last, name)]
        slope = slope_an_hour(later, name)
        cells = "".join(f"{value:>10,.1f}" for value in (*values, slope))
        lines.append(f"{heading:22}{cells}")
    growth = (last.database_mb - first.database_mb) * 1e6 / max(tally.steps, 1)
    lines += [
        "",
        f"an hour: the slope over the second half. The database grew by {growth:,.0f} bytes a"
        " request.",
        f"backup under load {restored.backup_seconds:.1f} s; restored {restored.megabytes:,.1f} MB"
        f" in {restored.restore_seconds:.1f} s.",
        "problems: " + ("none" if not report.problems else ""),
        *(f"  {problem}" for problem in report.problems),
    ]
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--minutes", default=20.0, show_default=True, help="How long the load lasts.")
@click.option("--rate", default=60.0, show_default=True, help="Requests a second.")
@click.option("--members", default=16, show_default=True, help="How many use the server.")
@click.option("--seed", default=1, show_default=True, help="Decides who asks for what.")
@click.option(
    "--json",
    "json_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write every sample here.",
)
def main(minutes: float, rate: float, members: int, seed: int, json_path: Path | None) -> None:
    """Keep a server busy with chat and money, and look at what grows."""
    folder = Path(tempfile.mkdtemp(prefix="teahouse-soak-"))
    plan = Plan(seconds=minutes * 60, rate=rate, members=members, seed=seed)
    try:
        report = asyncio.run(soak(plan, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if json_path is not None:
        json_path.write_text(json.dumps([one._asdict() for one in report.samples], indent=1))
    click.echo(table(report))
    if report.problems:
        raise click.exceptions.Exit(1)


if __name__ == "__main__":
    main()
