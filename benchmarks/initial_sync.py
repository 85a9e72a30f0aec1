"""How long a new device waits for its first /sync."""

import time

from benchmarks.figures import Goal, percentile
from benchmarks.http_client import OK, request_bytes
from benchmarks.senders import ClosedLoop
from benchmarks.world import World, register, sync_path

SCENARIO = "initial_sync"
_GOAL = Goal(times=20)
_REPEATS = 7
_MESSAGES_IN_A_ROOM = 3


async def measure(world: World) -> None:
    """Sync a member of 100 rooms, and of more, from nothing.

    Args:
        world: where to measure.
    """
    member = await register(world.api, "traveller")
    rooms = 0
    for wanted in world.sizes.initial_syncs:
        for number in range(rooms, wanted):
            room = await world.new_room([member], f"Room {number}")
            loop = ClosedLoop(world.server.port, [(member, room)])
            await loop.run(seconds=60, messages=_MESSAGES_IN_A_ROOM)
        rooms = wanted
        # Synapse keeps answers for two minutes by their parameters: another time limit makes
        # each request a new one. The first one warms its other caches, and does not count.
        times, size = [], 0
        for repeat in range(_REPEATS):
            request = request_bytes("GET", sync_path(repeat), member.access_token)
            started = time.perf_counter()
            response = await world.api.send(request)
            times.append((time.perf_counter() - started) * 1e3)
            assert response.status == OK, response
            size = len(response.body)
        name = f"member of {wanted} rooms"
        world.record(SCENARIO, name, percentile(times[1:], 0.5), "ms", goal=_GOAL)
        world.record(SCENARIO, f"{name}: size", size / 1e3, "kB")
