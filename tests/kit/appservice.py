"""A real application service: a small HTTP server that keeps what the homeserver tells it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

import yaml

AS_TOKEN = "as-token-of-the-bridge"
HS_TOKEN = "hs-token-of-the-house"


class FakeAppservice:
    """An application service on a port of its own.

    Attributes:
        status: what it answers to transactions; anything but 200 is an outage.
        transactions: those it took, as (id, body), in the order of arrival.
        refused_ids: ids of those it did not take.
        asked: paths of queries for users and rooms.
        on_query: makes what is asked for; returns the status.
        pings: bodies of pings.
        networks: what it answers to lookups of other networks, by the path behind
            `thirdparty/`; what is missing there it does not know.
        looked_up: path and query of those lookups.
    """

    def __init__(self) -> None:
        self.status = 200
        self.transactions: list[tuple[str, dict[str, Any]]] = []
        self.refused_ids: list[str] = []
        self.asked: list[str] = []
        self.on_query: Callable[[str], int] = lambda _path: 404
        self.pings: list[Any] = []
        self.networks: dict[str, Any] = {}
        self.looked_up: list[tuple[str, dict[str, list[str]]]] = []
        self.url = ""

    @property
    def events(self) -> list[dict[str, Any]]:
        """All events it was told of; a transaction that came twice counts once."""
        by_id = dict(self.transactions)
        return [event for body in by_id.values() for event in body["events"]]

    @property
    def ephemeral(self) -> list[dict[str, Any]]:
        """All receipts and typing it was told of."""
        return [e for _, body in self.transactions for e in body.get("ephemeral", [])]

    def bodies(self) -> list[str]:
        """The texts of the messages it was told of."""
        return [e["content"]["body"] for e in self.events if e["type"] == "m.room.message"]

    def look_up(self, path: str, query: str) -> tuple[int, Any]:
        """Answer a lookup of another network."""
        self.looked_up.append((unquote(path), parse_qs(query)))
        if path not in self.networks:
            return 404, {"errcode": "M_NOT_FOUND"}
        return 200, self.networks[path]

    def take(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """Answer one call of the homeserver."""
        kind, _, rest = path.removeprefix("/_matrix/app/v1/").partition("/")
        match method, kind:
            case "PUT", "transactions" if self.status == 200:
                self.transactions.append((rest, body))
            case "PUT", "transactions":
                self.refused_ids.append(rest)
                return self.status, {}
            case "GET", "users" | "rooms":
                self.asked.append(f"{kind}/{unquote(rest)}")
                return self.on_query(self.asked[-1]), {}
            case "POST", "ping":
                self.pings.append(body)
                return self.status, {}
            case _:
                return 404, {"errcode": "M_UNRECOGNIZED"}
        return 200, {}


@contextmanager
def serve_appservice() -> Iterator[FakeAppservice]:
    """A listening application service."""
    fake = FakeAppservice()

    class Handler(_Handler):
        appservice = fake

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"  # a connection for each call: none is left open at the end
    appservice: ClassVar[FakeAppservice]

    def do_GET(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as inherited
        pass

    def _answer(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Authorization") != f"Bearer {HS_TOKEN}":
            status, body = 403, {"errcode": "M_FORBIDDEN"}
        else:
            said = json.loads(raw) if raw else None
            parts = urlsplit(self.path)
            _, is_lookup, place = parts.path.partition("/thirdparty/")
            status, body = (
                self.appservice.look_up(place, parts.query)
                if is_lookup
                else self.appservice.take(self.command, parts.path, said)
            )
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def write_registration(folder: Path, url: str | None, **changes: Any) -> str:
    """A registration file of a bridge to IRC; returns its path."""
    registration = {
        "id": "irc",
        "url": url,
        "as_token": AS_TOKEN,
        "hs_token": HS_TOKEN,
        "sender_localpart": "ircbot",
        "rate_limited": False,
        "namespaces": {
            "users": [{"exclusive": True, "regex": "@irc_.*"}],
            "aliases": [{"exclusive": True, "regex": "#irc_.*"}],
            "rooms": [],
        },
        **changes,
    }
    file = folder / f"{registration['id']}.yaml"
    file.write_text(yaml.safe_dump(registration))
    return str(file)
