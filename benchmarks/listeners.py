"""Members who hold long polls on /sync, and what reached them.

A message that counts carries `MARK` and the time it was due, in nanoseconds of the monotonic
clock. Load generator and listeners are one process, so both read the same clock.
"""

import asyncio
import re
import time
from collections.abc import Iterable
from itertools import count
from types import TracebackType
from typing import Self

from benchmarks.http_client import OK, Connection, Response, connect, request_bytes
from benchmarks.world import Member, sync_path

MARK = b"teahouse-benchmark "
DIGITS = 18
_POLL_MS = 30_000
# More than the messages of a room between two polls: with fewer, deliveries would be cut away.
_TIMELINE_LIMIT = 1_000
_NEXT_BATCH = re.compile(rb'"next_batch": ?"([^"]+)"')
_RETRY_SECONDS = 0.05
_initial_syncs = count()


class Listeners:
    """Long polls that are renewed as soon as they are answered.

    Use as an asynchronous context manager: inside, every member has had an initial sync.
    """

    def __init__(self, port: int, members: Iterable[Member], *, timed: bool = False) -> None:
        """Prepare.

        Args:
            port: of the server, on 127.0.0.1.
            members: who listens; each has one long poll.
            timed: whether each delivery's latency is kept, and not only their number.
        """
        self.deliveries = 0
        self.latencies_ns: list[int] = []
        self.failures = 0
        self.answers = 0
        self.port = port
        self._members = list(members)
        self._timed = timed
        self._polls: list[_Poll] = []

    async def __aenter__(self) -> Self:
        """Sync every member and hold the first long polls."""
        for start in range(0, len(self._members), 20):
            some = self._members[start : start + 20]
            self._polls += await asyncio.gather(*(self._poll(member) for member in some))
        for poll in self._polls:
            poll.ask()
        # The first polls answer at once with what happened since the initial sync.
        await asyncio.sleep(0.5)
        self.reset()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hang up."""
        for poll in self._polls:
            poll.close()

    def reset(self) -> None:
        """Count from nought again."""
        self.deliveries = self.failures = self.answers = 0
        self.latencies_ns = []

    def take(self, response: Response) -> bytes:
        """Count what an answer delivers.

        Args:
            response: of /sync.

        Returns:
            The token to go on from, or nothing when the answer was no sync.
        """
        token = _NEXT_BATCH.search(response.body) if response.status == OK else None
        if token is None:
            self.failures += 1
            return b""
        self.answers += 1
        if self._timed:
            now = time.perf_counter_ns()
            parts = response.body.split(MARK)[1:]
            self.deliveries += len(parts)
            self.latencies_ns += [now - int(part[:DIGITS]) for part in parts]
        else:
            self.deliveries += response.body.count(MARK)
        return token[1]

    async def until(self, deliveries: int, seconds: float) -> None:
        """Wait until so many deliveries have arrived, or as long as told.

        Args:
            deliveries: since the last reset.
            seconds: the longest wait.
        """
        deadline = time.perf_counter() + seconds
        # Asking now and then costs less than an event that every delivery would have to set.
        while self.deliveries < deliveries and time.perf_counter() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    async def _poll(self, member: Member) -> "_Poll":
        connection = await connect(self.port)
        # Synapse gives a repeated initial sync from memory for two minutes, and with it a token
        # of that time. Another time limit makes it another request.
        first = sync_path(next(_initial_syncs), timeline_limit=_TIMELINE_LIMIT)
        response = await connection.answer(request_bytes("GET", first, member.access_token))
        since = self.take(response)
        if not since:
            message = f"initial sync: {response.status} {response.body[:300]!r}"
            raise RuntimeError(message)
        return _Poll(self, connection, member, since)


class _Poll:
    """One member's long poll."""

    __slots__ = ("_after", "_before", "_closed", "_connection", "_owner", "_since")

    def __init__(
        self, owner: Listeners, connection: Connection, member: Member, since: bytes
    ) -> None:
        path = sync_path(_POLL_MS, since="*", timeline_limit=_TIMELINE_LIMIT)
        self._before, self._after = request_bytes("GET", path, member.access_token).split(b"*")
        self._owner = owner
        self._connection = connection
        self._since = since
        self._closed = False

    def ask(self) -> None:
        """Send the next poll."""
        self._connection.ask(self._before + self._since + self._after, self._answered)

    def close(self) -> None:
        """Hang up."""
        self._closed = True
        self._connection.close()

    def _answered(self, response: Response) -> None:
        if self._closed:
            return
        since = self._owner.take(response)
        if since and self._connection.open:
            self._since = since
            self.ask()
        else:
            self._since = since or self._since
            asyncio.get_running_loop().call_later(_RETRY_SECONDS, self._again)

    def _again(self) -> None:
        if not self._closed:
            task = asyncio.ensure_future(self._reconnect())
            task.add_done_callback(lambda done: done.exception())

    async def _reconnect(self) -> None:
        if not self._connection.open:
            self._connection = await connect(self._owner.port)
        self.ask()
