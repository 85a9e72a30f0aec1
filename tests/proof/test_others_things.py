"""Nobody reaches what is another member's, by any route, whatever ids they know (IDOR).

Rose has one of everything (`belongings`). A stranger, signed in and with the key of another shop,
calls every route of the route table with the ids of Rose's things in path, query and body. A new
route is walked by itself; one whose ids nobody has yet fails until `belongings` makes such a thing.
"""

import asyncio
import itertools
import pkgutil
import re
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import msgspec
import msgspec.inspect as shapes
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Read, metadata
from teahouse.platform.money import Money
from teahouse.platform.requester import Requester
from tests.chat.pushers.test_api import PUSHER
from tests.kit.database import DatabaseKind, Databases, open_database
from tests.kit.house import PASSWORD
from tests.kit.wallet_house import money, register_payer
from tests.kit.whole_house import Route
from tests.proof.belongings import MARKER, Belongings, furnish
from tests.proof.belongings import NOBODYS as SAME_FOR_ALL
from tests.proof.test_hostile import FUZZ_EXAMPLES

# What some routes want to know beside ids.
QUERY = {"dir": "f", "ts": "0", "width": "32", "height": "32", "method": "scale",
         "first_on": "2023-11-01", "last_on": "2023-11-30"}  # fmt: skip
_strangers = itertools.count(1)
SURFACES = ("/api/v1/", "/_matrix/", "/_synapse/")
# Refused, or asked to confirm as themself what they then may not do.
REFUSALS = {401, 403, 404}

# Routes for the house's staff: whoever is none is refused before any id is looked at.
STAFF = (
    "/_synapse/admin/",
    "/_matrix/client/v1/admin/",
    "/api/v1/staff",
    "/api/v1/wallet/admin/",
    "/api/v1/privacy/official-requests",
    "/api/v1/privacy/boxes",
    "/api/v1/account/identity/members/",
    "/api/v1/account/identity/checks/",
    "/api/v1/reports",
)
# They end the account or the login of whoever calls them, or change their password.
ENDING = {
    "POST /_matrix/client/v3/account/deactivate",
    "POST /_matrix/client/v3/account/password",
    "POST /_matrix/client/v3/logout",
    "POST /_matrix/client/v3/logout/all",
    "POST /api/v1/privacy/erasure",
}
# Parameters that name nobody's thing.
NOBODYS: dict[str, str] = {
    "stage": "a kind of confirmation",
    "idpId": "a way to sign in",
    "txn_id": "made by whoever sends",
    "receipt_type": "a kind of receipt",
    "role": "a kind of staff",
    "state_key": "empty, or somebody's id",
    "protocol": "of a bridge",
    "network_id": "of a bridge",
    "appservice_id": "of a bridge, which has a token of its own",
    "delete_id": "of staff",
    "code": "whoever was shown it may pay",
    "claim": "of who was erased: 256 bits of chance, and no account is left to own it",
}


