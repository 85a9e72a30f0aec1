"""Whatever is sent to any route: a refusal of the surface's form, no failure, nobody's secrets.

`TEAHOUSE_FUZZ_EXAMPLES` sets how many random requests are tried; 80 unless told otherwise.
"""

import asyncio
import gzip
import json
import os
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from teahouse.platform.http import is_matrix_path
from tests.kit.chat_house import Guest, register_guest
from tests.kit.database import DatabaseKind, Databases, open_database
from tests.kit.whole_house import Answer, Route, WholeHouse

T = TypeVar("T")

MARKER = "only-rose-may-read-this"
BODY_LIMIT = 65_536
FUZZ_EXAMPLES = int(os.environ.get("TEAHOUSE_FUZZ_EXAMPLES", "80"))

# Routes of Matrix that anybody may call; all others answer 401 to a stranger.
PUBLIC = {
    "GET /",
    "GET /.well-known/matrix/client",
    "GET /.well-known/matrix/support",
    "GET /_matrix/client/v1/register/m.login.registration_token/validity",
    "GET /_matrix/client/v1/room_summary/{room:str}",
    "GET /_matrix/client/unstable/im.nheko.summary/rooms/{room:str}/summary",
    "GET /_matrix/client/unstable/im.nheko.summary/summary/{room:str}",
    "GET /_matrix/client/v3/auth/{stage:str}/fallback/web",
    "GET /_matrix/client/v3/directory/list/room/{room_id:str}",
    "GET /_matrix/client/v3/directory/room/{alias:str}",
    "GET /_matrix/client/v3/login",
    "GET /_matrix/client/v3/login/sso/redirect",
    "GET /_matrix/static/client/login",
    "GET /_matrix/client/v3/login/sso/redirect/{idpId:str}",
    "GET /_matrix/client/v3/profile/{user_id:str}",
    "GET /_matrix/client/v3/profile/{user_id:str}/{field:str}",
    "GET /_matrix/client/v3/publicRooms",
    "GET /_matrix/client/v3/register/available",
    "GET /_matrix/client/versions",
    "GET /_matrix/federation/v1/openid/userinfo",
    "GET /_matrix/media/v3/download/{server_name:str}/{media_id:str}",
    "GET /_matrix/media/v3/download/{server_name:str}/{media_id:str}/{file_name:str}",
    "GET /_matrix/media/v3/thumbnail/{server_name:str}/{media_id:str}",
    "GET /_synapse/admin/v1/register",
    "GET /.well-known/gpc.json",
    "GET /privacy/erasure/{claim:str}",
    "GET /privacy/policy",
    "GET /privacy/policy/archive/{sha256:str}",
    "GET /privacy/policy/changes",
    "GET /miniprograms/files/{program_id:str}/{digest:str}/{path:path}",
    "GET /miniprograms/sdk/1/{name:str}",
    "GET /privacy/record",
    "GET /privacy/scorecard",
    "GET /transparency",
    "POST /_matrix/client/v3/account/3pid/email/requestToken",
    "POST /_matrix/client/v3/account/3pid/msisdn/requestToken",
    "POST /_matrix/client/v3/account/deactivate",
    "POST /_matrix/client/v3/account/password",
    "POST /_matrix/client/v3/account/password/email/requestToken",
    "POST /_matrix/client/v3/account/password/msisdn/requestToken",
    "POST /_matrix/client/v3/auth/{stage:str}/fallback/web",
    "POST /_matrix/client/v3/login",
    "POST /_matrix/client/v3/refresh",
    "POST /_matrix/client/v3/register",
    "POST /_matrix/client/v3/register/email/requestToken",
    "POST /_matrix/client/v3/register/msisdn/requestToken",
    "POST /_synapse/admin/v1/register",
}

