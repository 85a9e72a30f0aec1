"""What a password costs at the product's own setting, and what it costs everyone else."""

import asyncio
import time

import msgspec

from benchmarks.figures import Goal, percentile
from benchmarks.http_client import request_bytes
from benchmarks.world import PASSWORD, Api, Member, World

SCENARIO = "sign_in"
SLOW_HASHES = True
_AT_A_TIME = 8
_REFUSED = 403
# A password hash must never hold up other requests: they may wait for a processor, not for it.
_WHOAMI_GOAL = Goal(at_most=35)


async def measure(world: World) -> None:
    """Sign in alone, then eight at a time while another member asks small questions.

    Args:
        world: where to measure, with password hashes at the product's default cost.
    """
    members = await world.members(_AT_A_TIME)
    alone: list[float] = []
    stop = time.perf_counter() + world.sizes.seconds / 2
    await _sign_in(world.api, members[0], stop=stop, times=alone)
    world.record(SCENARIO, "alone: p50", percentile(alone, 0.5), "ms")
    await _compare_refusals(world, members[0])
    api = Api(world.server.port, _AT_A_TIME)
    times: list[float] = []
    others: list[float] = []
    started = time.perf_counter()
    stop = started + world.sizes.seconds
    signing = (_sign_in(api, member, stop=stop, times=times) for member in members)
    await asyncio.gather(_ask(world.api, members[0], stop=stop, times=others), *signing)
    rate = len(times) / (time.perf_counter() - started)
    api.close()
    world.record(SCENARIO, f"{_AT_A_TIME} at a time", rate, "/s", more_is_better=True)
    name = f"whoami meanwhile, {_AT_A_TIME} signing in: p99"
    world.record(SCENARIO, name, percentile(others, 0.99), "ms", goal=_WHOAMI_GOAL)


async def _sign_in(api: Api, member: Member, *, stop: float, times: list[float]) -> None:
    body = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": member.user_id},
        "password": PASSWORD,
    }
    while time.perf_counter() < stop:
        started = time.perf_counter()
        await api.call("POST", "/_matrix/client/v3/login", body=body)
        times.append((time.perf_counter() - started) * 1e3)


async def _compare_refusals(world: World, member: Member) -> None:
    """Whether the time of a refusal tells who is a member: wrong passwords beside unknown names."""
    wrong: list[float] = []
    unknown: list[float] = []
    stop = time.perf_counter() + world.sizes.seconds / 2
    while time.perf_counter() < stop:
        # One of each in turn, so that whatever else the machine does falls on both.
        for user, times in ((member.user_id, wrong), ("@nobody:localhost", unknown)):
            body = {"type": "m.login.password", "user": user, "password": "a wrong password"}
            request = request_bytes(
                "POST", "/_matrix/client/v3/login", "", msgspec.json.encode(body)
            )
            started = time.perf_counter()
            response = await world.api.send(request)
            times.append((time.perf_counter() - started) * 1e3)
            assert response.status == _REFUSED, response.body
    world.record(SCENARIO, "refused, wrong password: p50", percentile(wrong, 0.5), "ms")
    world.record(SCENARIO, "refused, unknown name: p50", percentile(unknown, 0.5), "ms")
    pairs = len(wrong) * len(unknown)
    slower = sum(a > b for a in wrong for b in unknown) / pairs
    told = 100 * max(slower, 1 - slower)
    world.record(SCENARIO, "members told by the time alone; 50 is by chance", told, "%")


async def _ask(api: Api, member: Member, *, stop: float, times: list[float]) -> None:
    while time.perf_counter() < stop:
        started = time.perf_counter()
        await api.call("GET", "/_matrix/client/v3/account/whoami", member.access_token)
        times.append((time.perf_counter() - started) * 1e3)
        await asyncio.sleep(0.02)