@dataclass(frozen=True)
class Scene:
    """Rose's things, and a loop in which the server runs."""

    has: Belongings
    run: Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def scene(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    """One server for all tests here, on each kind of database."""
    kind: DatabaseKind = request.param
    url = databases.create(kind)
    with open_database(url, ManualClock()) as db, asyncio.Runner() as runner:
        yield Scene(runner.run(furnish(db, tmp_path_factory.mktemp("hers"))), runner.run)
    databases.drop(url)


def walked(has: Belongings) -> list[Route]:
    """The routes of our three surfaces."""
    return [route for route in has.house.routes if route.template.startswith(SURFACES)]


def parameters(route: Route) -> list[str]:
    """The names of the parameters in a path."""
    return [
        part[1:].partition(":")[0] for part in route.template.split("/") if part.startswith("{")
    ]


# Requests


def make_request(has: Belongings, route: Route) -> tuple[str, dict[str, Any] | None]:
    """A request of a route with the ids of Rose's things wherever ids may stand."""
    target = route.template
    for name in parameters(route):
        value = has.find(route.template, name) or "x"
        for kind in ("str", "path"):
            target = target.replace(f"{{{name}:{kind}}}", quote(value, safe=""))
    named = {**has.everything(), **QUERY}
    if not route.template.endswith("/sync"):
        named.pop("filter", None)
    body = None
    if route.method in {"POST", "PUT", "PATCH", "DELETE"}:
        body = make_body(has, route)
    return f"{target}?{urlencode(named)}", body


def make_body(has: Belongings, route: Route) -> dict[str, Any] | None:
    """A body of the right shape with the ids of Rose's things in it."""
    if route.template.startswith("/api/"):
        given = BODIES.get(f"{route.method} {route.template}", {})
        if route.shape is None:
            return given or None
        return {**_example(has, route, shapes.type_info(route.shape), ""), **given}
    every = has.everything()
    return {
        **every,
        "devices": [every["device_id"]],
        "device_keys": {every["user_id"]: []},
        "messages": {every["user_id"]: {every["device_id"]: {"from": "eve"}}},
        "m.fully_read": every["event_id"],
        "typing": True,
        "enabled": False,
        "actions": ["dont_notify"],
        "pattern": "eve",
        "displayname": "Eve",
        "visibility": "private",
        "algorithm": "m.megolm_backup.v1.curve25519-aes-sha2",
        "auth_data": {},
        "first_message_index": 0,
        "forwarded_count": 0,
        "is_verified": False,
        "session_data": {},
        "sessions": {},
        "rooms": {},
        "new_version": "11",
        "presence": "online",
        "ids": [],
        "membership": "ban",
        "reason": "x",
        "password": PASSWORD,
        "new_password": "eve takes it over",
        **BODIES.get(f"{route.method} {route.template}", {}),
    }


def _example(has: Belongings, route: Route, shape: shapes.Type, name: str) -> Any:  # noqa: C901, PLR0911, PLR0912
    match shape:
        case shapes.Metadata(type=inner):
            return _example(has, route, inner, name)
        case shapes.StructType(cls=cls) if cls is Money:
            return {"minor": 1, "currency": "CNY"}
        case shapes.StructType(fields=fields):
            return {
                one.encode_name: _example(has, route, one.type, one.encode_name)
                for one in fields
                if one.required or has.find(route.template, one.encode_name)
            }
        case shapes.StrType(min_length=least, pattern=pattern):
            found = has.find(route.template, name) or {"currency": "CNY"}.get(name)
            texts = [*([found] if found else []), "x" * max(1, least or 1), *TEXTS]
            fits = [one for one in texts if pattern is None or re.search(pattern, one)]
            return (fits or texts)[0]
        case shapes.IntType(ge=least):
            return max(1, least or 1)
        case shapes.BoolType():
            return True
        case shapes.LiteralType(values=values):
            return values[0]
        case shapes.EnumType(cls=cls):
            return next(iter(cls)).value
        case shapes.ListType(item_type=inner) | shapes.VarTupleType(item_type=inner):
            return [_example(has, route, inner, name.removesuffix("s"))]
        case shapes.UnionType(types=types):
            kinds = [one for one in types if not isinstance(one, shapes.NoneType)]
            return _example(has, route, kinds[0], name)
        case shapes.DateType():
            return "2027-01-01"
        case shapes.CustomType() | shapes.AnyType() | shapes.DictType():
            return {}
        case _:
            raise AssertionError(f"no example of {shape} for {name} of {route}")


# Some text of each form that a struct asks for.
TEXTS = ["CNY", "123456", "CN", "a.b", "2027-01-01", "0" * 64, "5499", "accounts.member"]
# Where the shape alone does not say what is sound, or the route reads its body by itself.
ROSE = "@rose:teahouse.test"
BODIES: dict[str, dict[str, Any]] = {
    "POST /api/v1/rooms/{room_id:str}/join_requests": {"user_id": ROSE, "decision": "approve"},
    "POST /api/v1/rooms/{room_id:str}/verified_reports": {"message_key": "A" * 43},
    "POST /api/v1/rooms/{room_id:str}/removals": {"kind": "kick", "until": None},
    "POST /api/v1/wallet/confirmations": {
        "kind": "transfer",
        "payee": {"user_id": ROSE},
        "amount": money(1),
    },
    "POST /api/v1/wallet/splits": {
        "shares": [{"user_id": ROSE}, {"user_id": "@eve:teahouse.test"}],
        "total": money(100),
    },
    "POST /_matrix/client/v3/keys/claim": {
        "one_time_keys": {ROSE: {"PHONEOFROSE": "signed_curve25519"}}
    },
    "POST /_matrix/client/v3/pushers/set": {**PUSHER, "pushkey": "key"},
    "POST /_matrix/client/v3/publicRooms": {"filter": {"generic_search_term": MARKER}},
    "POST /_matrix/client/v3/search": {
        "search_categories": {"room_events": {"search_term": MARKER, "include_state": True}}
    },
    "POST /_matrix/client/v3/user_directory/search": {"search_term": MARKER},
}


@dataclass(frozen=True)
class Caller:
    """Who calls: the access token, and the key of a shop where programs of shops come in."""

    token: str
    shop_key: str


async def new_stranger(has: Belongings) -> Caller:
    """Somebody who has nothing yet but money, and the key of Eve's shop."""
    member = await register_payer(has.house, f"stranger-{next(_strangers)}", cny=1_000_000)
    return Caller(member.token, has.eve_key)


async def send(
    has: Belongings, route: Route, *, by: Caller, ids: Belongings | None = None
) -> httpx.Response:
    """Call a route; whoever is asked to confirm that it is them does so by their own password.

    Args:
        has: what is there.
        route: what to call.
        by: who calls.
        ids: where ids come from; Rose's own by default.
    """
    target, body = make_request(ids or has, route)
    token = by.shop_key if route.template.startswith("/api/v1/shop/") else by.token
    if f"{route.method} {route.template}" in ENDING:
        token = (await new_stranger(has)).token
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"{id(route)}"}
    ask = has.house.http.request
    answer = await ask(route.method, target, json=body, headers=headers)
    if answer.status_code == httpx.codes.UNAUTHORIZED and "session" in answer.json():
        auth = {"type": "m.login.password", "session": answer.json()["session"],
                "password": PASSWORD}  # fmt: skip
        again = {**(body or {}), "auth": auth}
        answer = await ask(route.method, target, json=again, headers=headers)
    return answer


