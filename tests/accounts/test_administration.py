"""The Synapse-compatible calls about members: off by default, for operators only."""

from pathlib import Path

import pytest

from teahouse.accounts import StaffActed, grant_role
from teahouse.accounts.administration.api import routes
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from tests.kit.house import House, make_house

pytestmark = pytest.mark.anyio
V1, V2 = "/_synapse/admin/v1", "/_synapse/admin/v2"
ROSE = "@rose:teahouse.test"
ENDPOINTS = [
    (sorted(str(method) for method in route.http_methods)[0], path)
    for route in routes
    for path in route.paths
]


@pytest.fixture
async def house(db: Database, tmp_path: Path) -> House:
    """A server with the calls on."""
    return make_house(db, tmp_path, admin_api=True)


async def operator(house: House) -> str:
    """An operator's access token."""
    login = await house.register("olga")
    await house.db.write(grant_role, login["user_id"], "operator", by=None)
    return str(login["access_token"])


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
async def test_only_operators_may_and_only_where_it_is_on(
    db: Database, tmp_path: Path, method: str, path: str
) -> None:
    house, closed = make_house(db, tmp_path, admin_api=True), make_house(db, tmp_path)
    path = path.replace("{user_id:str}", ROSE).replace("{token:str}", "x")
    rose = (await house.register("rose"))["access_token"]
    auditor = await house.register("lily")
    await db.write(grant_role, auditor["user_id"], "auditor", by=None)
    for token in (rose, auditor["access_token"]):
        answer = await house.call(method, path, token=token)
        assert (answer.status_code, answer.json()["errcode"]) == (403, "M_FORBIDDEN")
    assert (await house.call(method, path)).status_code == 401
    answer = await closed.call(method, path, token=await operator(house))
    assert (answer.status_code, answer.json()["errcode"]) == (404, "M_UNRECOGNIZED")


async def test_members_are_listed_in_pages(house: House) -> None:
    token = await operator(house)
    for name in ("rose", "rosa", "zoe"):
        await house.register(name)
    page = (await house.call("GET", f"{V2}/users", token=token, params={"limit": "3"})).json()
    assert [user["name"][1:5] for user in page["users"]] == ["olga", "rosa", "rose"]
    assert [user["admin"] for user in page["users"]] == [True, False, False]
    assert (page["total"], page["next_token"]) == (4, "3")
    rest = await house.call("GET", f"{V2}/users", token=token, params={"from": "3"})
    assert [user["displayname"] for user in rest.json()["users"]] == ["zoe"]
    assert "next_token" not in rest.json()
    named = await house.call("GET", f"{V2}/users", token=token, params={"name": "ROS"})
    assert named.json()["total"] == 2


async def test_an_operator_closes_an_account(house: House) -> None:
    token = await operator(house)
    await house.register("rose")
    path = f"{V1}/deactivate/{ROSE}"
    answer = await house.call("POST", path, {"erase": True}, token=token)
    assert answer.json() == {"id_server_unbind_result": "success"}
    assert (await house.call("POST", path, {}, token=token)).status_code == 404
    shown = (await house.call("GET", f"{V2}/users/{ROSE}", token=token)).json()
    assert (shown["deactivated"], shown["erased"]) == (True, True)
    listed = await house.call("GET", f"{V2}/users", token=token)
    assert listed.json()["total"] == 1
    listed = await house.call("GET", f"{V2}/users", token=token, params={"deactivated": "true"})
    assert listed.json()["total"] == 2


async def test_an_operator_resets_a_password(house: House) -> None:
    token = await operator(house)
    rose = (await house.register("rose"))["access_token"]
    path = f"{V1}/reset_password/{ROSE}"
    weak = await house.call("POST", path, {"new_password": "x"}, token=token)
    assert weak.json()["errcode"] == "M_WEAK_PASSWORD"
    body = {"new_password": "another password", "logout_devices": False}
    assert (await house.call("POST", path, body, token=token)).status_code == 200
    assert (await house.call("GET", "/account/whoami", token=rose)).status_code == 200
    body["logout_devices"] = True
    await house.call("POST", path, body, token=token)
    assert (await house.call("GET", "/account/whoami", token=rose)).status_code == 401
    await house.log_in("rose", "another password")


async def test_registration_tokens_are_made_listed_and_deleted(
    db: Database, tmp_path: Path, clock: ManualClock
) -> None:
    house = make_house(db, tmp_path, admin_api=True)
    token = await operator(house)
    tokens = f"{V1}/registration_tokens"
    body = {"token": "tea", "uses_allowed": 1, "expiry_time": clock.now_ms() + 1000}
    made = await house.call("POST", f"{tokens}/new", body, token=token)
    assert made.json() == {**body, "completed": 0, "pending": 0}
    assert (await house.call("POST", f"{tokens}/new", body, token=token)).status_code == 400
    for wrong in ({"token": "a b"}, {"uses_allowed": -1}, {"expiry_time": 1}):
        answer = await house.call("POST", f"{tokens}/new", wrong, token=token)
        assert (answer.status_code, answer.json()["errcode"]) == (400, "M_INVALID_PARAM")
    chosen = (await house.call("POST", f"{tokens}/new", {}, token=token)).json()["token"]
    clock.advance(1000)

    async def listed(valid: str | None) -> set[str]:
        params = {} if valid is None else {"valid": valid}
        answer = await house.call("GET", tokens, token=token, params=params)
        return {row["token"] for row in answer.json()["registration_tokens"]}

    assert await listed(None) == {"tea", chosen}
    assert await listed("true") == {chosen}
    assert await listed("false") == {"tea"}
    assert (await house.call("DELETE", f"{tokens}/tea", token=token)).status_code == 200
    assert (await house.call("GET", f"{tokens}/tea", token=token)).status_code == 404


async def test_an_operator_makes_and_changes_a_member(house: House) -> None:
    token = await operator(house)
    path = f"{V2}/users/{ROSE}"
    body = {"password": "first password", "displayname": "Rose", "admin": True}

    made = await house.call("PUT", path, body, token=token)
    changed = await house.call(
        "PUT", path, {"password": "second password", "admin": False}, token=token
    )
    login = await house.log_in("rose", "second password")
    closed = await house.call("PUT", path, {"deactivated": True}, token=token)
    reopened = await house.call("PUT", path, {"deactivated": False}, token=token)
    locked = await house.call("PUT", path, {"locked": True}, token=token)
    odd = await house.call("PUT", f"{V2}/users/@rose:elsewhere.test", {}, token=token)

    assert (made.status_code, made.json()["admin"], made.json()["displayname"]) == (
        201,
        True,
        "Rose",
    )
    assert (changed.status_code, changed.json()["admin"]) == (200, False)
    assert changed.json()["displayname"] == "Rose"
    assert login["user_id"] == ROSE
    assert (closed.status_code, closed.json()["deactivated"]) == (200, True)
    assert [done.status_code for done in (reopened, locked, odd)] == [400, 400, 400]


async def test_what_operators_do_is_told(house: House) -> None:
    token = await operator(house)
    told: list[StaffActed] = []
    house.db.react(StaffActed, lambda _tx, acted: told.append(acted))

    await house.call("GET", f"{V2}/users", token=token)
    await house.call("PUT", f"{V2}/users/{ROSE}", {}, token=token)
    await house.call("POST", f"{V1}/deactivate/{ROSE}", {}, token=token)

    assert [(acted.deed, acted.about) for acted in told] == [
        ("users.list", ""),
        ("users.change", ROSE),
        ("members.deactivate", ROSE),
    ]