# Routes that have no body, or read one that nobody needs; what is in it changes nothing.
READS_NO_BODY = {
    "POST /_matrix/client/v3/logout",
    "POST /_matrix/client/v3/logout/all",
    "POST /_matrix/media/v1/create",
    "POST /api/v1/account/sign-in/options",
    "POST /api/v1/privacy/official-requests/documents",
    "POST /api/v1/privacy/official-requests/{request_id:str}/release",
    "POST /api/v1/privacy/official-requests/{request_id:str}/validate",
    "POST /api/v1/privacy/transparency/canary",
    "POST /api/v1/wallet/payment-codes",
}

NO_JSON = {
    "malformed": b'{"a": ',
    "bad UTF-8": b'{"a": "\xff\xfe"}',
    "lone surrogate bytes": b'{"a": "\xed\xa0\x80"}',
    "not a number": b'{"a": NaN}',
    "two values": b"{}{}",
    "words": b"m.room.message",
}
NO_OBJECT = {
    "null": b"null",
    "true": b"true",
    "number": b"1",
    "text": b'"x"',
    "list": b"[]",
    "list of objects": b"[{}]",
}
ODD_JSON = {
    "deep lists": b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "deep objects": b'{"a":' * 9_000 + b"1" + b"}" * 9_000,
    "NUL": b'{"a": "\\u0000", "body": "\\u0000", "user_id": "\\u0000", "name": "\\u0000"}',
    "lone surrogate": b'{"a": "\\ud800", "body": "\\ud800", "user_id": "@\\ud800:teahouse.test"}',
    "huge number": b'{"a": 1' + b"0" * 400 + b"}",
    "infinity": b'{"a": 1e999}',
    "same key twice": b'{"a": 1, "a": 2}',
}
PARTS = {
    "slash": "%2F",
    "dots": "%2e%2e",
    "up": "..%2f..%2f..%2fetc%2fpasswd",
    "overlong": "%c0%ae%c0%ae",
    "empty": "",
    "NUL": "%00",
    "newline": "a%0d%0aX-Evil:%201",
    "bad UTF-8": "%ff%fe",
    "half an escape": "%",
    "long": "a" * 5000,
    "number": "9" * 400,
    "unknown room": "!nowhere:teahouse.test",
    "unknown member": "%40nobody%3Ateahouse.test",
    "no domain": "@nobody",
    "event": "$nothing",
}
QUERIES = [
    "limit", "from", "to", "since", "timeout", "dir", "filter", "full_state", "set_presence", "at",
    "membership", "not_membership", "ts", "width", "height", "method", "animated", "url", "server",
    "include", "recurse", "max_depth", "suggested_only", "version", "key", "user_id", "username",
    "kind", "order_by", "next_batch", "pos", "via", "token", "timeout_ms", "valid", "nonce",
    "use_state_after", "allow_redirect", "format", "search_term", "guests", "deactivated",
]  # fmt: skip
VALUES = [
    "", "x", "-1", "0", "1e3", "99999999999999999999", "%00", "%ff", "%F0%9F%8D%B5", "true",
    "{", "{}", "[]", "null", "%7B%22room%22%3A1%7D", "s1", "t1", "t-1", "t99999999999999999999",
    "t%00", "%7B%22room%22%3A%7B%22timeline%22%3A%7B%22limit%22%3A%22x%22%7D%7D%7D", "1_0", "%201",
    "@rose:teahouse.test", "a" * 3000,
]  # fmt: skip


@dataclass
class Trial:
    """A server, a member with secrets, and another one who is after them."""

    house: WholeHouse
    clock: ManualClock
    rose: Guest
    eve: Guest
    run: Callable[[Coroutine[Any, Any, Any]], Any]
    values: dict[str, str] = field(default_factory=dict)

    async def fresh_token(self) -> str:
        """Sign the attacker in anew, since the route before may have signed her out."""
        return str((await self.house.log_in("eve", device_id="EVIL"))["access_token"])


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def trial(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Trial]:
    """One server for all tests here: what an earlier request left behind is part of the trial."""
    kind: DatabaseKind = request.param
    url = databases.create(kind)
    clock = ManualClock()
    with open_database(url, clock) as db, asyncio.Runner() as runner:
        yield runner.run(furnish(db, clock, tmp_path_factory.mktemp("hostile"), runner))
    databases.drop(url)


