"""How much memory a server holds once people live on it."""

from benchmarks import processes
from benchmarks.figures import Goal
from benchmarks.listeners import Listeners
from benchmarks.senders import ClosedLoop
from benchmarks.world import World

SCENARIO = "memory"
_MESSAGES = 1_000


async def measure(world: World) -> None:
    """Register members, put them in rooms of ten, let a hundred of them talk; then look.

    Args:
        world: where to measure.
    """
    members, rooms = world.sizes.members, world.sizes.rooms
    await world.members(members)
    small_rooms = await world.small_rooms(rooms)
    talking = small_rooms[:10]
    listening = [member for room in talking for member in room.members]
    async with Listeners(world.server.port, listening):
        senders = [(room.members[0], room) for room in talking]
        loop = ClosedLoop(world.server.port, senders)
        await loop.run(seconds=world.sizes.seconds, messages=_MESSAGES)
        held = processes.memory(world.server.own_roots)
        with_database = processes.memory(world.server.roots)
    name = f"{members:,} members, {rooms} rooms"
    world.record(SCENARIO, name, held.resident, "MB", goal=Goal(at_most=150))
    if world.server.own_roots != world.server.roots:
        database = with_database.proportional - held.proportional
        world.record(SCENARIO, f"{name}: PostgreSQL besides", database, "MB")
