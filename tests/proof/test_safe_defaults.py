"""What nobody has to switch on: nothing lies open, and what fails or is guessed tells nothing."""

import ast
import asyncio
import io
import json
import logging
import math
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from litestar import get

from teahouse.app import metrics_text
from teahouse.migrations.tables_of_all import load_all_tables
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from teahouse.platform.http import Request
from teahouse.platform.logs import configure_logs, log_request
from teahouse.platform.metrics import Metrics
from teahouse.platform.outbound import Outbound, OutboundFailed
from tests.kit.database import Databases, open_database
from tests.kit.house import PASSWORD, House, make_house, make_services
from tests.kit.server import start_server
from tests.kit.whole_house import WholeHouse

ROOT = Path(__file__).parent.parent.parent
DETAIL = "a detail of the inside"
FIVE_YEARS_MS = 5 * 365 * 24 * 3600 * 1000


@pytest.fixture(scope="module")
def db(databases: Databases) -> Iterator[Database]:
    """One for all tests here: which kind it is makes no difference to them."""
    url = databases.create("sqlite")
    with open_database(url, ManualClock()) as opened:
        yield opened
    databases.drop(url)


@pytest.fixture(scope="module")
def whole(db: Database, tmp_path_factory: pytest.TempPathFactory) -> WholeHouse:
    """A server with every route, before anybody has come."""
    folder = tmp_path_factory.mktemp("defaults")
    web = folder / "web"
    for name, text in {
        "index.html": "the client",
        "assets/app.js": "script()",
        ".git/config": "[core]",
        ".git/HEAD": "ref:",
        ".env": "TOKEN=x",
        "notes.bak": "old",
    }.items():
        (web / name).parent.mkdir(parents=True, exist_ok=True)
        (web / name).write_text(text, "utf-8")
    return WholeHouse(db, folder / "data", web_files=str(web))


def test_nothing_but_the_client_is_served_and_no_folder_is_listed(whole: WholeHouse) -> None:
    async def story() -> None:
        assert (await whole.send_raw("GET", "/assets/app.js")).body == b"script()"
        for path in ("/.git/config", "/.git/HEAD", "/.git/", "/.env", "/notes.bak", "/assets",
                     "/assets/", "/assets/../.env", "/assets/%2e%2e/.env"):  # fmt: skip
            answer = await whole.send_raw("GET", path)
            assert answer.status == 404, path
            assert b"app.js" not in answer.body

    asyncio.run(story())


def test_trace_is_answered_by_no_route(whole: WholeHouse) -> None:
    async def story() -> None:
        for template in {route.template for route in whole.routes}:
            path = template.replace(":str}", "}").replace(":path}", "}")
            answer = await whole.send_raw("TRACE", path, token="echo-me")
            assert answer.status in {404, 405}, path
            assert b"echo-me" not in answer.body

    asyncio.run(story())


def test_metrics_are_told_to_listed_addresses_only_and_to_nobody_behind_a_proxy(
    db: Database, tmp_path: Path
) -> None:
    services = make_services(db, tmp_path)
    services.put(Metrics())
    house = House(services, [metrics_text])
    app = house.app

    async def ask(peer: str, **headers: str) -> int:
        async def from_peer(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, "client": (peer, 40_000)}, receive, send)

        transport = httpx.ASGITransport(app=from_peer)
        async with httpx.AsyncClient(transport=transport, base_url="http://tea.test") as client:
            return (await client.get("/metrics", headers=headers)).status_code

    assert asyncio.run(ask("127.0.0.1")) == 200
    assert asyncio.run(ask("198.51.100.7")) == 404
    assert asyncio.run(ask("127.0.0.1", **{"X-Forwarded-For": "198.51.100.7"})) == 404


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    out = io.StringIO()
    configure_logs(stream=out)
    yield out
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@get("/broken")
async def broken(request: Request) -> None:  # noqa: ARG001
    """A defect."""
    raise ValueError(DETAIL)