async def furnish(db: Database, clock: ManualClock, data: Path, runner: asyncio.Runner) -> Trial:
    """Fill the server with what only Rose may see."""
    house = WholeHouse(
        db, data, admin_api=True, registration_shared_secret="s3cret", body_bytes_limit=BODY_LIMIT
    )
    # The first member may have more rights than others.
    await register_guest(house, "keeper")
    rose, eve = await register_guest(house, "rose"), await register_guest(house, "eve")
    room_id = await rose.create_room(preset="private_chat", name=MARKER, topic=MARKER)
    event_id = await rose.say(room_id, MARKER)
    await rose.say(
        room_id, MARKER, **{"m.relates_to": {"rel_type": "m.thread", "event_id": event_id}}
    )
    me = quote(rose.user_id, safe="")
    await rose.change("PUT", f"/user/{me}/account_data/org.secret", {"is": MARKER})
    room = quote(room_id, safe="")
    await rose.change("PUT", f"/user/{me}/rooms/{room}/account_data/org.secret", {"is": MARKER})
    await rose.change("PUT", f"/user/{me}/rooms/{room}/tags/u.{MARKER}", {})
    made = await rose.change("POST", f"/user/{me}/filter", {"room": {"rooms": [f"!{MARKER}:x"]}})
    await rose.change("PUT", f"/devices/{rose.device_id}", {"display_name": MARKER})
    version = await rose.change(
        "POST",
        "/room_keys/version",
        {"algorithm": "m.megolm_backup.v1.curve25519-aes-sha2", "auth_data": {"is": MARKER}},
    )
    values = {
        "room_id": room, "room": room, "event_id": quote(event_id, safe=""), "user_id": me,
        "device_id": rose.device_id, "filter_id": made["filter_id"], "data_type": "org.secret",
        "event_type": "m.room.name", "state_key": "", "version": version["version"],
        "rel_type": "m.thread", "receipt_type": "m.read", "field": "displayname",
        "kind": "override", "rule_id": ".m.rule.master", "role": "operator",
        "server": "teahouse.test", "server_name": "teahouse.test",
    }  # fmt: skip
    return Trial(house, clock, rose, eve, runner.run, values)


def check(route: Route, answer: Answer, why: object) -> None:
    """Check that an answer is no failure, has the form of its surface, and tells no secret."""
    told = f"{route.method} {route.template} ({why}): {answer.status} {answer.body[:500]!r}"
    assert answer.status < 500, told
    assert MARKER.encode() not in answer.body, told
    assert "x-evil" not in answer.headers, told
    if answer.status < 400 or answer.headers.get("content-type", "").startswith("text/html"):
        return
    if not is_matrix_path(route.template):
        assert answer.headers["content-type"].startswith("application/problem+json"), told
        assert answer.json["status"] == answer.status, told
    else:
        found = answer.json
        assert "errcode" in found or "flows" in found, told


def takes_body(route: Route) -> bool:
    """Whether a route of this method has a body, other than a file."""
    return (
        route.method in {"POST", "PUT", "PATCH"}
        and "/upload" not in route.template.partition("/_matrix/media")[2]
    )


async def try_bodies(trial: Trial, bodies: dict[str, bytes]) -> list[str]:
    """Send bodies to every route that takes one; returns where they were accepted."""
    accepted = []
    for route in trial.house.routes:
        if not takes_body(route):
            continue
        token = await trial.fresh_token()
        target = route.fill(trial.values | {"user_id": quote(trial.eve.user_id, safe="")})
        for name, body in bodies.items():
            answer = await trial.house.send_raw(route.method, target, body, token=token)
            check(route, answer, name)
            if answer.status < 400:
                accepted.append(f"{route.method} {route.template}: {name}")
    return accepted


