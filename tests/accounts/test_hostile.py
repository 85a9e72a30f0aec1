"""Whatever strangers and members send: the answer is a refusal in the right form, never a 500."""

import asyncio
import json
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from teahouse.accounts import routes
from teahouse.platform.clock import ManualClock
from teahouse.platform.data_map import declaration
from teahouse.platform.db import metadata
from tests.kit.database import Databases, open_database
from tests.kit.house import PASSWORD, House, make_house

LOOP = asyncio.new_event_loop()
# Each route: method and path, path parameters filled in by what the fuzzer draws.
ENDPOINTS = sorted(
    (method, path)
    for route in routes
    for path in route.paths
    for method in sorted(str(m) for m in route.http_methods)
    if method != "OPTIONS"
)
_MEMBERS = [
    "auth", "type", "session", "password", "identifier", "user", "username", "token", "device_id",
    "devices", "display_name", "displayname", "avatar_url", "m.tz", "new_password", "erase",
    "logout_devices", "refresh_token", "code", "credential", "challenge_id", "name", "nonce",
    "mac", "admin", "initial_device_display_name", "inhibit_login", "org.teahouse.totp",
    "recovery_code", "response", "rawId", "id",
]  # fmt: skip
_TYPES = [
    "m.login.password", "m.login.token", "m.login.dummy", "m.login.registration_token",
    "org.teahouse.login.totp", "org.teahouse.login.passkey", "m.id.user", "public-key",
]  # fmt: skip
_texts = st.text(max_size=20) | st.sampled_from([*_TYPES, "rose", "@rose:teahouse.test", "\0"])
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _texts,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_MEMBERS), inner, max_size=4)
    ),
    max_leaves=8,
)
_bodies = st.dictionaries(st.sampled_from(_MEMBERS), _values, max_size=8).map(
    lambda body: json.dumps(body).encode()
) | st.sampled_from(
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'"\\ud800"', b'{"a":' * 2000, b"{}" + b" " * 10]
)
_parameters = st.sampled_from(
    ["x", "%00", "%ff", "..", "%2e%2e%2f", "@rose:teahouse.test", "%40rose%3Ateahouse.test",
     "a%20b", "displayname", "org.example.x", "auditor", "%F0%9F%8D%B5", "a" * 300]
)  # fmt: skip


@pytest.fixture(scope="module")
def hostile_house(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """One server for all of a run: what an earlier request left behind is part of the trial."""
    url = databases.create("postgresql")
    with open_database(url, ManualClock()) as db:
        yield make_house(
            db, tmp_path_factory.mktemp("hostile"), registration_shared_secret="s3cret"
        )
    databases.drop(url)


def test_every_route_is_tried() -> None:
    assert len(ENDPOINTS) > 50


@given(data=st.data())
@settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_no_request_makes_the_server_fail(hostile_house: House, data: st.DataObject) -> None:
    method, template = data.draw(st.sampled_from(ENDPOINTS))
    path = "/".join(
        data.draw(_parameters) if part.startswith("{") else part for part in template.split("/")
    )
    body = b"" if method == "GET" else data.draw(_bodies)
    query = data.draw(
        st.sampled_from(["", "?kind=guest", "?username=%ff", "?token=%00", "?limit=x"])
    )
    signed_in = data.draw(st.booleans())
    answer = run(hostile_house, method, path + query, body, signed_in=signed_in)
    assert answer.status_code < 500, answer.text
    if answer.headers.get("content-type", "").startswith("text/html"):
        assert "fallback/web" in path
    elif answer.status_code >= 400 and path.startswith("/_"):
        assert "errcode" in answer.json() or "flows" in answer.json()
    elif answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code


def run(house: House, method: str, path: str, body: bytes, *, signed_in: bool) -> httpx.Response:
    """Send raw bytes, as a stranger or as a member."""

    async def story() -> httpx.Response:
        headers = {"Content-Type": "application/json"}
        if signed_in:
            headers["Authorization"] = f"Bearer {await _token(house)}"
        return await house.http.request(method, path, content=body, headers=headers)

    return LOOP.run_until_complete(story())


async def _token(house: House) -> str:
    name = "rose"
    available = await house.call("GET", "/register/available", params={"username": name})
    if available.status_code == 200:
        await house.register(name)
    login = await house.call(
        "POST",
        "/login",
        {"type": "m.login.password", "user": name, "password": PASSWORD, "device_id": "PHONE"},
    )
    return str(login.json().get("access_token", "none"))


def test_every_column_is_in_the_data_map() -> None:
    columns = [
        column
        for table in metadata.sorted_tables
        if table.name.startswith("accounts_")
        for column in table.columns
    ]
    assert len(columns) > 50
    assert [str(column) for column in columns if declaration(column) is None] == []
