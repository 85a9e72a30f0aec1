"""The staff's console: least privilege, nothing secret, no look untold."""

import msgspec
import pytest

from teahouse.accounts import StaffActed, grant_role
from teahouse.accounts.operations.rules import list_settings
from teahouse.platform.db import Database, Tx
from teahouse.platform.jobs import platform_job
from teahouse.platform.load import LoadRecorder
from teahouse.platform.metrics import Metrics
from teahouse.platform.requester import Role
from teahouse.platform.settings import Settings
from tests.kit.house import House

ROOT = "/api/v1/staff"
PATHS = {"members": "operator", "jobs": "operator", "settings": "auditor", "load": "operator"}


async def _staff(house: House, db: Database, name: str, role: Role) -> str:
    token: str = (await house.register(name))["access_token"]
    await db.write(grant_role, f"@{name}:teahouse.test", role, by=None)
    return token


@pytest.mark.anyio
async def test_a_member_has_no_powers_and_sees_nothing(house: House) -> None:
    token = (await house.register("lily"))["access_token"]

    own = await house.call("GET", f"{ROOT}/me", token=token)
    seen = [(await house.call("GET", f"{ROOT}/{path}", token=token)).status_code for path in PATHS]

    assert own.json() == {"roles": [], "powers": []}
    assert set(seen) == {403}


@pytest.mark.anyio
async def test_each_role_sees_its_own_part(house: House, db: Database) -> None:
    auditor = await _staff(house, db, "aki", "auditor")

    own = (await house.call("GET", f"{ROOT}/me", token=auditor)).json()
    seen = {
        path: (await house.call("GET", f"{ROOT}/{path}", token=auditor)).status_code
        for path in PATHS
    }

    assert own["roles"] == ["auditor"]
    assert "settings.see" in own["powers"]
    assert seen == {"members": 403, "jobs": 403, "settings": 200, "load": 403}


@pytest.mark.anyio
async def test_members_are_found_page_by_page_and_the_look_is_told(
    house: House, db: Database
) -> None:
    operator = await _staff(house, db, "olga", "operator")
    for name in ("lin", "linus", "mei"):
        await house.register(name)
    told: list[StaffActed] = []
    db.react(StaffActed, lambda _tx, acted: told.append(acted))

    first = (await house.call("GET", f"{ROOT}/members?limit=2", token=operator)).json()
    rest = await house.call(
        "GET", f"{ROOT}/members?limit=2&cursor={first['next_cursor']}", token=operator
    )
    found = (await house.call("GET", f"{ROOT}/members?search=LIN", token=operator)).json()

    ids = [one["user_id"] for one in [*first["items"], *rest.json()["items"]]]
    assert ids == [f"@{name}:teahouse.test" for name in ("lin", "linus", "mei", "olga")]
    assert rest.json()["items"][1]["roles"] == ["operator"]
    assert [one["user_id"] for one in found["items"]] == ids[:2]
    assert len(told) == 3


@pytest.mark.anyio
async def test_a_dead_job_is_replayed_or_discarded_once(house: House, db: Database) -> None:
    operator = await _staff(house, db, "olga", "operator")
    moderator = await _staff(house, db, "moe", "moderator")
    for number in (1, 2):
        await db.write(_bury, f"job_{number}")

    listed = (await house.call("GET", f"{ROOT}/jobs?status=dead", token=operator)).json()
    unknown = await house.call("GET", f"{ROOT}/jobs?status=lost", token=operator)
    by_other = await house.call("POST", f"{ROOT}/jobs/job_1/replay", token=moderator)
    replayed = await house.call("POST", f"{ROOT}/jobs/job_1/replay", token=operator)
    again = await house.call("POST", f"{ROOT}/jobs/job_1/replay", token=operator)
    discarded = await house.call("POST", f"{ROOT}/jobs/job_2/discard", token=operator)
    left = (await house.call("GET", f"{ROOT}/jobs?status=dead", token=operator)).json()

    assert [job["id"] for job in listed] == ["job_1", "job_2"]
    assert "payload" not in listed[0]
    assert (unknown.status_code, by_other.status_code) == (400, 403)
    assert (replayed.status_code, again.status_code) == (204, 404)
    assert discarded.status_code == 204
    assert left == []


def _bury(tx: Tx, job_id: str) -> None:
    tx.conn.execute(
        platform_job.insert().values(
            id=job_id,
            kind="test.dead",
            key=job_id,
            payload="{}",
            status="dead",
            created_at=tx.now,
            run_at=tx.now,
            ask_count=1,
            try_count=9,
            leased_until=0,
            leased_by="",
            last_error="It broke.",
        )
    )


def test_settings_are_shown_without_what_is_secret() -> None:
    settings = Settings(
        turn_shared_secret="hush-hush",
        database_url="postgresql://tea:pour@db.example/teahouse",
        port=9000,
    )

    shown = {one.name: one for one in list_settings(settings)}

    assert shown["port"].value == "9000"
    assert not shown["port"].is_default
    assert shown["host"].is_default
    assert shown["host"].about == "Address to listen on."
    assert shown["turn_shared_secret"].value == "set"
    assert shown["database_url"].value == "postgresql://…@db.example/teahouse"
    told = msgspec.json.encode(list(shown.values())).decode()
    assert "hush" not in told
    assert "pour" not in told


@pytest.mark.anyio
async def test_load_is_sampled_between_two_instants(house: House) -> None:
    metrics = Metrics()
    metrics.count_request(method="GET", route="/old", status=200, seconds=9)
    recorder = LoadRecorder(house.services, metrics)
    for status, seconds in ((200, 0.5), (500, 0.25)):
        metrics.count_request(method="GET", route="/x", status=status, seconds=seconds)
    metrics.count_request(method="GET", route="/_matrix/client/v3/sync", status=200, seconds=30)
    metrics.count_group(3, 0.002)

    await recorder.sample()
    await recorder.sample()

    first, second = recorder.samples
    assert (first.requests, first.failures, first.slowest_ms) == (3, 1, 500)
    assert (first.commands, first.commits, first.commit_ms) == (3, 1, 2)
    assert first.memory_mib is None or first.memory_mib > 10
    assert (second.requests, second.slowest_ms, second.commit_ms) == (0, 0, None)
