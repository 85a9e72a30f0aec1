"""Whether a message costs more the longer the history of its room."""

from typing import NamedTuple

from benchmarks.figures import Goal, percentile
from benchmarks.peers import processor_time
from benchmarks.senders import ClosedLoop
from benchmarks.world import Room, World, register

SCENARIO = "history"
_FILLERS = 50
_SECONDS = 3
# Two measurements of the same thing differ by a quarter on a busy machine.
_FLAT = Goal(at_most=1.25)


class _Cost(NamedTuple):
    messages: int
    processor_ms: float


async def measure(world: World) -> None:
    """Send one by one into a room whose history has grown to each of the lengths.

    Args:
        world: where to measure.
    """
    member = await register(world.api, "writer")
    room = await world.new_room([member])
    left = world.sizes.history_seconds
    length = 0
    rate = 0.0
    costs = []
    for wanted in world.sizes.history:
        missing = max(0, wanted - length)
        if rate and missing / rate > left:
            world.note(f"history: {wanted:,} events at {rate:.0f}/s would take too long")
            break
        fill = ClosedLoop(world.server.port, [(member, room)] * _FILLERS)
        seconds = await fill.run(seconds=left, messages=missing)
        left -= seconds
        length += fill.sent
        if length < wanted:
            world.note(f"history: time was up at {length:,} events")
            break
        # A handful of messages says little about the time that thousands will take.
        rate = fill.sent / seconds if fill.sent > _FILLERS else 0.0
        costs.append(await _send_one_by_one(world, room, name=f"after {wanted:,} events"))
        length += costs[-1].messages
    growth = costs[-1].processor_ms / costs[0].processor_ms
    world.record(SCENARIO, "longest to shortest: processor", growth, "x", goal=_FLAT)


async def _send_one_by_one(world: World, room: Room, *, name: str) -> _Cost:
    before = processor_time(world.server)
    loop = ClosedLoop(world.server.port, [(room.members[0], room)])
    await loop.run(seconds=_SECONDS)
    used = processor_time(world.server).server - before.server
    milliseconds = [nanoseconds / 1e6 for nanoseconds in loop.latencies_ns]
    cost = _Cost(loop.sent, used * 1e3 / loop.sent)
    world.record(SCENARIO, f"{name}: a send, p50", percentile(milliseconds, 0.5), "ms")
    world.record(SCENARIO, f"{name}: a send, processor", cost.processor_ms, "ms")
    return cost
