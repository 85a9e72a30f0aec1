"""The code keeps its form: lengths, file names, tables, and a token at every door."""

import ast
import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from docs.generate import load_routes
from teahouse.migrations.tables_of_all import load_all_tables
from teahouse.platform.db import Database
from tests.kit.house import House
from tests.kit.whole_house import WholeHouse

ROOT = Path(__file__).parent.parent
FUNCTION_LINES_MAX = 60
FILE_LINES_MAX = 800
# Generated from the tables by `make migration`; one statement after another.
GENERATED = {
    "teahouse/migrations/versions/0001_first_tables.py",
    "teahouse/migrations/versions/0002_ledger_and_wallet.py",
}
DOMAIN_FILES = {
    "__init__", "types", "errors", "announcements", "rules", "tables", "access", "queries",
    "commands", "jobs", "personal_data", "api",
    # What lives in memory while a server runs, and what joins parts: docs/decisions/0010.
    "live", "assembly",
}  # fmt: skip
# Exceptions to the names; to be emptied, not added to.
OTHER_FILES = {"teahouse/chat/sync/unread.py", "teahouse/chat/sync/unread_counts.py"}
# Routes that answer without a token, because nobody can have one yet or the page is for all.
# The second column says what protects them instead.
PUBLIC = {
    "/": "no data",
    "/.well-known/matrix/client": "no data",
    "/.well-known/matrix/support": "no data",
    "/_matrix/client/versions": "no data",
    "/_matrix/client/v3/login": "password",
    "/_matrix/client/v3/login/sso/redirect": "no data",
    "/_matrix/client/v3/login/sso/redirect/{idpId:str}": "no data",
    "/_matrix/static/client/login": "no data",
    "/_matrix/client/v3/refresh": "refresh token",
    "/_matrix/client/v3/register": "the setting `registration`",
    "/_matrix/client/v3/register/available": "rate limit",
    "/_matrix/client/v1/register/m.login.registration_token/validity": "rate limit",
    "/_matrix/client/v3/auth/{stage:str}/fallback/web": "session id",
    "/_matrix/client/v3/profile/{user_id:str}": "rate limit",
    "/_matrix/client/v3/profile/{user_id:str}/{field:str}": "rate limit",
    "/_synapse/admin/v1/register": "shared secret",
    "/api/v1/account/sign-in": "passkey",
    "/api/v1/account/sign-in/client": "no data",
    "/api/v1/account/sign-in/password": "password",
    **dict.fromkeys(
        (
            f"/api/v1/privacy/log/{name}"
            for name in ("key", "checkpoint", "inclusion", "consistency", "commitments")
        ),
        "made to be public",
    ),
    **dict.fromkeys(
        (
            "/privacy/policy",
            "/privacy/policy/archive/{sha256:str}",
            "/privacy/policy/changes",
            "/privacy/record",
            "/privacy/scorecard",
            "/api/v1/privacy/scorecard",
            "/api/v1/privacy/policy/versions",
            "/api/v1/privacy/policy/changes",
            "/api/v1/privacy/record",
            "/api/v1/privacy/consents/key",
            "/api/v1/privacy/consents/purposes",
            "/api/v1/privacy/retention",
            "/api/v1/privacy/retention/reports",
            "/.well-known/gpc.json",
        ),
        "made to be public; rate limit",
    ),
    **dict.fromkeys(
        (
            "/transparency",
            "/api/v1/privacy/transparency",
            "/api/v1/privacy/transparency/csv",
            "/api/v1/privacy/transparency/canary",
        ),
        "made to be public; rate limit",
    ),
    **dict.fromkeys(
        (
            "/privacy/erasure/{claim:str}",
            "/api/v1/privacy/erasure/certificates/{claim:str}",
        ),
        "a claim nobody can guess",
    ),
    **dict.fromkeys(
        (
            "/miniprograms/files/{program_id:str}/{digest:str}/{path:path}",
            "/miniprograms/sdk/1/{name:str}",
        ),
        "files of programs: no data",
    ),
    "/api/v1/miniprograms/key": "made to be public; rate limit",
    "/api/v1/house": "no data",
    "/api/v1/account/sign-in/options": "rate limit",
    "/api/v1/privacy/archives/{archive_id:str}/file": "a ticket that is good once",
    "/api/v1/wallet/pay/{code:str}": "a code nobody can guess",
    "/api/v1/wallet/pay/{code:str}/code": "a code nobody can guess",
    # Public rooms only, as the specification says.
    "/_matrix/client/v1/room_summary/{room:str}": "public rooms only",
    "/_matrix/client/unstable/im.nheko.summary/rooms/{room:str}/summary": "public rooms only",
    "/_matrix/client/unstable/im.nheko.summary/summary/{room:str}": "public rooms only",
    "/_matrix/client/v3/directory/list/room/{room_id:str}": "rate limit",
    "/_matrix/client/v3/directory/room/{alias:str}": "rate limit",
    # Refused to everybody: media need a token at their new place, and no addresses are kept.
    "/_matrix/media/v3/download/{server_name:str}/{media_id:str}": "refused",
    "/_matrix/media/v3/download/{server_name:str}/{media_id:str}/{file_name:str}": "refused",
    "/_matrix/media/v3/thumbnail/{server_name:str}/{media_id:str}": "refused",
    "/_matrix/client/v3/account/3pid/email/requestToken": "refused",
    "/_matrix/client/v3/account/3pid/msisdn/requestToken": "refused",
    "/_matrix/client/v3/account/password/email/requestToken": "refused",
    "/_matrix/client/v3/account/password/msisdn/requestToken": "refused",
    "/_matrix/client/v3/register/email/requestToken": "refused",
    "/_matrix/client/v3/register/msisdn/requestToken": "refused",
}
# Public ones among the methods of a path; the others need a token.
PUBLIC_METHODS = {
    "/api/v1/privacy/archives/{archive_id:str}/file": {"POST"},
    "/api/v1/privacy/transparency/canary": {"GET"},
    "/api/v1/wallet/pay/{code:str}": {"GET"},
    "/_matrix/client/v3/directory/list/room/{room_id:str}": {"GET"},
    "/_matrix/client/v3/directory/room/{alias:str}": {"GET"},
    "/_matrix/client/v3/profile/{user_id:str}": {"GET"},
    "/_matrix/client/v3/profile/{user_id:str}/{field:str}": {"GET"},
}


