"""A very light HTTP/1.1 client for load: it shares the machine with the server it measures.

It knows keep-alive, Content-Length, chunked bodies and bodies that end with the connection, and
nothing else: no redirects, no compression, one request at a time on a connection.
"""

import asyncio
import re
from collections.abc import Callable
from typing import NamedTuple, cast

CONNECTION_LOST = 0
"""The status given to whoever waits on a connection that broke."""
OK = 200
"""The only status that counts as done."""

_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked", re.IGNORECASE)
_LAST_ON_CONNECTION = re.compile(rb"\r\nconnection:[ \t]*close", re.IGNORECASE)
_WITHOUT_BODY = frozenset({204, 304})


class Response(NamedTuple):
    """A complete answer.

    Args:
        status: the HTTP status, or CONNECTION_LOST.
        body: the body, freed of its chunks.
    """

    status: int
    body: bytes


class ResponseParser:
    """Cuts a stream of bytes, split anywhere, into responses.

    One method reads one kind of thing (a head, a chunk's size, ...) and says whether it could;
    `_step` is the one whose turn it is.
    """

    __slots__ = ("_body", "_done", "_left", "_rest", "_status", "_step", "closing")

    def __init__(self) -> None:
        """Expect the first byte of a response."""
        self.closing = False
        self._rest = b""
        self._body: list[bytes] = []
        self._done: list[Response] = []
        self._left = 0
        self._status = 0
        self._step: Callable[[], bool] = self._head

    def feed(self, data: bytes) -> list[Response]:
        """Take the next bytes of the stream.

        Args:
            data: bytes as the socket gave them.

        Returns:
            The responses that these bytes complete, in order; usually none or one.
        """
        self._rest = self._rest + data if self._rest else data
        while self._step():
            pass
        done, self._done = self._done, []
        return done

    def end(self) -> Response | None:
        """Take the end of the stream.

        Returns:
            The response whose body had no other end, if one was under way.
        """
        if self._step != self._until_end:
            return None
        self._finish()
        return self._done.pop()

    def _head(self) -> bool:
        end = self._rest.find(b"\r\n\r\n")
        if end < 0:
            return False
        head, self._rest = self._rest[: end + 2], self._rest[end + 4 :]
        self._status = int(head[9:12])
        self.closing = _LAST_ON_CONNECTION.search(head) is not None
        if self._status < OK:
            return True
        length = _CONTENT_LENGTH.search(head)
        if self._status in _WITHOUT_BODY:
            self._finish()
        elif length is not None:
            self._left, self._step = int(length[1]), self._sized
        elif _CHUNKED.search(head):
            self._step = self._chunk_size
        else:
            self._step = self._until_end
        return True

    def _sized(self) -> bool:
        if not self._take():
            return False
        self._finish()
        return True

    def _until_end(self) -> bool:
        self._body.append(self._rest)
        self._rest = b""
        return False

    def _chunk_size(self) -> bool:
        end = self._rest.find(b"\r\n")
        if end < 0:
            return False
        self._left = int(self._rest[:end].split(b";", 1)[0], 16)
        self._rest = self._rest[end + 2 :]
        self._step = self._chunk if self._left else self._trailer
        return True

    def _chunk(self) -> bool:
        if not self._take():
            return False
        self._step = self._chunk_end
        return True

    def _chunk_end(self) -> bool:
        if len(self._rest) < len(b"\r\n"):
            return False
        self._rest = self._rest[len(b"\r\n") :]
        self._step = self._chunk_size
        return True

    def _trailer(self) -> bool:
        end = self._rest.find(b"\r\n")
        if end < 0:
            return False
        self._rest = self._rest[end + 2 :]
        if end == 0:
            self._finish()
        return True

    def _take(self) -> bool:
        """Move up to `_left` bytes into the body; true when none is left to come."""
        part = self._rest[: self._left]
        self._rest = self._rest[len(part) :]
        self._left -= len(part)
        self._body.append(part)
        return self._left == 0

    def _finish(self) -> None:
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        self._done.append(Response(self._status, body))
        self._body = []
        self._step = self._head


# One for all connections: there is one thread, and what arrives is copied out at once. A fresh
# buffer for each answer, as asyncio has by default, more than doubles the client's time (25 us
# for a request and its answer, and 10 us with this one).
_buffer = memoryview(bytearray(256 * 1024))


class Connection(asyncio.BufferedProtocol):
    """One keep-alive connection with at most one request on its way."""

    __slots__ = ("_parser", "_transport", "_waiter", "open")

    def __init__(self) -> None:
        """Not yet connected; `connect` makes connected ones."""
        self.open = False
        self._parser = ResponseParser()
        self._transport: asyncio.Transport | None = None
        self._waiter: Callable[[Response], None] | None = None

    def ask(self, request: bytes, waiter: Callable[[Response], None]) -> None:
        """Send a request.

        Args:
            request: head and body as they go over the wire.
            waiter: called once with the answer, or with the status CONNECTION_LOST.
        """
        assert self._waiter is None
        if not self.open or self._transport is None:
            waiter(Response(CONNECTION_LOST, b""))
            return
        self._waiter = waiter
        self._transport.write(request)

    async def answer(self, request: bytes) -> Response:
        """Send a request and wait for its answer."""
        future: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self.ask(request, lambda response: None if future.done() else future.set_result(response))
        return await future

    def close(self) -> None:
        """Hang up; who still waits hears of a lost connection."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        self._transport = cast("asyncio.Transport", transport)
        self.open = True

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - fixed by asyncio
        """Called by the event loop."""
        return _buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Called by the event loop."""
        for response in self._parser.feed(_buffer[:nbytes].tobytes()):
            if self._parser.closing:
                self.open = False
            self._tell(response)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - fixed by asyncio
        """Called by the event loop."""
        self.open = False
        self._tell(self._parser.end() or Response(CONNECTION_LOST, b""))

    def _tell(self, response: Response) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None:
            waiter(response)


async def connect(port: int) -> Connection:
    """Open a connection to a server on this machine.

    Args:
        port: the TCP port on 127.0.0.1.
    """
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(Connection, "127.0.0.1", port)
    return connection


def request_bytes(method: str, path: str, token: str = "", body: bytes | None = None) -> bytes:
    """Build a request once, to be sent as often as needed.

    Args:
        method: GET, PUT, POST.
        path: path and query, already percent-encoded.
        token: the access token, if any.
        body: JSON, if any.
    """
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    if token:
        head += f"Authorization: Bearer {token}\r\n"
    if body is None:
        return f"{head}\r\n".encode()
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
