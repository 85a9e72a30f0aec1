"""Devices: listing, renaming, signing out behind user-interactive authentication."""

import pytest

from teahouse.platform.clock import ManualClock
from tests.kit.house import PASSWORD, House

pytestmark = pytest.mark.anyio


async def ids(house: House, token: str) -> list[str]:
    answer = await house.call("GET", "/devices", token=token)
    return [device["device_id"] for device in answer.json()["devices"]]


async def test_a_device_is_renamed_by_its_member_only(house: House) -> None:
    rose = (await house.register("rose", device_id="PHONE"))["access_token"]
    lily = (await house.register("lily"))["access_token"]
    body = {"display_name": "Blue phone"}
    assert (await house.call("PUT", "/devices/PHONE", body, token=rose)).json() == {}
    seen = await house.call("GET", "/devices/PHONE", token=rose)
    assert seen.json()["display_name"] == "Blue phone"
    assert (await house.call("PUT", "/devices/PHONE", {}, token=rose)).status_code == 200
    seen = await house.call("GET", "/devices/PHONE", token=rose)
    assert seen.json()["display_name"] == "Blue phone"

    for method, sent in (("GET", None), ("PUT", body)):
        answer = await house.call(method, "/devices/PHONE", sent, token=lily)
        assert (answer.status_code, answer.json()["errcode"]) == (404, "M_NOT_FOUND")
    long = {"display_name": "x" * 101}
    assert (await house.call("PUT", "/devices/PHONE", long, token=rose)).status_code == 400


async def test_signing_a_device_out_asks_for_the_password(house: House) -> None:
    rose = (await house.register("rose", device_id="PHONE"))["access_token"]
    laptop = (await house.log_in("rose", device_id="LAPTOP"))["access_token"]
    first = await house.call("DELETE", "/devices/LAPTOP", {}, token=rose)
    assert first.status_code == 401
    assert first.json()["flows"] == [{"stages": ["m.login.password"]}]
    session = first.json()["session"]

    wrong = {"type": "m.login.password", "session": session, "password": "wrong"}
    answer = await house.call("DELETE", "/devices/LAPTOP", {"auth": wrong}, token=rose)
    assert (answer.status_code, answer.json()["errcode"]) == (401, "M_FORBIDDEN")
    assert answer.json()["session"] == session
    assert answer.json()["completed"] == []
    assert await ids(house, rose) == ["LAPTOP", "PHONE"]

    right = wrong | {
        "password": PASSWORD,
        "identifier": {"type": "m.id.user", "user": "@rose:teahouse.test"},
    }
    answer = await house.call("DELETE", "/devices/LAPTOP", {"auth": right}, token=rose)
    assert (answer.status_code, answer.json()) == (200, {})
    assert await ids(house, rose) == ["PHONE"]
    gone = await house.call("GET", "/devices", token=laptop)
    assert (gone.status_code, gone.json()["errcode"]) == (401, "M_UNKNOWN_TOKEN")


async def test_deleting_a_device_that_is_not_there_succeeds(house: House) -> None:
    rose = (await house.register("rose"))["access_token"]
    answer = await house.confirm("DELETE", "/devices/NONE", {}, token=rose)
    assert (answer.status_code, answer.json()) == (200, {})


async def test_a_confirmation_holds_for_one_operation_only(house: House) -> None:
    rose = (await house.register("rose", device_id="PHONE"))["access_token"]
    await house.log_in("rose", device_id="A")
    first = await house.call("DELETE", "/devices/A", {}, token=rose)
    auth = {
        "type": "m.login.password",
        "session": first.json()["session"],
        "password": PASSWORD,
    }
    other = await house.call("DELETE", "/devices/PHONE", {"auth": auth}, token=rose)
    assert (other.status_code, other.json()["errcode"]) == (403, "M_FORBIDDEN")
    assert await ids(house, rose) == ["A", "PHONE"]


async def test_anothers_password_or_session_confirms_nothing(house: House) -> None:
    rose = (await house.register("rose", device_id="PHONE"))["access_token"]
    lily = (await house.register("lily", "another password", device_id="PHONE"))["access_token"]
    first = await house.call("DELETE", "/devices/PHONE", {}, token=rose)
    session = first.json()["session"]
    for auth in (
        {"type": "m.login.password", "session": session, "password": "another password"},
        {"type": "m.login.password", "user": "lily", "password": "another password"},
        {"type": "m.login.dummy", "session": session},
    ):
        answer = await house.call("DELETE", "/devices/PHONE", {"auth": auth}, token=rose)
        assert (answer.status_code, answer.json()["errcode"]) == (401, "M_FORBIDDEN")
    # A stranger's session is as good as none: a new one begins.
    auth = {"type": "m.login.password", "session": session, "password": "wrong"}
    answer = await house.call("DELETE", "/devices/PHONE", {"auth": auth}, token=lily)
    assert answer.status_code == 401
    assert answer.json()["session"] != session
    assert await ids(house, rose) == ["PHONE"]


async def test_an_expired_session_begins_anew(house: House, clock: ManualClock) -> None:
    rose = (await house.register("rose"))["access_token"]
    await house.log_in("rose", device_id="A")
    first = await house.call("DELETE", "/devices/A", {}, token=rose)
    clock.advance(15 * 60_000)
    auth = {"session": first.json()["session"]}
    answer = await house.call("DELETE", "/devices/A", {"auth": auth}, token=rose)
    assert answer.status_code == 401
    assert answer.json()["session"] != first.json()["session"]


async def test_several_devices_are_signed_out_at_once(house: House) -> None:
    rose = (await house.register("rose", device_id="PHONE"))["access_token"]
    for name in ("A", "B"):
        await house.log_in("rose", device_id=name)
    body = {"devices": ["A", "B", "NONE"]}
    answer = await house.confirm("POST", "/delete_devices", dict(body), token=rose)
    assert answer.status_code == 200, answer.text
    assert await ids(house, rose) == ["PHONE"]
    malformed = await house.call("POST", "/delete_devices", {"devices": "A"}, token=rose)
    assert (malformed.status_code, malformed.json()["errcode"]) == (400, "M_BAD_JSON")


@pytest.mark.parametrize("auth", ["text", 5, [], {"type": 5}, {"session": {}}])
async def test_malformed_auth_is_refused(house: House, auth: object) -> None:
    rose = (await house.register("rose"))["access_token"]
    answer = await house.call("DELETE", "/devices/A", {"auth": auth}, token=rose)
    assert (answer.status_code, answer.json()["errcode"]) == (400, "M_BAD_JSON")


async def test_a_device_without_a_name_is_told_with_all_its_parts(
    house: House, clock: ManualClock
) -> None:
    """matrix-nio takes no list in which one is missing."""
    phone = await house.register("rose", device_id="PHONE")
    token = phone["access_token"]
    [listed] = (await house.call("GET", "/devices", token=token)).json()["devices"]
    assert listed == (await house.call("GET", "/devices/PHONE", token=token)).json()
    assert listed == {
        "device_id": "PHONE",
        "display_name": "",
        "last_seen_ip": "127.0.0.1",
        "last_seen_ts": clock.now_ms(),
    }
