"""`make bench`: run the scenarios against the peers, one after the other, and print the ratios."""

import asyncio
import gc
import os
import platform
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import click
import msgspec

from benchmarks import (
    history,
    initial_sync,
    join,
    latency,
    ledger,
    memory,
    messages,
    red_packets,
    sends,
    sign_in,
    startup,
)
from benchmarks.figures import PEERS, Load, Machine, PeerRun, Run, table
from benchmarks.peers import Server, processor_time, version
from benchmarks.processes import Instant
from benchmarks.world import QUICK, Sizes, World

# In the order they run: memory before the load of the others, a larger room after a smaller one.
_SCENARIOS: dict[str, Callable[[World], Awaitable[None]]] = {
    startup.SCENARIO: startup.measure,
    memory.SCENARIO: memory.measure,
    sends.SCENARIO: sends.measure,
    latency.SCENARIO: latency.measure,
    initial_sync.SCENARIO: initial_sync.measure,
    messages.SCENARIO: messages.measure,
    join.SCENARIO: join.measure,
    history.SCENARIO: history.measure,
    sign_in.SCENARIO: sign_in.measure,
}
# This one runs on a server of its own, whose password hashes cost what the product says.
_WITH_SLOW_HASHES = sign_in.SCENARIO
_CACHE = Path(__file__).resolve().parent.parent / ".bench"


@click.command()
@click.argument(
    "scenarios",
    nargs=-1,
    type=click.Choice([*_SCENARIOS, ledger.SCENARIO, red_packets.SCENARIO]),
    metavar="[SCENARIO]...",
)
@click.option(
    "--peer",
    "peers",
    multiple=True,
    type=click.Choice([*PEERS, "all"]),
    default=["all"],
    help="Which server; may be given several times.  [default: all]",
)
@click.option("--quick", is_flag=True, help="Small sizes: minutes instead of half an hour.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write figures here.")
@click.option("--history", "lengths", help="Lengths of history, as in 10,1000,100000.")
@click.option(
    "--cache",
    type=click.Path(path_type=Path, file_okay=False),
    default=_CACHE,
    help="Where Synapse is installed.  [default: .bench in the repository]",
)
def main(
    scenarios: tuple[str, ...],
    peers: tuple[str, ...],
    json_path: Path | None,
    lengths: str | None,
    cache: Path,
    *,
    quick: bool,
) -> None:
    """Measure Teahouse side by side with Synapse.

    All scenarios run unless some are named: startup memory sends latency initial_sync messages
    join history sign_in ledger red_packets. The ledger is measured without a server, beside
    pgbench and the bare limit of the disk; its figures are written beside the others', to
    *.ledger.json. Red packets are measured beside plain payments.
    """
    if ledger.SCENARIO in scenarios or not scenarios:
        _measure_ledger(json_path, quick=quick)
    if red_packets.SCENARIO in scenarios or not scenarios:
        click.echo(red_packets.table(red_packets.measure(quick=quick)))
    scenarios = tuple(name for name in scenarios or _SCENARIOS if name in _SCENARIOS)
    if not scenarios:
        return
    sizes = QUICK if quick else Sizes()
    if lengths:
        sizes = replace(sizes, history=tuple(int(length) for length in lengths.split(",")))
    chosen = [peer for peer in PEERS if peer in peers or "all" in peers]
    run = Run(_machine(quick=quick))
    for peer in chosen:
        # Results are shown and written after each peer: a long run may end early.
        run.peers.append(PeerRun(peer, version=version(peer)))
        asyncio.run(_measure_peer(run.peers[-1], scenarios, sizes, cache.resolve()))
        if json_path is not None:
            json_path.write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=2))
        click.echo(table(run))


def _measure_ledger(json_path: Path | None, *, quick: bool) -> None:
    run = ledger.measure(quick=quick)
    if json_path is not None:
        path = json_path.with_suffix(".ledger.json")
        path.write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=2))
    click.echo(ledger.table(run))


async def _measure_peer(
    run: PeerRun, scenarios: tuple[str, ...], sizes: Sizes, cache: Path
) -> None:
    runs = cache / "runs"
    usual = [name for name in _SCENARIOS if name in scenarios and name != _WITH_SLOW_HASHES]
    slow = [name for name in scenarios if name == _WITH_SLOW_HASHES]
    for names, slow_hashes in ((usual, False), (slow, True)):
        if not names:
            continue
        # A folder of its own: two runs at a time must not delete each other's data.
        folder = runs / f"{run.peer}-{os.getpid()}{'-sign-in' if slow_hashes else ''}"
        async with Server(run.peer, folder=folder, cache=cache, slow_hashes=slow_hashes) as server:
            world = World(server, sizes, run)
            done = [await _measure(world, name) for name in names]
            world.api.close()
        if all(done):
            shutil.rmtree(folder, ignore_errors=True)
        else:
            run.notes.append(f"its logs are in {folder}")


async def _measure(world: World, name: str) -> bool:
    click.echo(f"{world.server.peer}: {name} ...", err=True, nl=False)
    gc.collect()
    before = processor_time(world.server)
    failure = ""
    try:
        await _SCENARIOS[name](world)
    except (RuntimeError, OSError) as error:
        # One scenario that a server cannot do must not cost the figures of all the others.
        failure = f"{name} failed: {error}"
        world.note(failure)
    load = _load(name, before, processor_time(world.server))
    world.run.loads.append(load)
    click.echo(f" {load.seconds:.0f} s {failure}", err=True)
    return not failure


def _load(name: str, before: Instant, after: Instant) -> Load:
    seconds = after.wall - before.wall
    client = (after.client - before.client) / seconds
    # A server that was started anew counts from nought.
    server = max(0.0, after.server - before.server) / seconds
    others = max(0.0, (after.machine - before.machine) / seconds - client - server)
    return Load(name, seconds, client, server, others)


def _machine(*, quick: bool) -> Machine:
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        python=platform.python_version(),
        load_average=os.getloadavg()[0],
        quick=quick,
    )


if __name__ == "__main__":
    main()
