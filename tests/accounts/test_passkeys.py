"""Passkeys, made and used by an authenticator in software."""

from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from teahouse.accounts.errors import PasskeyRefused
from teahouse.accounts.passkeys.rules import (
    check_assertion,
    check_creation,
    compute_relying_party,
    find_credential_id,
)
from teahouse.accounts.passkeys.types import KnownCredential, RelyingParty
from teahouse.platform.clock import ManualClock
from tests.kit.authenticator import SoftwareAuthenticator
from tests.kit.house import House

pytestmark = pytest.mark.anyio
ROOT = "/api/v1/account"
ORIGIN = "https://teahouse.test"


async def begin(house: House, token: str) -> Any:
    """Confirm, and be told what to make a passkey of."""
    answer = await house.confirm("POST", f"{ROOT}/passkeys/options", {}, token=token)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def add(house: House, token: str, key: SoftwareAuthenticator, name: str = "Phone") -> Any:
    """Add a passkey."""
    options = await begin(house, token)
    body = {
        "challenge_id": options["challenge_id"],
        "credential": key.create(options["public_key"]),
        "name": name,
    }
    answer = await house.call("POST", f"{ROOT}/passkeys", body, token=token)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def sign_in(house: House, key: SoftwareAuthenticator) -> httpx.Response:
    """Sign in with a passkey, as far as a login token."""
    options = (await house.call("POST", f"{ROOT}/sign-in/options")).json()
    body = {
        "challenge_id": options["challenge_id"],
        "credential": key.get(options["public_key"]),
    }
    return await house.call("POST", f"{ROOT}/sign-in", body)


async def test_a_passkey_signs_in_to_any_matrix_client(house: House) -> None:
    token = (await house.register("rose"))["access_token"]
    key = SoftwareAuthenticator(ORIGIN)
    made = await add(house, token, key)
    assert made["name"] == "Phone"

    answer = await sign_in(house, key)
    assert answer.status_code == 200, answer.text
    body = {"type": "m.login.token", "token": answer.json()["login_token"]}
    login = await house.call("POST", "/login", body)
    assert login.json()["user_id"] == "@rose:teahouse.test"
    listed = (await house.call("GET", f"{ROOT}/passkeys", token=token)).json()
    assert [entry["passkey_id"] for entry in listed] == [made["passkey_id"]]
    assert listed[0]["last_used_at"] is not None


async def test_adding_asks_to_confirm_and_the_browser_to_verify(house: House) -> None:
    token = (await house.register("rose"))["access_token"]
    first = await house.call("POST", f"{ROOT}/passkeys/options", {}, token=token)
    assert first.status_code == 401
    assert first.headers["content-type"] == "application/problem+json"
    assert first.json()["flows"] == [{"stages": ["m.login.password"]}]
    options = (await begin(house, token))["public_key"]
    assert options["rp"]["id"] == "teahouse.test"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"


async def test_a_challenge_is_for_one_answer_of_one_member_in_time(
    house: House, clock: ManualClock
) -> None:
    rose = (await house.register("rose"))["access_token"]
    lily = (await house.register("lily"))["access_token"]
    key = SoftwareAuthenticator(ORIGIN)

    async def answer(options: Any, token: str) -> int:
        body = {
            "challenge_id": options["challenge_id"],
            "credential": key.create(options["public_key"]),
            "name": "x",
        }
        return (await house.call("POST", f"{ROOT}/passkeys", body, token=token)).status_code

    options = await begin(house, rose)
    assert await answer(options, lily) == 403
    assert await answer(options, rose) == 201
    assert await answer(options, rose) == 403
    options = await begin(house, rose)
    assert await answer(options, rose) == 409, "the passkey is there already"
    options = await begin(house, rose)
    clock.advance(5 * 60_000)
    assert await answer(options, rose) == 403


@pytest.mark.parametrize("fault", ["origin", "unverified", "other key", "unknown", "copied"])
async def test_a_wrong_signature_signs_nobody_in(house: House, fault: str) -> None:
    token = (await house.register("rose"))["access_token"]
    key = SoftwareAuthenticator(ORIGIN)
    await add(house, token, key)
    assert (await sign_in(house, key)).status_code == 200
    match fault:
        case "origin":
            key.origin = "https://teahouse.test.evil.example"
        case "unverified":
            key.verifies_user = False
        case "other key":
            key = SoftwareAuthenticator(ORIGIN)
        case "unknown":
            key.credential_id = b"another"
        case "copied":
            key.sign_count = 0
    answer = await sign_in(house, key)
    assert (answer.status_code, answer.json()["type"]) == (
        403,
        "urn:teahouse:problem:passkey-refused",
    )


