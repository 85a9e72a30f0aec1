"""A shop's server on a free port, which writes down the webhooks that it is sent."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "WebhookReceiver"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.received.append((headers, body))
        if self.server.hangs:
            self.server.let_go.wait(20)
            return
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        # Without an end: whoever reads the body of the answer waits for ever.
        self.send_header("Content-Length", "1000000000" if self.server.is_endless else "0")
        self.end_headers()
        if self.server.is_endless:
            self.server.let_go.wait(20)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in its base
        """Say nothing."""


class WebhookReceiver(ThreadingHTTPServer):
    """The server.

    Attributes:
        received: headers (in small letters) and body of each request so far.
        status: what it answers with.
        location: where it redirects to, with a fitting status.
        hangs: whether it answers never.
        is_endless: whether its answers have no end.
    """

    daemon_threads = True
    # Whoever is left waiting is cut off, not waited for.
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        self.location = ""
        self.hangs = False
        self.is_endless = False
        self.let_go = threading.Event()

    @property
    def url(self) -> str:
        """Where it takes webhooks."""
        return f"http://127.0.0.1:{self.server_port}/hook"


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    """A running receiver."""
    with WebhookReceiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.let_go.set()
        server.shutdown()
        thread.join()
