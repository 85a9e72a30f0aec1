"""Members who send messages: each as fast as it is answered, or all together at a fixed rate."""

import asyncio
import time
from collections.abc import Sequence
from itertools import count

from benchmarks.http_client import OK, Connection, Response, connect, request_bytes
from benchmarks.listeners import DIGITS, MARK
from benchmarks.world import Member, Room

_transactions = count()


class _Letter:
    """The request of one member to one room, complete but for transaction id and time."""

    __slots__ = ("_after", "_before", "_between")

    def __init__(self, member: Member, room: Room) -> None:
        text = MARK + b"*" * DIGITS
        body = b'{"msgtype":"m.text","body":"%s"}' % text
        path = f"{room.path}/send/m.room.message/"
        request = request_bytes("PUT", path, member.access_token, body)
        end_of_path = request.index(b" HTTP/1.1")
        time_at = request.index(b"*" * DIGITS)
        self._before = request[:end_of_path]
        self._between = request[end_of_path:time_at]
        self._after = request[time_at + DIGITS :]

    def request(self, due_ns: int) -> bytes:
        """The request with a fresh transaction id and the time the message was due."""
        return b"%st%d%s%018d%s" % (
            self._before,
            next(_transactions),
            self._between,
            due_ns,
            self._after,
        )


class ClosedLoop:
    """Senders who each send the next message as soon as the last one is acknowledged."""

    def __init__(self, port: int, senders: Sequence[tuple[Member, Room]]) -> None:
        """Prepare.

        Args:
            port: of the server, on 127.0.0.1.
            senders: who sends where; each has one connection.
        """
        self.sent = 0
        self.latencies_ns: list[int] = []
        self.failure: Response | None = None
        self._port = port
        self._letters = [_Letter(member, room) for member, room in senders]
        self._stop_ns = 0
        self._left = 0
        self._running = 0
        self._all_done = asyncio.Event()

    async def run(self, *, seconds: float, messages: int = 1_000_000_000) -> float:
        """Send for a time or for a number of messages, whichever ends first.

        Args:
            seconds: after which no more is sent.
            messages: after which no more is sent.

        Returns:
            Seconds from the first request to the last acknowledgement.

        Raises:
            RuntimeError: a message was refused or a connection broke.
        """
        connections = [await connect(self._port) for _ in self._letters]
        started = time.perf_counter_ns()
        self._stop_ns = started + int(seconds * 1e9)
        self._left = messages
        self._running = len(connections)
        for connection, letter in zip(connections, self._letters, strict=True):
            self._next(connection, letter)
        await self._all_done.wait()
        taken = (time.perf_counter_ns() - started) / 1e9
        for connection in connections:
            connection.close()
        if self.failure is not None:
            message = f"send: {self.failure.status} {self.failure.body[:300]!r}"
            raise RuntimeError(message)
        return taken

    def _next(self, connection: Connection, letter: _Letter) -> None:
        now = time.perf_counter_ns()
        if self._left == 0 or now >= self._stop_ns or self.failure is not None:
            self._running -= 1
            if self._running == 0:
                self._all_done.set()
            return
        self._left -= 1

        def acknowledged(response: Response) -> None:
            if response.status == OK:
                self.sent += 1
                self.latencies_ns.append(time.perf_counter_ns() - now)
            else:
                self.failure = response
            self._next(connection, letter)

        connection.ask(letter.request(now), acknowledged)


class OpenLoop:
    """Messages that are due at fixed times, whether or not earlier ones were acknowledged.

    A message carries the time it was due, not the time it was sent: so a server that holds up
    its senders does not hide the wait ("coordinated omission").
    """

    def __init__(self, port: int, senders: Sequence[tuple[Member, Room]]) -> None:
        """Prepare.

        Args:
            port: of the server, on 127.0.0.1.
            senders: who sends where, in turn; more connections are opened as needed.
        """
        self.sent = 0
        self.failures = 0
        self._port = port
        self._letters = [_Letter(member, room) for member, room in senders]
        self._idle: list[Connection] = []
        self._waiting = 0

    async def run(self, *, rate: float, seconds: float) -> int:
        """Send at a fixed rate.

        Args:
            rate: messages a second.
            seconds: for how long.

        Returns:
            How many messages were due.
        """
        self._idle = [await connect(self._port) for _ in self._letters]
        messages = int(rate * seconds)
        started = time.perf_counter_ns()
        for number in range(messages):
            due_ns = started + int(number * 1e9 / rate)
            early = (due_ns - time.perf_counter_ns()) / 1e9
            if early > 0:
                await asyncio.sleep(early)
            await self._send(self._letters[number % len(self._letters)].request(due_ns))
        return messages

    async def finish(self, seconds: float) -> None:
        """Wait for outstanding acknowledgements, then hang up.

        Args:
            seconds: the longest wait.
        """
        deadline = time.perf_counter() + seconds
        while self._waiting and time.perf_counter() < deadline:  # noqa: ASYNC110 - at the end only
            await asyncio.sleep(0.01)
        for connection in self._idle:
            connection.close()

    async def _send(self, request: bytes) -> None:
        connection = self._idle.pop() if self._idle else await connect(self._port)

        def acknowledged(response: Response) -> None:
            self._waiting -= 1
            if response.status == OK:
                self.sent += 1
            else:
                self.failures += 1
            if connection.open:
                self._idle.append(connection)

        self._waiting += 1
        connection.ask(request, acknowledged)
