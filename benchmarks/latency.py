"""How long a message takes from the moment it is due to each member of its room."""

from benchmarks.figures import Goal, percentile
from benchmarks.listeners import Listeners
from benchmarks.senders import ClosedLoop, OpenLoop
from benchmarks.sends import SMALL_ROOMS
from benchmarks.world import World

SCENARIO = "latency"
_HIGH_RATE = 500
_ARRIVAL_SECONDS = 10
_CAPACITY_SECONDS = 3


async def measure(world: World) -> None:
    """Offer 20 and 500 messages a second to ten rooms of ten, with a hundred long polls.

    Args:
        world: where to measure.
    """
    await _measure(world, 20, Goal(at_most=35))
    # Offered more than it takes, a server only grows a queue, and its latency would tell how
    # long the run was.
    capacity = await _capacity(world)
    if capacity >= _HIGH_RATE:
        await _measure(world, _HIGH_RATE, Goal(at_most=100))
    else:
        world.note(f"{_HIGH_RATE} sends/s not offered: it takes {capacity:.0f}/s at most")


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