def test_what_is_not_json_is_refused(trial: Trial) -> None:
    accepted = trial.run(try_bodies(trial, NO_JSON))
    assert {where for where in accepted if where.partition(": ")[0] not in READS_NO_BODY} == set()


def test_json_of_another_type_than_an_object_is_refused(trial: Trial) -> None:
    accepted = trial.run(try_bodies(trial, NO_OBJECT))
    assert {where for where in accepted if where.partition(": ")[0] not in READS_NO_BODY} == set()


def test_odd_json_makes_nothing_fail(trial: Trial) -> None:
    trial.run(try_bodies(trial, ODD_JSON))


def test_a_body_over_the_limit_is_refused_as_too_large(trial: Trial) -> None:
    body = b'{"a": "' + b"x" * BODY_LIMIT + b'"}'

    async def story() -> None:
        for route in trial.house.routes:
            if not takes_body(route):
                continue
            token = await trial.fresh_token()
            target = route.fill(trial.values)
            answer = await trial.house.send_raw(route.method, target, body, token=token)
            check(route, answer, "huge body")
            if answer.status < 400:
                assert f"{route.method} {route.template}" in READS_NO_BODY

    trial.run(story())


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=x"])
def test_a_packed_body_is_not_unpacked(trial: Trial, content_type: str) -> None:
    """A body is what its bytes are: no compression is undone, so no bomb goes off."""
    packed = gzip.compress(b'{"a": "' + bytes(50_000_000) + b'"}')
    assert len(packed) < BODY_LIMIT
    parts = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'
    body = packed if content_type == "application/json" else parts

    async def story() -> None:
        for route in trial.house.routes:
            if not takes_body(route) or f"{route.method} {route.template}" in READS_NO_BODY:
                continue
            token = await trial.fresh_token()
            target = route.fill(trial.values | {"user_id": quote(trial.eve.user_id, safe="")})
            answer = await trial.house.send_raw(
                route.method, target, body, token=token, content_type=content_type, encoding="gzip"
            )
            check(route, answer, content_type)
            assert answer.status >= 400, (route, answer)

    trial.run(story())


def test_no_trick_in_a_path_makes_anything_fail(trial: Trial) -> None:
    async def story() -> None:
        for route in trial.house.routes:
            names = [part[1:-5] for part in route.template.split("/") if part.startswith("{")]
            token = await trial.fresh_token() if names else None
            for odd in names:
                for name, part in PARTS.items():
                    target = route.fill(trial.values | {odd: part})
                    answer = await trial.house.send_raw(route.method, target, b"{}", token=token)
                    check(route, answer, f"{odd}: {name}")
                    if answer.status == 401:
                        token = await trial.fresh_token()

    trial.run(story())


@pytest.mark.parametrize(
    "target",
    [
        "/_matrix/client/v3/nothing",
        "/_matrix/client/v3/rooms//messages",
        "/_matrix/client/v3/rooms/../../../../etc/passwd",
        "/_matrix/client/v3/%2e%2e/%2e%2e/health",
        "/_matrix/client/v99/sync",
        "/_matrix/",
        "/_matrix/client/v3/rooms/" + "a/" * 500,
        "/_matrix/client/v3/%",
        "/_matrix/media/v3/download/..%2f..%2f..%2fetc/passwd",
    ],
)
def test_a_path_without_a_route_is_unrecognised(trial: Trial, target: str) -> None:
    async def story() -> Answer:
        return await trial.house.send_raw("GET", target, token=await trial.fresh_token())

    answer = trial.run(story())
    assert answer.status in {400, 404}
    assert answer.json["errcode"] in {"M_UNRECOGNIZED", "M_NOT_FOUND", "M_INVALID_PARAM"}