# What Rose has


def snapshot(has: Belongings) -> Counter[str]:
    """Every row of the database that says something of Rose or of what is hers."""
    return Counter(has.house.db.look(_rows_with, has.marks()))


def _rows_with(read: Read, marks: set[str]) -> list[str]:
    found = []
    for table in metadata.sorted_tables:
        for row in read.conn.execute(sa.select(table)):
            text = f"{table.name}: {tuple(row)!r}"
            if any(mark in text for mark in marks):
                found.append(text)
    return found


def is_of_somebody(route: Route) -> bool:
    """Whether an id in the path is of something that belongs to somebody."""
    if route.template.startswith(STAFF):
        return True
    return any(name not in NOBODYS and name not in SAME_FOR_ALL for name in parameters(route))


async def walk(has: Belongings, routes: list[Route]) -> list[str]:
    """Let a stranger call routes with Rose's ids.

    Returns:
        What they got that they should not have.
    """
    wrong = []
    stranger = await new_stranger(has)
    before = snapshot(has)
    for route in routes:
        name = f"{route.method} {route.template}"
        answer = await send(has, route, by=stranger)
        told = f"{name}: {answer.status_code} {answer.text[:160]}"
        if answer.status_code >= 500 or MARKER in answer.text or has.rose.token in answer.text:
            wrong.append(told)
        elif is_of_somebody(route) and answer.status_code not in REFUSALS:
            if name not in ANSWERED:
                wrong.append(told)
        elif answer.status_code == httpx.codes.BAD_REQUEST and name not in MALFORMED:
            wrong.append(f"not well-formed, so nothing was proved: {told}")
        elif "unknown-token" in answer.text or "UNKNOWN_TOKEN" in answer.text:
            wrong.append(f"signed out before {told}")
    gone = before - snapshot(has)
    return [*wrong, *(f"changed: {row[:300]}" for row in gone if row.split(":")[0] not in MAY_GO)]