@pytest.mark.parametrize("path", ["/broken", "/_matrix/broken"])
def test_a_defect_is_logged_with_its_place_and_the_answer_tells_nothing_of_it(
    db: Database, tmp_path: Path, log: io.StringIO, path: str
) -> None:
    routes = [get(path)(broken.fn)]
    house = House(make_services(db, tmp_path), routes)

    answer = asyncio.run(house.http.get(path))

    assert answer.status_code == 500
    for inner in (DETAIL, "ValueError", "Traceback", ".py"):
        assert inner not in answer.text
    [line] = [one for one in map(json.loads, log.getvalue().splitlines()) if one.get("stack")]
    assert (line["level"], line["error"]) == ("error", "ValueError")
    assert any(Path(__file__).name in place for place in line["stack"])


def test_no_line_break_in_what_is_logged_begins_a_line(log: io.StringIO) -> None:
    forged = '/sync"}\r\n{"event": "signed in"}\u2028\x85\x1b[2J'

    log_request(request_id=forged, method="GET\n", route=forged, status=200, duration_ms=1.0)

    [text, rest] = log.getvalue().split("\n")
    assert json.loads(text)["route"] == forged
    assert rest == ""
    assert [sign for sign in text if ord(sign) < 32] == []


SMUGGLED = b"GET /_matrix/client/versions HTTP/1.1\r\nHost: x\r\n\r\n"
# After its answer the server hangs up.
LAST = b"GET /_matrix/client/versions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
HEAD = b"POST /_matrix/client/v3/login HTTP/1.1\r\nHost: x\r\n"
ODD_REQUESTS = {
    "a length and chunks": b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: %d\r\nContent-Length: 0\r\n\r\n",
    "a length that is none": b"Content-Length: +%d\r\n\r\n",
    "chunks of another name": b"Content-Length: %d\r\nTransfer-Encoding: xchunked\r\n\r\n",
    "a blank before the colon": b"Content-Length : %d\r\n\r\n",
}


def _answers_to(url: httpx.URL, *requests: bytes) -> int:
    """How many answers come before the server hangs up."""
    with socket.create_connection((url.host, url.port or 80), timeout=60) as line:
        line.sendall(b"".join(requests))
        told = b"".join(iter(lambda: line.recv(65536), b""))
    return told.count(b"HTTP/1.1 ")


def test_no_second_request_is_smuggled_within_a_first(tmp_path: Path) -> None:
    length = b"%d" % len(SMUGGLED)
    whole = HEAD + b"Content-Length: " + length + b"\r\n\r\n" + SMUGGLED
    with start_server(tmp_path / "data") as server:
        url = httpx.URL(server.url)
        told = {
            name: _answers_to(url, HEAD, odd.replace(b"%d", length), SMUGGLED, LAST)
            for name, odd in ODD_REQUESTS.items()
        }
        # What is one request and the last is answered twice; with one more, three times.
        assert _answers_to(url, whole, LAST) == 2
        assert _answers_to(url, whole, SMUGGLED, LAST) == 3
    # Each is refused, and the line with it: nothing after it is read.
    assert told == dict.fromkeys(ODD_REQUESTS, 1)


def test_tokens_are_each_their_own_and_have_128_bits_or_more(db: Database, tmp_path: Path) -> None:
    house = make_house(db, tmp_path)

    async def story() -> list[str]:
        await house.register("lily")
        return [str((await house.log_in("lily"))["access_token"]) for _ in range(50)]

    tokens = asyncio.run(story())
    assert len(set(tokens)) == len(tokens)
    # What all begin with, and a checksum that follows from the rest, would be no chance.
    places = list(zip(*tokens, strict=True))
    free = [place for place in places if len(set(place)) > 1]
    alphabet = len({sign for place in free for sign in place})
    assert len(free) * math.log2(alphabet) >= 128
    # Each place takes about as many signs as chance would have it.
    assert min(len(set(place)) for place in free) >= 10


def test_the_houses_own_member_cannot_sign_in(whole: WholeHouse) -> None:
    async def story() -> None:
        for password in ("", "wallet", "admin", "password", "teahouse", PASSWORD):
            answer = await whole.call(
                "POST",
                "/login",
                {
                    "type": "m.login.password",
                    "identifier": {"type": "m.id.user", "user": "wallet"},
                    "password": password,
                },
            )
            assert answer.status_code in {400, 403}, answer.text

    asyncio.run(story())