def _files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (ROOT / folder).rglob("*.py")


def _name(file: Path) -> str:
    return str(file.relative_to(ROOT))


def test_no_file_is_longer_than_its_limit() -> None:
    lengths = {_name(file): len(file.read_text().splitlines()) for file in _files("teahouse")}
    assert {
        name: lines
        for name, lines in lengths.items()
        if lines > FILE_LINES_MAX and name not in GENERATED
    } == {}


def test_no_function_is_longer_than_its_limit() -> None:
    long = {
        f"{_name(file)}:{node.lineno} {node.name}": _length(node)
        for file in _files("teahouse")
        if _name(file) not in GENERATED
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and _length(node) > FUNCTION_LINES_MAX
    }
    assert long == {}


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines without the docstring: what explains shall not count against the code."""
    assert node.end_lineno is not None
    explained = ast.get_docstring(node, clean=False) or ""
    return node.end_lineno - node.lineno + 1 - len(explained.splitlines())


def test_domains_use_only_the_known_file_names() -> None:
    domains = ("accounts", "chat", "ledger", "privacy", "wallet", "demo")
    strange = [
        _name(file)
        for file in _files(*(f"teahouse/{domain}" for domain in domains))
        if file.stem not in DOMAIN_FILES and _name(file) not in OTHER_FILES
    ]
    assert strange == []


def test_no_column_is_a_float() -> None:
    floats = [
        f"{table.name}.{column.name}"
        for table in load_all_tables().tables.values()
        for column in table.columns
        if isinstance(column.type, sa.Float)
        or (isinstance(column.type, sa.Numeric) and column.type.asdecimal is False)
    ]
    assert floats == []


def test_every_list_of_exceptions_is_needed() -> None:
    assert [name for name in OTHER_FILES | GENERATED if not (ROOT / name).exists()] == []
    paths = {path for route in load_routes() for path in route.paths}
    assert set(PUBLIC) - paths == set()


# Every route at its door


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def house(db: Database, tmp_path: Path) -> House:
    return WholeHouse(db, tmp_path, admin_api=True, registration_shared_secret="s")


def _doors() -> list[tuple[str, str]]:
    """Every method and path, but those of the running process (`/health`, `/metrics`)."""
    return sorted(
        (method, path)
        for route in load_routes()
        for path in route.paths
        for method in route.http_methods - {"OPTIONS", "HEAD"}
        if path not in {"/health", "/metrics"}
    )


def _filled(path: str) -> str:
    """A path that names things that are not there."""
    samples = {"user": "@nobody:teahouse.test", "room": "!none:teahouse.test", "event": "$none"}

    def sample(match: re.Match[str]) -> str:
        name = match[1].partition(":")[0]
        word = next((value for key, value in samples.items() if key in name), "none")
        return word.replace("@", "%40").replace("!", "%21").replace("$", "%24").replace(":", "%3A")

    return re.sub(r"\{([^}]+)\}", sample, path)


async def _knock(house: House, method: str, path: str, token: str | None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body: Any = None if method == "GET" else {}
    async with asyncio.timeout(20):
        return await house.http.request(method, _filled(path), json=body, headers=headers)


@pytest.mark.anyio
async def test_no_door_opens_without_a_token_but_those_that_say_so(house: House) -> None:
    wrong = []
    for method, path in _doors():
        answer = await _knock(house, method, path, None)
        if path in PUBLIC and method in PUBLIC_METHODS.get(path, {method}):
            assert answer.status_code < 500, (method, path, answer.text)
        elif (answer.status_code, answer.json().get("errcode", "M_MISSING_TOKEN")) != (
            401,
            "M_MISSING_TOKEN",
        ):
            wrong.append((method, path, answer.status_code, answer.text[:100]))
    assert wrong == [], "\n".join(map(str, wrong))


@pytest.mark.anyio
async def test_a_stranger_never_meets_a_defect(house: House) -> None:
    # A token for each door, since some of them end it.
    wrong = []
    for number, (method, path) in enumerate(_doors()):
        token = (await house.register(f"stranger-{number}"))["access_token"]
        answer = await _knock(house, method, path, token)
        if answer.status_code >= 500:
            wrong.append((method, path, answer.status_code, answer.text[:100]))
    assert wrong == [], "\n".join(map(str, wrong))