# Refused for their form, whatever ids are in them; and why that is enough.
_NO_IDS = "no id of anybody's is asked for"
MALFORMED: dict[str, str] = {
    "GET /_matrix/client/v3/sync": "the filter is Rose's: there is none of this id",
    "POST /api/v1/privacy/imports": "not an archive; tests/privacy/imports",
    **dict.fromkeys(
        (
            "PUT /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device",
            "POST /_matrix/client/v3/keys/device_signing/upload",
            "POST /_matrix/client/v3/keys/signatures/upload",
            "POST /_matrix/client/v3/keys/upload",
        ),
        "keys must be signed by their own device; tests/chat/keys",
    ),
    **dict.fromkeys(
        (
            "GET /_matrix/client/v1/register/m.login.registration_token/validity",
            "GET /_matrix/client/v3/keys/changes",
            "POST /_matrix/client/v3/login",
            "GET /_matrix/client/v3/login/sso/redirect",
            "POST /_matrix/client/v3/refresh",
            "POST /_matrix/client/v3/register",
            "GET /_matrix/client/v3/register/available",
            "GET /_matrix/client/v3/thirdparty/user",
            "GET /api/v1/account/sign-in/client",
            "PUT /api/v1/miniprograms/programs/{program_id:str}/grants",
            "POST /api/v1/shop/mandates",
            "POST /api/v1/shop/payment-codes/charge",
            "POST /api/v1/shop/webhooks",
            "POST /api/v1/wallet/outside-accounts",
            "GET /api/v1/wallet/payments",
            "POST /api/v1/wallet/scan",
            "GET /api/v1/wallet/summary",
        ),
        _NO_IDS,
    ),
}
_MATRIX = "/_matrix/client/v3"
_MEDIA = "/_matrix/client/v1/media"
_PUBLIC_SHOP = "what a shop shows to whoever wants to buy there"
# Answered, though there is an id of Rose's in the path; and why that is right.
ANSWERED: dict[str, str] = {
    **dict.fromkeys(
        (
            f"GET {_MEDIA}/download/{{server_name:str}}/{{media_id:str}}",
            f"GET {_MEDIA}/download/{{server_name:str}}/{{media_id:str}}/{{file_name:str}}",
            f"GET {_MEDIA}/thumbnail/{{server_name:str}}/{{media_id:str}}",
        ),
        "the specification lets every member fetch what they have the address of; its id is random",
    ),
    f"DELETE {_MATRIX}/devices/{{device_id:str}}": "one's own of this name, and there is none",
    f"GET {_MATRIX}/directory/list/room/{{room_id:str}}": "what is not listed is private",
    f"GET {_MATRIX}/directory/room/{{alias:str}}": "an alias is made to be found by",
    f"PUT {_MATRIX}/directory/room/{{alias:str}}": "refused: the alias is taken",
    f"GET {_MATRIX}/presence/{{user_id:str}}/status": "whom one does not know is offline",
    f"GET {_MATRIX}/profile/{{user_id:str}}": "a profile is made to be seen",
    f"GET {_MATRIX}/profile/{{user_id:str}}/{{field:str}}": "a profile is made to be seen",
    f"DELETE {_MATRIX}/room_keys/version/{{version:str}}": "one's own of this number",
    f"PUT {_MATRIX}/room_keys/version/{{version:str}}": "one's own of this number",
    f"GET {_MATRIX}/room_keys/version/{{version:str}}": "one's own of this number",
    f"POST {_MATRIX}/rooms/{{room_id:str}}/report": "whoever was sent a link may report it",
    f"POST {_MATRIX}/users/{{user_id:str}}/report": "anybody may be reported",
    "GET /api/v1/miniprograms/shops/{shop_id:str}/menu": _PUBLIC_SHOP,
    "POST /api/v1/miniprograms/shops/{shop_id:str}/orders": _PUBLIC_SHOP,
    "GET /api/v1/wallet/shops/{shop_id:str}/page": _PUBLIC_SHOP,
    "POST /api/v1/wallet/shops/{shop_id:str}/pay": _PUBLIC_SHOP,
    "GET /api/v1/privacy/official-requests/dry-run": "what a court would get about oneself",
    "GET /api/v1/privacy/official-requests/form": "made to be public",
    "GET /api/v1/privacy/official-requests/mine": "those about oneself",
    "GET /api/v1/reports/own": "those one has made oneself",
    "GET /api/v1/staff/me": "one's own roles",
}


