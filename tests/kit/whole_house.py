"""The whole server without sockets, as `teahouse.app` joins it, for requests of any bytes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

from teahouse.app import install, make_app
from teahouse.platform.db import Database
from tests.kit.house import House, forget_request, make_services

# A request that takes longer hangs.
ANSWER_SECONDS = 30.0


@dataclass(frozen=True)
class Route:
    """One method of one path.

    Attributes:
        method: GET, POST, ...
        template: the path, with its parameters as `{name}`.
        is_open: whether it lies below /api and lets everybody in; `tests/test_tidy.py` has the
            list of those, with reasons.
        shape: the struct of its body, below /api.
    """

    method: str
    template: str
    is_open: bool = False
    shape: Any = field(default=None, compare=False)

    def fill(self, values: dict[str, str]) -> str:
        """The path with each parameter replaced; one without a value becomes `x`."""
        return "/".join(
            values.get(part[1:-1], "x") if part.startswith("{") else part
            for part in self.template.replace(":str}", "}").split("/")
        )


@dataclass(frozen=True)
class Answer:
    """What came back, undecoded."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return msgspec.json.decode(self.body)


class WholeHouse(House):
    """A server with every route, body limits included.

    Args:
        db: a started database.
        data: the data folder.
        settings: those that differ from the tests' own.
    """

    def __init__(self, db: Database, data: Path, **settings: Any) -> None:
        services = make_services(db, data, **settings)
        handlers = self.handlers = install(services)
        super().__init__(services, handlers, make_app(services, handlers, forget_request))
        self.routes = sorted(
            {
                Route(
                    str(method),
                    path,
                    bool(handler.opt.get("is_open") and not handler.guards),
                    get_type_hints(handler.fn).get("data"),
                )
                for handler in handlers
                for path in handler.paths
                for method in handler.http_methods
                if str(method) != "OPTIONS"
            },
            key=lambda route: (route.template, route.method),
        )

    async def send_raw(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        token: str | bytes | None = None,
        content_type: str = "application/json",
        encoding: str | None = None,
    ) -> Answer:
        """Send a request exactly as written; no client library tidies its path.

        Args:
            method: GET, POST, ...
            target: path and query as they stand in the request line.
            body: the bytes.
            token: sent as `Authorization: Bearer`.
            content_type: what the body claims to be.
            encoding: how it claims to be packed.
        """
        path, _, query = target.partition("?")
        headers = [(b"host", b"teahouse.test"), (b"content-type", content_type.encode())]
        headers.append((b"content-length", str(len(body)).encode()))
        if encoding is not None:
            headers.append((b"content-encoding", encoding.encode()))
        if token is not None:
            raw = token if isinstance(token, bytes) else token.encode()
            headers.append((b"authorization", b"Bearer " + raw))
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
            "scheme": "http", "path": path, "raw_path": path.encode(), "root_path": "",
            "query_string": query.encode(), "headers": headers, "client": ("192.0.2.7", 40000),
            "server": ("teahouse.test", 80), "state": {},
        }  # fmt: skip
        messages = [{"type": "http.request", "body": body, "more_body": False}]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return messages.pop() if messages else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        async with asyncio.timeout(ANSWER_SECONDS):
            await self.app(scope, receive, send)
        head = sent[0]
        return Answer(
            head["status"],
            {name.decode().lower(): value.decode() for name, value in head["headers"]},
            b"".join(message.get("body", b"") for message in sent[1:]),
        )
