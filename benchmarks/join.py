"""How long it takes to join a room that many have joined before."""

import time

from benchmarks.figures import percentile
from benchmarks.world import World, join, register

SCENARIO = "join"
_NEWCOMERS = 10


async def measure(world: World) -> None:
    """Let ten more join a large room, one after the other.

    Args:
        world: where to measure.
    """
    size = world.sizes.large_room
    room = await world.large_room(size)
    newcomers = [await register(world.api, f"newcomer{n}") for n in range(_NEWCOMERS)]
    times = []
    for newcomer in newcomers:
        started = time.perf_counter()
        await join(world.api, room, newcomer)
        times.append((time.perf_counter() - started) * 1e3)
    world.record(SCENARIO, f"a room of {size}", percentile(times, 0.5), "ms")