# What a stranger may take away; and why.
MAY_GO = {
    "chat_one_time_key": "claimed once by whoever writes, as the specification has it",
    "chat_pusher": "whoever has the push key of a device has the device: the specification says so",
}


def test_no_stranger_reaches_or_changes_what_is_a_members(scene: Scene) -> None:
    assert scene.run(walk(scene.has, walked(scene.has))) == []


def test_each_id_in_a_path_is_of_something_that_is_there_or_has_a_reason(scene: Scene) -> None:
    unknown = {
        f"{route.method} {route.template}: {name}"
        for route in walked(scene.has)
        if not route.template.startswith(STAFF)
        for name in parameters(route)
        if scene.has.find(route.template, name) is None and name not in NOBODYS
    }
    assert unknown == set(), "let `belongings` make such a thing for Rose"


def test_the_member_herself_is_answered_with_the_same_ids(scene: Scene) -> None:
    has = scene.has
    rose = Caller(has.rose.token, has.rose_key)

    async def story() -> list[str]:
        refused = []
        for route in walked(has):
            # Downloads without a token, which are refused to everybody.
            is_old = route.template.startswith("/_matrix/media/")
            if route.method != "GET" or is_old or not is_hers(has, route):
                continue
            answer = await send(has, route, by=rose)
            if not answer.is_success:
                refused.append(f"{route.template}: {answer.status_code} {answer.text[:160]}")
        return refused

    assert scene.run(story()) == []


def is_hers(has: Belongings, route: Route) -> bool:
    """Whether every id in the path of a route is of something that Rose has."""
    names = parameters(route)
    return (
        bool(names)
        and not route.template.startswith(STAFF)
        and all(has.find(route.template, name) for name in names)
    )


def test_every_exception_is_about_a_route_that_is_there(scene: Scene) -> None:
    there = {f"{route.method} {route.template}" for route in walked(scene.has)}
    assert (set(ANSWERED) | set(MALFORMED) | set(BODIES) | ENDING) - there == set()
    names = {name for route in walked(scene.has) for name in parameters(route)}
    assert set(NOBODYS) - names == set()
    assert {table for table in MAY_GO if table not in metadata.tables} == set()


# What is written where an id or a text belongs, and is a piece of SQL or of a full-text query


class Poisoned(Belongings):
    """For whom every id and every text is the same one."""

    def __init__(self, has: Belongings, text: str) -> None:
        super().__init__(has.house, has.rose, has.lily, has.eve, has.eve_key, has.rose_key)
        self._names = set(has.everything())
        self._text = text

    def find(self, template: str, name: str) -> str | None:  # noqa: ARG002
        """The text."""
        return self._text

    def everything(self) -> dict[str, str]:
        """The text, under every name."""
        return dict.fromkeys([*self._names, *TEXT_NAMES], self._text)


TEXT_NAMES = ("search_term", "username", "order_by", "from", "since", "cursor", "name", "topic",
              "via", "next_batch", "key", "key_id", "type")  # fmt: skip
PIECES = [
    "' OR '1'='1",
    '" OR ""="',
    "%' OR 1=1 --",
    "x'); DELETE FROM accounts_member; --",
    "\\'; SELECT pg_sleep(30); --",
    "' UNION SELECT password_hash FROM accounts_member --",
    # FTS5 of SQLite, and the query language of PostgreSQL.
    'only* NEAR(rose) OR col:x ^"',
    "only & rose | !may <-> (read",
    "_%[^a]\\",
    "{only, rose}",
]


