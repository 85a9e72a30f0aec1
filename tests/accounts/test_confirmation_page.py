"""The page on which a stage is done that a Matrix client does not know."""

import json
import re

import httpx
import pytest

from teahouse.platform.clock import ManualClock
from tests.accounts.test_passkeys import ORIGIN, add
from tests.accounts.test_second_factors import STEP_MS, set_up
from tests.kit.authenticator import SoftwareAuthenticator
from tests.kit.house import PASSWORD, House

pytestmark = pytest.mark.anyio
TOTP, PASSKEY = "org.teahouse.login.totp", "org.teahouse.login.passkey"


def page(stage: str) -> str:
    return f"/auth/{stage}/fallback/web"


async def give(house: House, stage: str, session: str, **form: str) -> httpx.Response:
    """Send the page's form."""
    return await house.call("POST", page(stage), params={"session": session}, data=form)


async def test_a_code_given_on_the_page_finishes_what_the_client_began(
    house: House, clock: ManualClock
) -> None:
    token = (await house.register("rose"))["access_token"]
    totp, codes = await set_up(house, clock, token)
    first = await house.call("DELETE", "/devices/A", {}, token=token)
    session = first.json()["session"]
    auth = {"type": "m.login.password", "session": session, "password": PASSWORD}
    await house.call("DELETE", "/devices/A", {"auth": auth}, token=token)

    shown = await house.call("GET", page(TOTP), params={"session": session})
    assert shown.status_code == 200
    assert shown.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert 'name="code"' in shown.text

    wrong = await give(house, TOTP, session, code="000000")
    assert wrong.status_code == 400
    assert "not accepted" in wrong.text
    waiting = await house.call("DELETE", "/devices/A", {"auth": {"session": session}}, token=token)
    assert (waiting.status_code, waiting.json()["completed"]) == (401, ["m.login.password"])

    clock.advance(STEP_MS)
    right = await give(house, TOTP, session, code=totp.at(clock.now_ms() // 1000))
    assert right.status_code == 200
    assert "authDone" in right.text
    done = await house.call("DELETE", "/devices/A", {"auth": {"session": session}}, token=token)
    assert done.status_code == 200
    again = await house.call("DELETE", "/devices/A", {"auth": {"session": session}}, token=token)
    assert again.status_code == 401

    fresh = (await house.call("DELETE", "/devices/A", {}, token=token)).json()["session"]
    assert (await give(house, TOTP, fresh, code=codes[0])).status_code == 200


async def test_a_passkey_used_on_the_page_finishes_it_too(house: House) -> None:
    token = (await house.register("rose"))["access_token"]
    key = SoftwareAuthenticator(ORIGIN)
    await add(house, token, key)
    session = (await house.call("DELETE", "/devices/A", {}, token=token)).json()["session"]
    shown = await house.call("GET", page(PASSKEY), params={"session": session})
    found = re.search(r'id="options" nonce="[^"]*">(.*?)</script>', shown.text)
    assert found is not None
    options = json.loads(found[1])

    for wrong in ("", "{", "[]", "{}", json.dumps(SoftwareAuthenticator(ORIGIN).get(options))):
        assert (await give(house, PASSKEY, session, credential=wrong)).status_code == 400
    answer = await give(house, PASSKEY, session, credential=json.dumps(key.get(options)))
    assert answer.status_code == 200, answer.text
    done = await house.call("DELETE", "/devices/A", {"auth": {"session": session}}, token=token)
    assert done.status_code == 200


async def test_without_a_session_there_is_nothing_to_confirm(house: House) -> None:
    for session in ("", "<script>", "x" * 1000):
        for answer in (
            await house.call("GET", page(TOTP), params={"session": session}),
            await give(house, TOTP, session, code="123456"),
        ):
            assert answer.status_code == 404
            assert "<script>" not in answer.text
    stranger = await house.call("POST", "/register", {"username": "a", "password": PASSWORD})
    session = stranger.json()["session"]
    assert (await give(house, TOTP, session, code="123456")).status_code == 404
    for stage in ("m.login.dummy", "m.login.password"):
        answer = await house.call("GET", page(stage), params={"session": session})
        assert (answer.status_code, answer.json()["errcode"]) == (404, "M_NOT_FOUND")
