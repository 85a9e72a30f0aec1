"""Signing in to another client on the house's own page, and where its token may go."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.accounts.single_sign_on.rules import add_token, check_redirect, compute_origin
from teahouse.platform.clock import ManualClock
from teahouse.platform.errors import InvalidParam
from tests.accounts.test_passkeys import ORIGIN, add
from tests.accounts.test_second_factors import STEP_MS, set_up
from tests.kit.authenticator import SoftwareAuthenticator
from tests.kit.house import PASSWORD, House

ROOT = "/api/v1/account/sign-in"
CLIENT = "https://element.example/?v=1&loginToken=forged#/home"

NO_CLIENTS = [
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\tscript:alert(1)",
    " javascript:alert(1)",
    "data:text/html,<script>",
    "data:text/html,x",
    "blob:https://element.example/1",
    "vbscript:x",
    "intent://x",
    "view-source:https://element.example",
    "//element.example/",
    "/chats",
    "element.example",
    "https:element.example",
    "https:///element.example",
    "https://",
    "https://element.example@evil.example/",
    "https://element.example:x/",
    "https://[::1/",
    "https://eлement.example/",
    "https://element.example/\r\nSet-Cookie: a=b",
    "https://element.example\\@evil.example/",
    "http://element.example/",
    "https://element.example/" + "a" * 2048,
    "\x00",
]


@pytest.mark.parametrize("address", NO_CLIENTS)
def test_addresses_that_browsers_run_or_that_mislead_get_no_token(address: str) -> None:
    with pytest.raises(InvalidParam):
        check_redirect(address, own_origin="https://tea.example", known=[])


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://Element.Example/app?x=1", "https://element.example"),
        ("https://known.example/", "https://known.example"),
        ("https://tea.example.evil.example/", "https://tea.example.evil.example"),
        ("http://localhost:8080/sso", "http://localhost:8080"),
        ("http://[::1]:1/", "http://[::1]:1"),
        ("io.element.desktop:/vector/webapp/", "io.element.desktop"),
        ("fluffychat://login", "fluffychat"),
    ],
)
def test_a_member_is_told_who_gets_the_token(address: str, name: str) -> None:
    known = ["https://known.example:8443"]
    client = check_redirect(address, own_origin="https://tea.example", known=known)
    kind = "web" if name.startswith("http") else "app"
    assert (client.kind, client.name, client.is_known) == (kind, name, False)


def test_the_house_itself_and_clients_the_operator_knows_need_no_question() -> None:
    for address in ("https://known.example:8443/", "https://tea.example/me"):
        client = check_redirect(
            address, own_origin="https://tea.example", known=["https://known.example:8443"]
        )
        assert client.is_known


@given(address=st.text(max_size=60))
def test_any_text_is_a_client_or_refused(address: str) -> None:
    try:
        client = check_redirect(address, own_origin="", known=[])
    except InvalidParam:
        return
    assert not client.is_known
    assert urlsplit(address).scheme not in {"", "javascript", "data"}


def test_the_token_joins_the_address_and_replaces_another() -> None:
    made = urlsplit(add_token(CLIENT, "thl_a b&c"))
    assert parse_qs(made.query) == {"v": ["1"], "loginToken": ["thl_a b&c"]}
    assert (made.netloc, made.fragment) == ("element.example", "/home")
    assert add_token("fluffychat://login", "t") == "fluffychat://login?loginToken=t"
    assert compute_origin("https://Tea.example/x") == "https://tea.example"
    assert compute_origin("") == ""


async def sign_in(house: House, **body: Any) -> httpx.Response:
    """Sign in with a password, as far as a login token."""
    return await house.call(
        "POST", f"{ROOT}/password", {"name": "rose", "password": PASSWORD, **body}
    )


async def redeem(house: House, token: str) -> httpx.Response:
    """Use a login token in some client."""
    return await house.call("POST", "/login", {"type": "m.login.token", "token": token})


@pytest.mark.anyio
async def test_clients_learn_of_it_and_are_led_to_the_page(house: House) -> None:
    flows = (await house.call("GET", "/login")).json()["flows"]
    [flow] = [flow for flow in flows if flow["type"] == "m.login.sso"]
    [provider] = flow["identity_providers"]
    for path in ("/login/sso/redirect", f"/login/sso/redirect/{provider['id']}"):
        answer = await house.call("GET", path, params={"redirectUrl": CLIENT})
        assert answer.status_code == 302
        place = urlsplit(answer.headers["location"])
        assert (place.path, parse_qs(place.query)) == ("/sign-in/app", {"redirectUrl": [CLIENT]})
    answer = await house.call(
        "GET", "/login/sso/redirect", params={"redirectUrl": CLIENT, "action": "register"}
    )
    assert answer.headers["location"].startswith("/sign-up?next=%2Fsign-in%2Fapp")

    missing = await house.call("GET", "/login/sso/redirect")
    assert (missing.status_code, missing.json()["errcode"]) == (400, "M_MISSING_PARAM")
    for address in ("javascript:alert(1)", "https://a.example/\r\nX: y"):
        wrong = await house.call("GET", "/login/sso/redirect", params={"redirectUrl": address})
        assert (wrong.status_code, wrong.json()["errcode"]) == (400, "M_INVALID_PARAM")
        assert "location" not in wrong.headers
    other = await house.call("GET", "/login/sso/redirect/oidc", params={"redirectUrl": CLIENT})
    assert (other.status_code, other.json()["errcode"]) == (404, "M_NOT_FOUND")


@pytest.mark.anyio
async def test_a_client_that_knows_no_way_in_is_led_to_a_page_too(house: House) -> None:
    asked = {"device_id": "PHONE&x", "initial_device_display_name": "Old phone", "other": "x"}
    answer = await house.call("GET", "/_matrix/static/client/login/", params=asked)
    assert answer.status_code == 302
    place = urlsplit(answer.headers["location"])
    assert place.path == "/sign-in/fallback"
    assert parse_qs(place.query) == {
        "device_id": ["PHONE&x"],
        "initial_device_display_name": ["Old phone"],
    }


@pytest.mark.anyio
async def test_a_token_opens_one_login_within_two_minutes(house: House, clock: ManualClock) -> None:
    await house.register("rose")
    answer = await sign_in(house, redirect_url=CLIENT)
    assert answer.status_code == 200, answer.text
    token = answer.json()["login_token"]
    assert answer.json()["redirect_to"] == add_token(CLIENT, token)
    assert (await redeem(house, token)).json()["user_id"] == "@rose:teahouse.test"
    again = await redeem(house, token)
    assert (again.status_code, again.json()["errcode"]) == (403, "M_FORBIDDEN")

    late = (await sign_in(house)).json()
    assert late["redirect_to"] is None
    clock.advance(late["expires_in_ms"])
    assert (await redeem(house, late["login_token"])).status_code == 403


@pytest.mark.anyio
async def test_passwords_codes_and_addresses_are_checked(house: House, clock: ManualClock) -> None:
    token = (await house.register("rose"))["access_token"]
    wrong = await sign_in(house, password="a guess of mine")
    assert (wrong.status_code, wrong.json()["type"]) == (403, "urn:teahouse:problem:login-refused")
    bad = await sign_in(house, redirect_url="javascript:alert(1)")
    assert bad.status_code == 400
    assert "login_token" not in bad.text

    totp, codes = await set_up(house, clock, token)
    needed = await sign_in(house)
    assert needed.json()["type"] == "urn:teahouse:problem:second-factor-needed"
    refused = await sign_in(house, totp="000000")
    assert refused.json()["type"] == "urn:teahouse:problem:second-factor-refused"
    clock.advance(STEP_MS)
    assert (await sign_in(house, totp=totp.at(clock.now_ms() // 1000))).status_code == 200
    assert (await sign_in(house, recovery_code=codes[0])).status_code == 200
    assert (await sign_in(house, recovery_code=codes[0])).status_code == 403


@pytest.mark.anyio
async def test_a_passkey_returns_to_the_client_too(house: House) -> None:
    token = (await house.register("rose"))["access_token"]
    key = SoftwareAuthenticator(ORIGIN)
    await add(house, token, key)

    async def sign(redirect_url: str) -> httpx.Response:
        options = (await house.call("POST", f"{ROOT}/options")).json()
        body = {
            "challenge_id": options["challenge_id"],
            "credential": key.get(options["public_key"]),
            "redirect_url": redirect_url,
        }
        return await house.call("POST", ROOT, body)

    assert (await sign("data:text/html,x")).status_code == 400
    answer = (await sign(CLIENT)).json()
    assert answer["redirect_to"] == add_token(CLIENT, answer["login_token"])
    assert (await redeem(house, answer["login_token"])).status_code == 200


@pytest.mark.anyio
async def test_the_page_learns_whom_to_name(house: House) -> None:
    shown = await house.call("GET", f"{ROOT}/client", params={"redirect_url": CLIENT})
    assert shown.json() == {"kind": "web", "name": "https://element.example", "is_known": False}
    for params in ({}, {"redirect_url": ""}, {"redirect_url": "javascript:x"}):
        assert (await house.call("GET", f"{ROOT}/client", params=params)).status_code == 400
