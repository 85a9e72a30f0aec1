"""How long a server takes from its command to its first answer."""

from benchmarks.figures import Goal, percentile
from benchmarks.world import World

SCENARIO = "startup"
_REPEATS = 3


async def measure(world: World) -> None:
    """Note the start on an empty folder, then start again on what that made.

    Args:
        world: whose server has just been started for the first time.
    """
    server = world.server
    world.record(SCENARIO, "first start", server.start_seconds, "s")
    times = []
    for _ in range(_REPEATS):
        server.stop()
        await server.start()
        times.append(server.start_seconds)
    goal = Goal(at_most=1)
    world.record(SCENARIO, "later starts: p50", percentile(times, 0.5), "s", goal=goal)