def test_a_password_is_as_good_after_five_years(db: Database, tmp_path: Path) -> None:
    house = make_house(db, tmp_path)
    clock = house.services.clock
    assert isinstance(clock, ManualClock)

    async def story() -> None:
        await house.register("rose")
        clock.advance(FIVE_YEARS_MS)
        assert (await house.log_in("rose"))["user_id"].startswith("@rose:")

    asyncio.run(story())


def test_no_hint_and_no_question_stands_for_a_password() -> None:
    odd = [
        f"{table.name}.{column.name}"
        for table in load_all_tables().tables.values()
        if table.name.startswith("accounts_")
        for column in table.columns
        if any(word in column.name for word in ("hint", "question", "reminder"))
    ]
    assert odd == []


# Other sides


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[int]:
    """A server with TLS whose certificate nobody vouches for; its port."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "stranger.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    heard: list[bytes] = []

    def serve() -> None:
        try:
            connection, _ = listener.accept()
            with context.wrap_socket(connection, server_side=True) as line:
                heard.append(line.recv(65536))
        except (OSError, ssl.SSLError):
            return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        thread = threading.Thread(target=serve)
        thread.start()
        yield int(listener.getsockname()[1])
        thread.join()
    assert heard in ([], [b""])


def test_nothing_is_told_to_a_server_whose_certificate_nobody_vouches_for(stranger: int) -> None:
    outbound = Outbound(["localhost"], total_seconds=20)
    url = f"https://localhost:{stranger}/hook"

    with pytest.raises(OutboundFailed):
        asyncio.run(outbound.post(url, b'{"secret": 1}', headers={}, answer_bytes_max=10))


# What encrypts. Megolm, which is not ours, encrypts with AES-CBC under an HMAC: the server opens
# one message of it where a member reports it.

CBC_BY_STANDARD = {"teahouse/chat/verified_reports/rules.py"}
ALLOWED = {"AESGCM", "ChaCha20Poly1305"}
LISTED = ("modes", "algorithms", "padding")


def find_weak_ciphers(source: str) -> set[str]:
    """Names of ciphers, modes and paddings in a module that are not on the list."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            kinds = ("hazmat.primitives.ciphers", "primitives.asymmetric", "decrepit", "Crypto")
            if any(kind in node.module for kind in kinds):
                found |= {one.name for one in node.names}
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            kind = node.value.id
            found |= {f"{kind}.{node.attr}"} & {f"{one}.{node.attr}" for one in LISTED}
    harmless = {"Cipher", "modes", "algorithms", "Ed25519PrivateKey", "Ed25519PublicKey"}
    return found - harmless - ALLOWED


def test_the_server_encrypts_with_authenticated_ciphers_and_signs_with_ed25519_only() -> None:
    sources = {file: file.read_text("utf-8") for file in (ROOT / "teahouse").rglob("*.py")}
    found = {
        str(file.relative_to(ROOT)): weak
        for file, source in sources.items()
        if re.search("crypt|modes|algorithms|padding", source, re.IGNORECASE)
        and (weak := find_weak_ciphers(source))
    }
    assert {name: weak for name, weak in found.items() if name not in CBC_BY_STANDARD} == {}
    assert found["teahouse/chat/verified_reports/rules.py"] <= {"modes.CBC", "algorithms.AES"}


@pytest.mark.parametrize(
    ("source", "weak"),
    [
        ("Cipher(algorithms.AES(key), modes.ECB())", {"algorithms.AES", "modes.ECB"}),
        ("from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4", {"ARC4"}),
        ("from cryptography.hazmat.primitives.asymmetric import padding", {"padding"}),
        ("from cryptography.hazmat.primitives.ciphers.aead import AESGCM", set()),
    ],
)
def test_a_weak_cipher_is_found(source: str, weak: set[str]) -> None:
    assert find_weak_ciphers(source) == weak
