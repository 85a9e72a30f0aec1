"""How long a message takes from the moment it is due to each member of its room."""

from benchmarks.figures import Goal, percentile
from benchmarks.listeners import Listeners
from benchmarks.senders import ClosedLoop, OpenLoop
from benchmarks.sends import SMALL_ROOMS
from benchmarks.world import World

SCENARIO = "latency"
_GOALS = {20: Goal(at_most=35), 500: Goal(at_most=100)}
# A server that takes less than this part of a rate, however hard it is pressed, only grows a
# queue when it is offered that rate, and its latency would measure the length of the run.
_CAPACITY_MARGIN = 1.0
_ARRIVAL_SECONDS = 10
_CAPACITY_SECONDS = 3


async def measure(world: World) -> None:
    """Offer 20 and 500 messages a second to ten rooms of ten, with a hundred long polls.

    Args:
        world: where to measure.
    """
    for rate, goal in _GOALS.items():
        capacity = await _capacity(world)
        if capacity < rate * _CAPACITY_MARGIN:
            world.note(
                f"latency at {rate}/s skipped: it takes {capacity:.0f} sends/s at most, so its "
                "queue would grow without end"
            )
            continue
        await _measure(world, rate, goal)


async def _capacity(world: World) -> float:
    """Messages a second taken from a hundred senders while all hundred listen."""
    rooms = await world.small_rooms(SMALL_ROOMS)
    members = [member for room in rooms for member in room.members]
    async with Listeners(world.server.port, members) as listeners:
        senders = [(member, room) for room in rooms for member in room.members]
        loop = ClosedLoop(world.server.port, senders)
        seconds = await loop.run(seconds=_CAPACITY_SECONDS)
        await listeners.until(loop.sent * 10, _ARRIVAL_SECONDS)
    return loop.sent / seconds


async def _measure(world: World, rate: int, goal: Goal) -> None:
    rooms = await world.small_rooms(SMALL_ROOMS)
    members = [member for room in rooms for member in room.members]
    async with Listeners(world.server.port, members, timed=True) as listeners:
        # Room by room in turn, so that no room is offered a burst.
        senders = [(room.members[n], room) for n in range(10) for room in rooms]
        loop = OpenLoop(world.server.port, senders)
        due = await loop.run(rate=rate, seconds=world.sizes.seconds)
        await listeners.until(due * 10, _ARRIVAL_SECONDS)
        await loop.finish(_ARRIVAL_SECONDS)
    name = f"send to delivery, {rate}/s offered"
    milliseconds = [nanoseconds / 1e6 for nanoseconds in listeners.latencies_ns]
    world.record(SCENARIO, f"{name}: p50", percentile(milliseconds, 0.50), "ms")
    world.record(SCENARIO, f"{name}: p99", percentile(milliseconds, 0.99), "ms", goal=goal)
    if len(milliseconds) != due * 10 or loop.failures:
        world.note(
            f"{name}: {len(milliseconds)} of {due * 10} deliveries, {loop.failures} failed sends"
        )