def test_query_parameters_of_any_value_make_nothing_fail(trial: Trial) -> None:
    async def story() -> None:
        turn = 0
        for route in trial.house.routes:
            token = await trial.fresh_token()
            values = trial.values | {"user_id": quote(trial.eve.user_id, safe="")}
            body = b"{}" if takes_body(route) else b""
            # Each route gets some of the values, in turn: all of them would take minutes.
            some = VALUES[turn % 5 :: 5]
            queries = ["&".join(f"{name}={value}" for name in QUERIES) for value in some]
            # What is refused first hides the others, so they come alone too.
            turn += 1
            for name in QUERIES[turn % 2 :: 2] if route.method == "GET" else []:
                turn += 1
                queries.append(f"{name}={VALUES[turn % len(VALUES)]}")
            for query in queries:
                target = f"{route.fill(values)}?{query}"
                answer = await trial.house.send_raw(route.method, target, body, token=token)
                check(route, answer, query[:100])
                if answer.status == 401:
                    token = await trial.fresh_token()

    trial.run(story())


@pytest.mark.parametrize(
    "target",
    [
        "/sync?since=x", "/sync?since=s-1", "/sync?timeout=x", "/sync?timeout=-1",
        "/sync?full_state=maybe", "/sync?filter={", "/sync?filter=%7B%22room%22%3A1%7D",
        "/rooms/{own}/messages?dir=x",
        "/rooms/{own}/messages?dir=f&from=x",
        "/rooms/{own}/messages?dir=b&limit=x", "/rooms/{own}/messages",
        "/rooms/{own}/members?at=x", "/rooms/{own}/members?membership=asleep",
        "/publicRooms?limit=x", "/publicRooms?since=%00", "/keys/changes",
        "/keys/changes?from=x&to=y",
    ],
)  # fmt: skip
def test_a_query_parameter_of_the_wrong_type_is_refused(trial: Trial, target: str) -> None:
    async def story() -> Answer:
        token = await trial.fresh_token()
        made = await trial.house.call("POST", "/createRoom", {}, token=token)
        path = target.replace("{own}", quote(made.json()["room_id"], safe=""))
        return await trial.house.send_raw("GET", f"/_matrix/client/v3{path}", token=token)

    answer = trial.run(story())
    assert answer.status == 400, answer.body
    assert answer.json["errcode"] in {
        "M_INVALID_PARAM", "M_MISSING_PARAM", "M_BAD_JSON", "M_NOT_JSON", "M_UNKNOWN",
    }  # fmt: skip


# Tokens


def check_unknown(route: Route, answer: Answer, errcode: str, why: object) -> None:
    """Check that a route refuses who is not signed in, in the form of its surface."""
    check(route, answer, why)
    told = f"{route.method} {route.template} ({why}): {answer.status} {answer.body[:500]!r}"
    assert answer.status == 401, told
    if route.template.startswith("/api/"):
        # Where programs of shops come in, every token is taken for one of theirs.
        problems = {errcode.removeprefix("M_").lower().replace("_", "-"), "unknown-shop-key"}
        assert answer.json["type"].removeprefix("urn:teahouse:problem:") in problems, told
    else:
        assert answer.json["errcode"] == errcode, told


def test_every_route_but_the_public_ones_wants_a_token_whatever_is_sent(trial: Trial) -> None:
    bodies = {
        "empty object": b"{}",
        "nothing": b"",
        "huge": b'{"a": "' + b"x" * BODY_LIMIT + b'"}',
        "unknown member": b'{"no-such-member": 1}',
        **NO_JSON,
        **NO_OBJECT,
        **ODD_JSON,
    }

    async def story() -> None:
        for route in trial.house.routes:
            is_public = route.is_open or f"{route.method} {route.template}" in PUBLIC
            tried = bodies if takes_body(route) and not is_public else {"empty object": b"{}"}
            for name, body in tried.items():
                answer = await trial.house.send_raw(route.method, route.fill(trial.values), body)
                if is_public:
                    check(route, answer, name)
                else:
                    check_unknown(route, answer, "M_MISSING_TOKEN", name)

    trial.run(story())


