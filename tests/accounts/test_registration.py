"""Registration: who may, under which names, and what a proof of the shared secret is."""

import hashlib
import hmac
from pathlib import Path

import pytest

from teahouse.accounts import create_registration_token, list_staff
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from tests.kit.house import PASSWORD, House, make_house

pytestmark = pytest.mark.anyio


async def test_registering_takes_a_dummy_stage_and_signs_in(house: House) -> None:
    first = await house.call("POST", "/register", {"username": "rose", "password": PASSWORD})
    assert first.status_code == 401
    assert first.json()["flows"] == [{"stages": ["m.login.dummy"]}]
    assert "errcode" not in first.json()

    answer = await house.register("rose")
    assert answer["user_id"] == "@rose:teahouse.test"
    whoami = await house.call("GET", "/account/whoami", token=answer["access_token"])
    assert whoami.json() == {
        "user_id": "@rose:teahouse.test",
        "device_id": answer["device_id"],
        "is_guest": False,
    }


async def test_a_name_is_lowered_and_given_once(house: House) -> None:
    answer = await house.register("RoSe")
    assert answer["user_id"] == "@rose:teahouse.test"

    again = await house.call("POST", "/register", {"username": "rose", "password": PASSWORD})
    assert (again.status_code, again.json()["errcode"]) == (400, "M_USER_IN_USE")
    taken = await house.call("GET", "/register/available", params={"username": "Rose"})
    assert (taken.status_code, taken.json()["errcode"]) == (400, "M_USER_IN_USE")
    free = await house.call("GET", "/register/available", params={"username": "lily"})
    assert free.json() == {"available": True}


@pytest.mark.parametrize("name", ["", "a b", "é", "a:b", "@", "a" * 250, "a\u0000", "Ω"])
async def test_a_name_that_ids_cannot_carry_is_refused(house: House, name: str) -> None:
    answer = await house.call("POST", "/register", {"username": name, "password": PASSWORD})
    assert answer.status_code == 400
    assert answer.json()["errcode"] in {"M_INVALID_USERNAME", "M_BAD_JSON"}


async def test_who_asks_for_no_name_gets_one(house: House) -> None:
    first = await house.call("POST", "/register", {"password": PASSWORD})
    auth = {"type": "m.login.dummy", "session": first.json()["session"]}
    done = await house.call("POST", "/register", {"password": PASSWORD, "auth": auth})
    assert done.status_code == 200
    assert done.json()["user_id"].endswith(":teahouse.test")


async def test_a_short_password_is_refused_before_any_stage(house: House) -> None:
    answer = await house.call("POST", "/register", {"username": "rose", "password": "1234567"})
    assert (answer.status_code, answer.json()["errcode"]) == (400, "M_WEAK_PASSWORD")


async def test_without_a_password_nobody_is_registered(house: House) -> None:
    first = await house.call("POST", "/register", {"username": "rose"})
    auth = {"type": "m.login.dummy", "session": first.json()["session"]}
    answer = await house.call("POST", "/register", {"username": "rose", "auth": auth})
    assert (answer.status_code, answer.json()["errcode"]) == (400, "M_MISSING_PARAM")


async def test_inhibit_login_gives_no_token(house: House) -> None:
    answer = await house.register("rose", inhibit_login=True)
    assert answer == {"user_id": "@rose:teahouse.test"}


async def test_the_client_may_choose_its_device_and_refresh(house: House) -> None:
    answer = await house.register(
        "rose", device_id="PHONE", initial_device_display_name="My phone", refresh_token=True
    )
    assert answer["device_id"] == "PHONE"
    assert answer["refresh_token"]
    assert answer["expires_in_ms"] == 3_600_000
    devices = await house.call("GET", "/devices", token=answer["access_token"])
    assert devices.json()["devices"][0]["display_name"] == "My phone"


async def test_guests_are_refused(house: House) -> None:
    answer = await house.call("POST", "/register", {}, params={"kind": "guest"})
    assert (answer.status_code, answer.json()["errcode"]) == (403, "M_GUEST_ACCESS_FORBIDDEN")