async def inject(has: Belongings, tries: list[tuple[Route, str]]) -> list[str]:
    """Let a stranger call routes with a text wherever one may stand.

    Returns:
        What went wrong or was told.
    """
    wrong = []
    stranger = await new_stranger(has)
    before = snapshot(has)
    for route, text in tries:
        answer = await send(has, route, by=stranger, ids=Poisoned(has, text))
        told = f"{route.method} {route.template} ({text}): {answer.status_code} {answer.text[:160]}"
        # What was looked for may come back; what only Rose has written, or holds, may not.
        secrets = ("$argon2id$", has.rose.token, MARKER)
        if answer.status_code >= 500 or any(secret in answer.text for secret in secrets):
            wrong.append(told)
    gone = before - snapshot(has)
    return [*wrong, *(f"changed: {row[:300]}" for row in gone if row.split(":")[0] not in MAY_GO)]


def test_no_piece_of_sql_or_of_a_search_in_any_text_changes_a_query(scene: Scene) -> None:
    routes = walked(scene.has)
    # Each route gets some of the pieces, in turn.
    tries = [
        (route, PIECES[(number + turn) % len(PIECES)])
        for number, route in enumerate(routes)
        for turn in (0, 5)
    ]
    assert scene.run(inject(scene.has, tries)) == []


_sql = st.lists(
    st.sampled_from(
        ["'", '"', "--", ";", "/*", "*/", "\\", "%", "_", "(", ")", " OR ", " UNION SELECT ", "1=1",
         "NULL", "*", ":", "?", "$1", "@", "x", " ", "\n", "茶", "{", "}", "^", "!", "&", "|"]
    )
    | st.text(max_size=3),
    min_size=1,
    max_size=8,
).map("".join)  # fmt: skip


@settings(
    deadline=None,
    max_examples=FUZZ_EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), text=_sql)
def test_no_random_text_makes_a_query_fail(scene: Scene, data: st.DataObject, text: str) -> None:
    route = data.draw(st.sampled_from(walked(scene.has)))
    stranger = scene.run(new_stranger(scene.has))
    answer = scene.run(send(scene.has, route, by=stranger, ids=Poisoned(scene.has, text)))
    assert answer.status_code < 500, (route, text, answer.text)
    assert MARKER not in answer.text


# Control: where an authorisation is broken on purpose, the walk says so.


def for_rose(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command or query that takes everybody for Rose."""

    def confused(*args: Any, **kwargs: Any) -> Any:
        return command(*map(_as_rose, args), **{k: _as_rose(v) for k, v in kwargs.items()})

    return confused


def _as_rose(value: Any) -> Any:
    if isinstance(value, Requester):
        return msgspec.structs.replace(value, user_id=ROSE)
    return ROSE if isinstance(value, str) and value.startswith("@stranger-") else value


@pytest.mark.parametrize(
    ("place", "begins"),
    [
        ("teahouse.accounts.devices.api.find_device", "GET /_matrix/client/v3/devices/"),
        ("teahouse.accounts.devices.api.rename_device", "PUT /_matrix/client/v3/devices/"),
        ("teahouse.chat.history.queries.access_history", "GET /_matrix/client/v3/rooms/"),
        ("teahouse.wallet.transfers.api._view", "GET /api/v1/wallet/transfers/"),
        ("teahouse.privacy.consents.api.find_receipt", "GET /api/v1/privacy/consents/receipts/"),
    ],
)
def test_a_broken_authorisation_is_found(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, place: str, begins: str
) -> None:
    routes = [
        route
        for route in walked(scene.has)
        if f"{route.method} {route.template}".startswith(begins) and parameters(route)
    ]
    assert routes
    assert scene.run(walk(scene.has, routes)) == []
    monkeypatch.setattr(place, for_rose(pkgutil.resolve_name(place)))
    assert scene.run(walk(scene.has, routes)) != []
