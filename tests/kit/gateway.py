"""A push gateway on a free port, which writes down what it is sent."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "FakeGateway"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.path, self.headers["Host"], body))
        answer = self.server.answer
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in its base
        """Say nothing."""


class FakeGateway(ThreadingHTTPServer):
    """The gateway.

    Attributes:
        requests: path, `Host` and body of each request so far.
        status, answer: what it answers with.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[tuple[str, str, Any]] = []
        self.status = 200
        self.answer = b'{"rejected": []}'

    @property
    def url(self) -> str:
        """Where it takes notifications."""
        return f"http://127.0.0.1:{self.server_port}/_matrix/push/v1/notify"

    @property
    def notifications(self) -> list[Any]:
        """What it was told, in order."""
        return [body["notification"] for _path, _host, body in self.requests]


@pytest.fixture
def gateway() -> Iterator[FakeGateway]:
    """A running gateway."""
    with FakeGateway() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
