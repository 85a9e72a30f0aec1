"""How many durable messages a second a server takes, and how many it delivers."""

from benchmarks.figures import Goal
from benchmarks.listeners import Listeners
from benchmarks.peers import processor_time, settle
from benchmarks.senders import ClosedLoop
from benchmarks.world import Member, Room, World

SCENARIO = "sends"
SMALL_ROOMS = 10
_MEDIUM_ROOM = 200
_SMALL_GOAL = Goal(times=50)
_MEDIUM_GOAL = Goal(times=25)
# Time for what was acknowledged to arrive; nothing is lost when it is late.
_ARRIVAL_SECONDS = 30
_WARM_UP_SECONDS = 1


async def measure(world: World) -> None:
    """Ten and a hundred senders in ten rooms of ten; ten senders in one room of 200.

    Every member of the rooms holds a long poll all the time.

    Args:
        world: where to measure.
    """
    rooms = await world.small_rooms(SMALL_ROOMS)
    ten = [(room.members[0], room) for room in rooms]
    await _measure(world, "10 senders, 10 rooms of 10", ten, goal=_SMALL_GOAL)
    hundred = [(member, room) for room in rooms for member in room.members]
    await _measure(world, "100 senders, 10 rooms of 10", hundred, goal=_SMALL_GOAL)
    room = await world.large_room(_MEDIUM_ROOM)
    assert len(room.members) == _MEDIUM_ROOM
    ten = [(member, room) for member in room.members[:10]]
    await _measure(world, f"10 senders, room of {_MEDIUM_ROOM}", ten, goal=_MEDIUM_GOAL)


async def _measure(
    world: World, name: str, senders: list[tuple[Member, Room]], *, goal: Goal
) -> None:
    rooms = {room.room_id: room for _, room in senders}.values()
    listening = {member.user_id: member for room in rooms for member in room.members}
    async with Listeners(world.server.port, listening.values()) as listeners:
        await ClosedLoop(world.server.port, senders).run(seconds=_WARM_UP_SECONDS)
        await settle(world.server)
        listeners.reset()
        loop = ClosedLoop(world.server.port, senders)
        before = processor_time(world.server)
        seconds = await loop.run(seconds=world.sizes.seconds)
        in_time = listeners.deliveries
        used = processor_time(world.server).server - before.server
        due = loop.sent * (len(listening) // len(rooms))
        await listeners.until(due, _ARRIVAL_SECONDS)
        missing = due - listeners.deliveries
    for what, number in (("sends", loop.sent), ("deliveries", in_time)):
        rate = number / seconds
        world.record(SCENARIO, f"{name}: {what}", rate, "/s", more_is_better=True, goal=goal)
    # Unlike the rates, this hardly changes when something else runs on the machine.
    world.record(SCENARIO, f"{name}: processor for a send", used * 1e3 / loop.sent, "ms")
    if missing or listeners.failures:
        world.note(f"{name}: {missing} deliveries missing, {listeners.failures} failed polls")