async def test_closed_registration_lets_nobody_in(db: Database, tmp_path: Path) -> None:
    house = make_house(db, tmp_path, registration="closed")
    for answer in (
        await house.call("POST", "/register", {"username": "rose", "password": PASSWORD}),
        await house.call("GET", "/register/available", params={"username": "rose"}),
    ):
        assert (answer.status_code, answer.json()["errcode"]) == (403, "M_FORBIDDEN")


async def test_a_registration_token_lets_in_as_often_as_it_says(
    db: Database, tmp_path: Path, clock: ManualClock
) -> None:
    house = make_house(db, tmp_path, registration="token")
    token = await db.write(create_registration_token, uses_allowed=1)
    validity = "/_matrix/client/v1/register/m.login.registration_token/validity"

    async def register(name: str, shown: str) -> tuple[int, str | None]:
        body = {"username": name, "password": PASSWORD}
        first = await house.call("POST", "/register", body)
        assert first.json()["flows"] == [{"stages": ["m.login.registration_token"]}]
        auth = {
            "type": "m.login.registration_token",
            "token": shown,
            "session": first.json()["session"],
        }
        answer = await house.call("POST", "/register", {**body, "auth": auth})
        return answer.status_code, answer.json().get("errcode")

    assert (await house.call("GET", validity, params={"token": token})).json() == {"valid": True}
    assert await register("rose", "wrong") == (401, "M_FORBIDDEN")
    assert await register("rose", token) == (200, None)
    assert await register("lily", token) == (401, "M_FORBIDDEN")
    assert (await house.call("GET", validity, params={"token": token})).json() == {"valid": False}

    short = await db.write(create_registration_token, "short", expires_at=clock.now_ms() + 1000)
    clock.advance(1000)
    assert await register("lily", short) == (401, "M_FORBIDDEN")


async def test_the_shared_secret_registers_once_per_nonce(
    db: Database, tmp_path: Path, clock: ManualClock
) -> None:
    house = make_house(db, tmp_path, registration="closed", registration_shared_secret="s3cret")
    path = "/_synapse/admin/v1/register"

    def body(nonce: str, *, secret: str = "s3cret") -> dict[str, object]:
        text = "\0".join([nonce, "root", PASSWORD, "admin"])
        mac = hmac.new(secret.encode(), text.encode(), hashlib.sha1).hexdigest()
        return {
            "nonce": nonce,
            "username": "root",
            "password": PASSWORD,
            "admin": True,
            "mac": mac,
        }

    async def nonce() -> str:
        return str((await house.call("GET", path)).json()["nonce"])

    forged = await house.call("POST", path, body(await nonce(), secret="guess"))
    assert (forged.status_code, forged.json()["errcode"]) == (403, "M_FORBIDDEN")
    stale = await nonce()
    clock.advance(60_000)
    assert (await house.call("POST", path, body(stale))).status_code == 400

    good = await nonce()
    answer = await house.call("POST", path, body(good))
    assert answer.status_code == 200, answer.text
    assert answer.json()["user_id"] == "@root:teahouse.test"
    assert [(g.user_id, g.role) for g in await db.read(list_staff)] == [
        ("@root:teahouse.test", "operator")
    ]
    assert (await house.call("POST", path, body(good))).status_code == 400


async def test_without_a_shared_secret_that_door_is_not_there(house: House) -> None:
    answer = await house.call("GET", "/_synapse/admin/v1/register")
    assert (answer.status_code, answer.json()["errcode"]) == (404, "M_UNRECOGNIZED")


async def test_floods_of_registrations_are_limited(db: Database, tmp_path: Path) -> None:
    house = make_house(db, tmp_path, rate_limits=True, rate_register="2/hour")
    for name in ("a", "b"):
        await house.register(name)
    body = {"username": "c", "password": PASSWORD}
    first = await house.call("POST", "/register", body)
    auth = {"type": "m.login.dummy", "session": first.json()["session"]}
    answer = await house.call("POST", "/register", {**body, "auth": auth})
    assert (answer.status_code, answer.json()["errcode"]) == (429, "M_LIMIT_EXCEEDED")