def test_stale_forged_and_expired_tokens_open_nothing(trial: Trial) -> None:
    async def story() -> None:
        house = trial.house
        stale = await house.log_in("eve")
        await house.call("POST", "/logout", {}, token=stale["access_token"])
        expired = await house.log_in("eve", refresh_token=True)
        trial.clock.advance(expired["expires_in_ms"] + 1)
        good = await trial.fresh_token()
        tokens: dict[str, str | bytes] = {
            "stale": stale["access_token"],
            "expired": expired["access_token"],
            "refresh token": expired["refresh_token"],
            "cut": good[:-1],
            "longer": f"{good}x",
            "turned": good[:-1] + chr(ord(good[-1]) ^ 1),
            "other case": good.swapcase(),
            "bytes": b"\xff\xfe\x00",
            "huge": "a" * 50_000,
            "wildcard": "%",
        }
        for route in house.routes:
            if route.is_open or f"{route.method} {route.template}" in PUBLIC:
                continue
            body = b'{"a": ' if takes_body(route) else b""
            for name, token in tokens.items():
                target = route.fill(trial.values)
                answer = await house.send_raw(route.method, target, body, token=token)
                check_unknown(route, answer, "M_UNKNOWN_TOKEN", name)

    trial.run(story())


# Others' rooms


@pytest.mark.parametrize("room_id", ["theirs", "unknown"])
def test_a_strangers_rooms_look_like_no_rooms(trial: Trial, room_id: str) -> None:
    values = trial.values | {"user_id": quote(trial.eve.user_id, safe="")}
    if room_id == "unknown":
        values["room_id"] = values["room"] = quote("!nowhere:teahouse.test", safe="")

    async def story() -> None:
        for route in trial.house.routes:
            if "{room" not in route.template:
                continue
            body = b"{}" if takes_body(route) else b""
            token = await trial.fresh_token()
            answer = await trial.house.send_raw(route.method, route.fill(values), body, token=token)
            check(route, answer, room_id)
            # What members keep about a room, and backups of its keys, are their own matter; and
            # any room that is not listed is private.
            own = ("/user/", "/room_keys/", "/directory/list/")
            if not any(part in route.template for part in own):
                assert answer.status in {400, 403, 404}, (route, answer)

    trial.run(story())


def test_another_members_matters_are_out_of_reach(trial: Trial) -> None:
    async def story() -> None:
        for route in trial.house.routes:
            token = await trial.fresh_token()
            body = b"{}" if takes_body(route) else b""
            target = route.fill(trial.values)
            answer = await trial.house.send_raw(route.method, target, body, token=token)
            check(route, answer, "as another member")
            if "/v3/user/{user_id:str}/" in route.template:
                assert answer.status in {400, 403, 404}, (route, answer)

    trial.run(story())


# Transactions


def test_a_replayed_transaction_id_does_nothing_twice(trial: Trial) -> None:
    async def story() -> None:
        room_id = await trial.rose.create_room()
        room = quote(room_id, safe="")
        first = await trial.rose.change("PUT", f"/rooms/{room}/send/org.x/t1", {"n": 1})
        again = await trial.rose.change("PUT", f"/rooms/{room}/send/org.x/t1", {"n": 2})
        assert again == first
        event = await trial.rose.get(f"/rooms/{room}/event/{quote(first['event_id'], safe='')}")
        assert event["content"] == {"n": 1}
        # Another device's transactions are its own.
        other = Guest(trial.house, await trial.house.log_in("rose"))
        third = await other.change("PUT", f"/rooms/{room}/send/org.x/t1", {"n": 3})
        assert third != first
        target = quote(first["event_id"], safe="")
        gone = await trial.rose.change("PUT", f"/rooms/{room}/redact/{target}/r1", {})
        assert await trial.rose.change("PUT", f"/rooms/{room}/redact/{target}/r1", {}) == gone
        messages = {trial.rose.user_id: {other.device_id: {"n": 1}}}
        for _ in range(2):
            await trial.rose.change("PUT", "/sendToDevice/org.x/d1", {"messages": messages})
        told = (await other.get("/sync"))["to_device"]["events"]
        assert [message["content"] for message in told] == [{"n": 1}]

    trial.run(story())


