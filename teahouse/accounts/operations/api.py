"""Routes of the staff's console, below /api/v1/staff."""

from __future__ import annotations

from typing import Any, cast, get_args

from litestar import get, post

from teahouse import privacy
from teahouse.accounts.operations.commands import (
    discard_dead_job,
    look_at_members,
    replay_dead_job,
)
from teahouse.accounts.operations.rules import list_settings
from teahouse.accounts.operations.types import ListedMember, OwnPowers, SettingInForce
from teahouse.accounts.staff.rules import check_power, powers_of
from teahouse.platform.errors import InvalidParam
from teahouse.platform.http import Request
from teahouse.platform.jobs import JobStatus, StoredJob, list_jobs
from teahouse.platform.load import LoadRecorder, Sample
from teahouse.platform.pages import Page, encode_cursor, page_limit, parse_cursor

_ROOT = "/api/v1/staff"
_JOB = _ROOT + "/jobs/{job_id:str}"


@get(f"{_ROOT}/me")
async def get_own_powers(request: Request) -> OwnPowers:
    """What one may do as one of the staff; nothing for all others."""
    requester = await request.requester()
    powers = {*powers_of(requester.roles), *privacy.staff_powers_of(requester.roles)}
    return OwnPowers(roles=sorted(requester.roles), powers=sorted(powers))


@get(f"{_ROOT}/members")
async def get_members(request: Request) -> Page[ListedMember]:
    """Members in the order of their ids; the look is told. Query: `search`, `cursor`, `limit`."""
    requester = await request.requester()
    limit = page_limit(request)
    place = parse_cursor(request.query("cursor"), tuple[str])
    found = await request.services.db.write(
        look_at_members,
        requester,
        search=request.query("search") or "",
        after=place[0] if place else "",
        limit=limit,
    )
    more = len(found) == limit
    return Page(found, encode_cursor(found[-1].user_id) if more else None)


@get(f"{_ROOT}/jobs")
async def get_jobs(request: Request) -> list[StoredJob]:
    """Jobs not done yet, the next one first; with `status`, only those."""
    check_power(await request.requester(), "jobs.see")
    status = request.query("status")
    if status is not None and status not in get_args(JobStatus):
        raise InvalidParam("`status` is `waiting` or `dead`.")
    return await request.services.db.read(list_jobs, status=cast("JobStatus | None", status))


@post(f"{_JOB}/replay", status_code=204)
async def post_replay(request: Request) -> None:
    """Give a dead job all its tries again."""
    requester = await request.requester()
    await request.services.db.write(replay_dead_job, requester, request.path("job_id"))


@post(f"{_JOB}/discard", status_code=204)
async def post_discard(request: Request) -> None:
    """Give a dead job up for good."""
    requester = await request.requester()
    await request.services.db.write(discard_dead_job, requester, request.path("job_id"))


@get(f"{_ROOT}/settings")
async def get_settings(request: Request) -> list[SettingInForce]:
    """Every setting as it holds, without what is secret."""
    check_power(await request.requester(), "settings.see")
    return list_settings(request.services.settings)


@get(f"{_ROOT}/load")
async def get_load(request: Request) -> list[Sample]:
    """What this server did in the last hour, every ten seconds."""
    check_power(await request.requester(), "load.see")
    return list(request.services.get(LoadRecorder).samples)


routes: list[Any] = [
    get_own_powers,
    get_members,
    get_jobs,
    post_replay,
    post_discard,
    get_settings,
    get_load,
]
