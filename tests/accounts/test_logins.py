"""Signing in and out, refreshing, and what a token is worth afterwards."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from teahouse.accounts import Appservice, Authenticator, list_devices
from teahouse.accounts.devices.commands import forget_old_visits
from teahouse.accounts.tables import accounts_member
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database, Read, metadata
from tests.kit.house import PASSWORD, House, make_house

pytestmark = pytest.mark.anyio


async def status(house: House, token: str) -> tuple[int, str | None, bool | None]:
    """Status, errcode and soft_logout of a whoami."""
    answer = await house.call("GET", "/account/whoami", token=token)
    body = answer.json()
    return answer.status_code, body.get("errcode"), body.get("soft_logout")


def _hashes(read: Read) -> list[str]:
    statement = sa.select(accounts_member.c.password_hash).order_by(accounts_member.c.user_id)
    return [str(found) for found in read.conn.execute(statement).scalars()]


def _everything(read: Read) -> str:
    tables = (table for table in metadata.sorted_tables if table.name.startswith("accounts_"))
    return str([read.conn.execute(sa.select(table)).all() for table in tables])


GOOD = (200, None, None)
GONE = (401, "M_UNKNOWN_TOKEN", False)
EXPIRED = (401, "M_UNKNOWN_TOKEN", True)


async def test_login_flows_name_passwords_and_tokens(house: House) -> None:
    flows = (await house.call("GET", "/login")).json()["flows"]
    assert {"type": "m.login.password"} in flows
    assert {"type": "m.login.token", "get_login_token": True} in flows


@pytest.mark.parametrize(
    "who",
    [
        {"identifier": {"type": "m.id.user", "user": "rose"}},
        {"identifier": {"type": "m.id.user", "user": "@rose:teahouse.test"}},
        {"user": "rose"},
        {"user": "@rose:teahouse.test"},
    ],
)
async def test_a_member_signs_in_by_name_or_id(house: House, who: dict[str, object]) -> None:
    await house.register("rose")
    body = {"type": "m.login.password", "password": PASSWORD, **who}
    answer = await house.call("POST", "/login", body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["user_id"] == "@rose:teahouse.test"
    assert await status(house, answer.json()["access_token"]) == GOOD


@pytest.mark.parametrize(
    ("name", "password"),
    [("rose", "wrong password"), ("nobody", PASSWORD), ("rose", "x" * 5000), ("@rose:x", PASSWORD)],
)
async def test_wrong_name_and_wrong_password_look_the_same(
    house: House, name: str, password: str
) -> None:
    await house.register("rose")
    answer = await house.call(
        "POST", "/login", {"type": "m.login.password", "user": name, "password": password}
    )
    assert answer.status_code == 403
    assert answer.json() == {
        "errcode": "M_FORBIDDEN",
        "error": "The name or the password is wrong.",
    }


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({}, "M_BAD_JSON"),
        ({"type": 5}, "M_BAD_JSON"),
        ({"type": "m.login.unheard"}, "M_UNKNOWN"),
        ({"type": "m.login.password", "user": "rose"}, "M_MISSING_PARAM"),
        ({"type": "m.login.password", "password": "x"}, "M_MISSING_PARAM"),
        ({"type": "m.login.token"}, "M_MISSING_PARAM"),
    ],
)
async def test_malformed_logins_are_refused(
    house: House, body: dict[str, object], errcode: str
) -> None:
    answer = await house.call("POST", "/login", body)
    assert (answer.status_code, answer.json()["errcode"]) == (400, errcode)


async def test_signing_in_again_on_a_device_ends_its_earlier_token(house: House) -> None:
    first = await house.register("rose", device_id="PHONE")
    assert await status(house, first["access_token"]) == GOOD
    second = await house.log_in("rose", device_id="PHONE", initial_device_display_name="New")
    assert await status(house, first["access_token"]) == GONE
    assert await status(house, second["access_token"]) == GOOD
    devices = await house.call("GET", "/devices", token=second["access_token"])
    assert [d["device_id"] for d in devices.json()["devices"]] == ["PHONE"]
    assert devices.json()["devices"][0]["display_name"] == ""


async def test_a_token_that_nobody_holds_is_refused(house: House) -> None:
    assert await status(house, "made-up") == GONE
    answer = await house.call("GET", "/account/whoami")
    assert (answer.status_code, answer.json()["errcode"]) == (401, "M_MISSING_TOKEN")


async def test_signing_out_ends_this_login_only(house: House) -> None:
    first = await house.register("rose")
    second = await house.log_in("rose")
    answer = await house.call("POST", "/logout", token=first["access_token"])
    assert (answer.status_code, answer.json()) == (200, {})
    assert await status(house, first["access_token"]) == GONE
    assert await status(house, second["access_token"]) == GOOD


async def test_signing_out_everywhere_ends_all_logins(house: House) -> None:
    first = await house.register("rose")
    second = await house.log_in("rose")
    other = await house.register("lily")
    await house.call("POST", "/logout/all", token=first["access_token"])
    assert await status(house, first["access_token"]) == GONE
    assert await status(house, second["access_token"]) == GONE
    assert await status(house, other["access_token"]) == GOOD


async def test_an_expired_token_is_a_soft_logout(house: House, clock: ManualClock) -> None:
    login = await house.register("rose", refresh_token=True)
    assert await status(house, login["access_token"]) == GOOD
    clock.advance(login["expires_in_ms"])
    assert await status(house, login["access_token"]) == EXPIRED
    answer = await house.call("POST", "/refresh", {"refresh_token": login["refresh_token"]})
    assert await status(house, answer.json()["access_token"]) == GOOD


async def test_old_tokens_hold_until_a_new_one_is_used(house: House) -> None:
    old = await house.register("rose", refresh_token=True)

    async def refresh(token: str) -> tuple[int, dict[str, str]]:
        answer = await house.call("POST", "/refresh", {"refresh_token": token})
        return answer.status_code, answer.json()

    code, lost = await refresh(old["refresh_token"])
    assert code == 200
    # The answer got lost: the client asks again, and the lost pair is worth nothing.
    code, new = await refresh(old["refresh_token"])
    assert code == 200
    assert await status(house, lost["access_token"]) == GONE
    assert (await refresh(lost["refresh_token"]))[0] == 401
    assert await status(house, old["access_token"]) == GOOD

    assert await status(house, new["access_token"]) == GOOD
    assert await status(house, old["access_token"]) == GONE
    code, body = await refresh(old["refresh_token"])
    assert (code, body["errcode"]) == (401, "M_UNKNOWN_TOKEN")

    # Using the refresh token ends the generation before it too.
    code, newer = await refresh(new["refresh_token"])
    code, newest = await refresh(newer["refresh_token"])
    assert await status(house, new["access_token"]) == GONE
    assert await status(house, newest["access_token"]) == GOOD


async def test_a_login_token_signs_in_one_other_client(house: House, clock: ManualClock) -> None:
    path = "/_matrix/client/v1/login/get_token"
    login = await house.register("rose")
    made = await house.confirm("POST", path, {}, token=login["access_token"])
    assert made.json()["expires_in_ms"] == 120_000
    body = {"type": "m.login.token", "token": made.json()["login_token"]}
    answer = await house.call("POST", "/login", body)
    assert answer.json()["user_id"] == "@rose:teahouse.test"
    again = await house.call("POST", "/login", body)
    assert (again.status_code, again.json()["errcode"]) == (403, "M_FORBIDDEN")

    made = await house.confirm("POST", path, {}, token=login["access_token"])
    clock.advance(120_000)
    late = await house.call("POST", "/login", body | {"token": made.json()["login_token"]})
    assert late.status_code == 403


async def test_openid_tokens_tell_who_somebody_is_and_nothing_else(
    house: House, clock: ManualClock
) -> None:
    login = await house.register("rose")
    await house.register("lily")
    path = "/user/@rose:teahouse.test/openid/request_token"
    made = (await house.call("POST", path, {}, token=login["access_token"])).json()
    assert made["matrix_server_name"] == "teahouse.test"
    assert (made["token_type"], made["expires_in"]) == ("Bearer", 3600)

    userinfo = "/_matrix/federation/v1/openid/userinfo"
    token = {"access_token": made["access_token"]}
    assert (await house.call("GET", userinfo, params=token)).json() == {
        "sub": "@rose:teahouse.test"
    }
    assert await status(house, made["access_token"]) == GONE
    assert (await house.call("GET", userinfo)).status_code == 401
    assert (await house.call("GET", userinfo, params={"access_token": "x"})).status_code == 401
    other = "/user/@lily:teahouse.test/openid/request_token"
    refused = await house.call("POST", other, {}, token=login["access_token"])
    assert (refused.status_code, refused.json()["errcode"]) == (403, "M_FORBIDDEN")
    clock.advance(3_600_000)
    assert (await house.call("GET", userinfo, params=token)).status_code == 401


async def test_floods_of_logins_are_limited_per_member_and_address(
    db: Database, tmp_path: Path
) -> None:
    house = make_house(db, tmp_path, rate_limits=True, rate_login="3/minute")
    body = {"type": "m.login.password", "user": "rose", "password": "wrong"}
    codes = [(await house.call("POST", "/login", body)).status_code for _ in range(4)]
    assert codes == [403, 403, 403, 429]
    limited = await house.call("POST", "/login", body)
    assert limited.json()["retry_after_ms"] > 0


async def test_a_hash_made_with_other_parameters_is_made_anew(db: Database, tmp_path: Path) -> None:
    house = make_house(db, tmp_path / "a")
    await house.register("rose")
    later = make_house(db, tmp_path / "b", password_hash_rounds=2)
    before = await db.read(_hashes)
    await later.log_in("rose")
    after = await db.read(_hashes)
    assert before != after
    assert ",t=2," in after[0]
    await later.log_in("rose")
    assert await db.read(_hashes) == after


async def test_no_token_or_password_is_kept_in_plain(house: House, db: Database) -> None:
    login = await house.register("rose", refresh_token=True)
    kept = await db.read(_everything)
    for secret in (login["access_token"], login["refresh_token"], PASSWORD):
        assert secret not in kept


async def test_a_visit_is_noted_and_forgotten_after_seven_days(
    house: House, db: Database, clock: ManualClock
) -> None:
    login = await house.register("rose")
    clock.advance(6 * 60_000)
    await house.call("GET", "/account/whoami", token=login["access_token"])
    await house.services.get(Authenticator).settle()
    devices = await house.call("GET", "/devices", token=login["access_token"])
    assert devices.json()["devices"][0]["last_seen_ts"] == clock.now_ms()
    assert devices.json()["devices"][0]["last_seen_ip"] == "127.0.0.1"
    clock.advance(7 * 24 * 3600 * 1000 + 1)
    await db.write(forget_old_visits)
    found = (await db.read(list_devices, "@rose:teahouse.test"))[0]
    assert found.last_seen_ip is None


async def test_an_application_service_acts_for_its_own_members(house: House) -> None:
    house.services.get(Authenticator).add_appservice(
        "as-token",
        Appservice(
            appservice_id="irc",
            user_id="@ircbot:teahouse.test",
            owns=lambda user_id: user_id.startswith("@irc_"),
            excludes=lambda user_id: user_id.startswith("@irc_"),
        ),
    )
    rose = await house.register("rose")
    taken = await house.call("POST", "/register", {"username": "irc_a", "password": PASSWORD})
    assert (taken.status_code, taken.json()["errcode"]) == (400, "M_EXCLUSIVE")

    body = {"type": "m.login.application_service", "username": "irc_a", "inhibit_login": True}
    made = await house.call("POST", "/register", body, token="as-token")
    assert made.json() == {"user_id": "@irc_a:teahouse.test"}
    outside = await house.call("POST", "/register", body | {"username": "x"}, token="as-token")
    assert (outside.status_code, outside.json()["errcode"]) == (400, "M_EXCLUSIVE")

    async def whoami(user_id: str | None) -> tuple[int, str]:
        params = {} if user_id is None else {"user_id": user_id}
        answer = await house.call("GET", "/account/whoami", token="as-token", params=params)
        return answer.status_code, answer.json().get("user_id") or answer.json()["errcode"]

    assert await whoami(None) == (200, "@ircbot:teahouse.test")
    assert await whoami("@irc_a:teahouse.test") == (200, "@irc_a:teahouse.test")
    assert await whoami("@irc_b:teahouse.test") == (403, "M_FORBIDDEN")
    assert await whoami(rose["user_id"]) == (403, "M_FORBIDDEN")

    login = await house.call(
        "POST",
        "/login",
        {
            "type": "m.login.application_service",
            "identifier": {"type": "m.id.user", "user": "irc_a"},
        },
        token="as-token",
    )
    assert login.json()["user_id"] == "@irc_a:teahouse.test"