async def test_a_passkey_is_renamed_and_removed_by_its_member_only(house: House) -> None:
    rose = (await house.register("rose"))["access_token"]
    lily = (await house.register("lily"))["access_token"]
    key = SoftwareAuthenticator(ORIGIN)
    path = f"{ROOT}/passkeys/{(await add(house, rose, key))['passkey_id']}"

    assert (await house.call("PATCH", path, {"name": "x"}, token=lily)).status_code == 404
    assert (await house.confirm("DELETE", path, {}, token=lily)).status_code == 404
    for name in ("", "x" * 101, "a\u0007b"):
        assert (await house.call("PATCH", path, {"name": name}, token=rose)).status_code == 400
    assert (await house.call("PATCH", path, {"name": "Key"}, token=rose)).status_code == 204
    listed = (await house.call("GET", f"{ROOT}/passkeys", token=rose)).json()
    assert [entry["name"] for entry in listed] == ["Key"]
    assert (await house.confirm("DELETE", path, {}, token=rose)).status_code == 204
    assert (await sign_in(house, key)).status_code == 403


async def test_a_passkey_confirms_instead_of_the_password(house: House) -> None:
    token = (await house.register("rose"))["access_token"]
    lily = (await house.register("lily"))["access_token"]
    key = SoftwareAuthenticator(ORIGIN)
    others = SoftwareAuthenticator(ORIGIN, b"credential-2")
    await add(house, token, key)
    await add(house, lily, others)
    await house.log_in("rose", device_id="OLD")
    first = (await house.call("DELETE", "/devices/OLD", {}, token=token)).json()
    stage = "org.teahouse.login.passkey"
    assert first["flows"] == [{"stages": ["m.login.password"]}, {"stages": [stage]}]
    options = first["params"][stage]["public_key"]

    async def confirm(credential: object) -> httpx.Response:
        auth = {"type": stage, "session": first["session"], "credential": credential}
        return await house.call("DELETE", "/devices/OLD", {"auth": auth}, token=token)

    for credential in (None, {}, others.get(options), key.create({**options, "rp": {"id": "x"}})):
        answer = await confirm(credential)
        assert (answer.status_code, answer.json()["errcode"]) == (401, "M_FORBIDDEN")
    assert (await confirm(key.get(options))).status_code == 200


async def test_unknown_members_of_a_body_are_refused(house: House) -> None:
    token = (await house.register("rose"))["access_token"]
    body = {"challenge_id": "x", "credential": {}, "name": "x", "more": 1}
    answer = await house.call("POST", f"{ROOT}/passkeys", body, token=token)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("public_url", "server_name", "expected"),
    [
        ("", "tea.example", RelyingParty(domain="tea.example", origin="https://tea.example")),
        ("", "tea.example:8448", RelyingParty(domain="tea.example", origin="https://tea.example")),
        (
            "https://chat.tea.example:444/",
            "tea.example",
            RelyingParty(domain="chat.tea.example", origin="https://chat.tea.example:444"),
        ),
        ("", "localhost", RelyingParty(domain="localhost", origin="")),
        ("http://127.0.0.1:8008", "x", RelyingParty(domain="localhost", origin="")),
    ],
)
def test_passkeys_are_made_for_the_public_address(
    public_url: str, server_name: str, expected: RelyingParty
) -> None:
    assert compute_relying_party(public_url, server_name) == expected


@pytest.mark.parametrize(
    ("origin", "is_right"),
    [
        ("http://localhost:8008", True),
        ("https://localhost", True),
        ("http://localhost.evil.example", False),
        ("ftp://localhost", False),
        ("null", False),
    ],
)
def test_on_localhost_any_port_will_do(origin: str, *, is_right: bool) -> None:
    party = RelyingParty(domain="localhost", origin="")
    key = SoftwareAuthenticator(origin)
    options = {"challenge": "AAAA", "rp": {"id": "localhost"}, "rpId": "localhost"}
    if is_right:
        assert check_creation(party, key.create(options), bytes(3)).credential_id
    else:
        with pytest.raises(PasskeyRefused):
            check_creation(party, key.create(options), bytes(3))


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just("AAAA"),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.data())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_malformed_answer_is_refused(data: st.DataObject) -> None:
    party = RelyingParty(domain="tea.example", origin="https://tea.example")
    key = SoftwareAuthenticator(party.origin)
    options = {"challenge": "AAAA", "rp": {"id": party.domain}, "rpId": party.domain}
    made = check_creation(party, key.create(options), bytes(3))
    known = KnownCredential(
        passkey_id="x", user_id="@rose:x", public_key=made.public_key, sign_count=0
    )
    credential = data.draw(st.sampled_from([key.create(options), key.get(options)]))
    place = data.draw(st.sampled_from([credential, credential["response"]]))
    name = data.draw(st.sampled_from(sorted(set(place) - {"userHandle"})))
    value = data.draw(_json)
    assume(value != place[name])
    assume(name != "clientExtensionResults")
    place[name] = value
    with pytest.raises(PasskeyRefused):
        check_creation(party, credential, bytes(3))
    with pytest.raises(PasskeyRefused):
        _check_signer(party, credential, known)


def _check_signer(party: RelyingParty, credential: dict[str, Any], known: KnownCredential) -> None:
    find_credential_id(credential)
    check_assertion(party, credential, bytes(3), known=known)
