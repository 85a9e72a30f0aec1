"""How fast a client scrolls back through a room."""

import asyncio
import time

import msgspec

from benchmarks.figures import percentile
from benchmarks.senders import ClosedLoop
from benchmarks.world import Api, Member, Room, World

SCENARIO = "messages"
_MESSAGES = 400
_PAGE = 50
_READERS = 10


class _Page(msgspec.Struct, frozen=True):
    chunk: list[msgspec.Raw]
    end: str = ""


async def measure(world: World) -> None:
    """Read a room backwards, page by page: one reader alone, then ten at a time.

    Args:
        world: where to measure.
    """
    members = await world.members(10)
    room = await world.new_room(members)
    senders = [(member, room) for member in members]
    await ClosedLoop(world.server.port, senders).run(seconds=120, messages=_MESSAGES)
    times: list[float] = []
    stop = time.perf_counter() + world.sizes.seconds / 2
    await _read(world.api, room, members[0], stop=stop, times=times)
    world.record(SCENARIO, f"a page of {_PAGE}: p50", percentile(times, 0.5), "ms")
    api = Api(world.server.port, _READERS)
    times = []
    started = time.perf_counter()
    stop = started + world.sizes.seconds / 2
    readers = (_read(api, room, member, stop=stop, times=times) for member in members)
    await asyncio.gather(*readers)
    rate = len(times) / (time.perf_counter() - started)
    api.close()
    world.record(SCENARIO, f"pages, {_READERS} readers", rate, "/s", more_is_better=True)


async def _read(api: Api, room: Room, member: Member, *, stop: float, times: list[float]) -> None:
    end = ""
    while time.perf_counter() < stop:
        path = f"{room.path}/messages?dir=b&limit={_PAGE}"
        started = time.perf_counter()
        body = await api.call("GET", f"{path}&from={end}" if end else path, member.access_token)
        times.append((time.perf_counter() - started) * 1e3)
        page = msgspec.json.decode(body, type=_Page)
        end = page.end if page.chunk else ""