# Chance

_texts = st.text(max_size=12) | st.sampled_from(
    ["@rose:teahouse.test", "!nowhere:teahouse.test", "$x", "m.room.message", "join", "\0", MARKER]
)
_members = st.sampled_from(
    ["type", "user_id", "room_id", "room_alias_name", "name", "topic", "invite", "preset",
     "visibility", "initial_state", "creation_content", "power_level_content_override", "state_key",
     "content", "reason", "event_id", "m.relates_to", "rel_type", "key", "limit", "filter", "since",
     "search_categories", "room_events", "search_term", "messages", "one_time_keys", "device_keys",
     "keys", "signatures", "algorithms", "algorithm", "auth_data", "rooms", "sessions", "lists",
     "ranges", "timeline_limit", "required_state", "room_subscriptions", "extensions", "timeline",
     "state", "types", "senders", "order", "typing", "timeout", "actions", "conditions", "pattern",
     "presence", "status_msg", "m.fully_read", "m.read", "users", "events", "ban", "membership",
     "alias", "room_version", "new_version", "is_direct", "auth", "session", "password",
     "identifier", "device_id", "devices", "thread_id", "score", "enabled", "global"]
)  # fmt: skip
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _texts,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(_members | _texts, inner, max_size=4)
    ),
    max_leaves=10,
)


@given(data=st.data())
@settings(
    deadline=None,
    max_examples=FUZZ_EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_no_random_request_makes_the_server_fail(trial: Trial, data: st.DataObject) -> None:
    route = data.draw(st.sampled_from(trial.house.routes))
    values = trial.values | {"user_id": quote(trial.eve.user_id, safe="")}
    for name in [part[1:-5] for part in route.template.split("/") if part.startswith("{")]:
        if data.draw(st.booleans()):
            values = values | {name: data.draw(st.sampled_from(list(PARTS.values())))}
    body = b""
    if takes_body(route):
        body = json.dumps(data.draw(st.dictionaries(_members, _values, max_size=6))).encode()
    query = ""
    for _ in range(data.draw(st.integers(0, 2))):
        name, value = data.draw(st.sampled_from(QUERIES)), data.draw(st.sampled_from(VALUES))
        query += f"&{name}={value}"

    async def story() -> Answer:
        token = await trial.fresh_token()
        target = f"{route.fill(values)}?{query}"
        return await trial.house.send_raw(route.method, target, body, token=token)

    check(route, trial.run(story()), (query, body))


# Floods


@pytest.mark.parametrize(
    ("limit", "path", "body"),
    [
        ("rate_member", "GET /joined_rooms", None),
        ("rate_send", "PUT /rooms/{room}/send/org.x/{number}", {"n": 1}),
        ("rate_send", "PUT /rooms/{room}/state/org.x/{number}", {"n": 1}),
        ("rate_address", "GET /sync", None),
        (
            "rate_login",
            "POST /login",
            {"type": "m.login.password", "user": "rose", "password": "x"},
        ),
    ],
)
def test_a_flood_is_dammed_and_floods_nobody_else(
    db: Database, tmp_path: Path, limit: str, path: str, body: dict[str, Any] | None
) -> None:
    async def story() -> None:
        house = WholeHouse(db, tmp_path, rate_limits=True, **{limit: "20/hour"})
        rose, eve = await register_guest(house, "rose"), await register_guest(house, "eve")
        room = quote(await eve.create_room(), safe="")
        token = None if limit in {"rate_address", "rate_login"} else eve.token
        for number in range(25):
            method, _, target = path.format(room=room, number=number).partition(" ")
            answer = await house.call(method, target, body, token=token)
            assert answer.status_code < 500
        assert answer.status_code == 429
        assert answer.json()["errcode"] == "M_LIMIT_EXCEEDED"
        assert answer.json()["retry_after_ms"] > 0
        assert int(answer.headers["Retry-After"]) > 0
        await rose.get("/account/whoami")

    asyncio.run(story())
