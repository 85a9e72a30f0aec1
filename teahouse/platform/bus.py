"""The bus: what one server announced reaches the others.

Without a URL there is one server. It still looks at the database now and then, because a command
of the command line may have changed it. With a NATS URL announcements travel as JSON. NATS delivers
at most once; wherever something may have been lost, the servers are told that whatever they
remember is outdated, and read it anew.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from contextlib import suppress
from typing import Any, Protocol

import msgspec

from teahouse.platform.announcements import Announcement, CachesOutdated, announcement_types
from teahouse.platform.data_map import declare_egress
from teahouse.platform.db import Database
from teahouse.platform.logs import get_logger

# What the command line did is seen this late.
POLL_SECONDS = 1.0
# An announcement of ours or over the bus arrives well within this after its commit; only then is
# a position that nobody told of a sign of another writer.
_GRACE_SECONDS = 0.1
# Messages that wait for NATS: at most some megabytes. Others are told to read anew beyond that.
_WAITING_MAX = 1000
_RECONNECT_SECONDS = 1
_CANCEL_SECONDS = 1
# NATS refuses larger messages unless told otherwise.
_MESSAGE_BYTES_MAX = 1_000_000


declare_egress(
    __name__,
    receiver="the other servers of this house",
    data=("identifier", "activity"),
    purpose="so that all servers of the house know what is new",
    chosen_by="operator",
)


class BusMeter(Protocol):
    """Notes whether other servers are heard."""

    def set_bus_connected(self, *, connected: bool) -> None:
        """Note it."""
        ...


class _Message(msgspec.Struct, frozen=True):
    """What travels: the announcements of one commit."""

    position: int
    announcements: list[msgspec.Raw]


class Bus:
    """Carries announcements between the servers of one teahouse.

    Args:
        db: whose listeners are told, and whose announcements are carried.
        url: `nats://...`; empty where there is one server.
        server_name: keeps several teahouses on one NATS server apart.
        meter: notes the connection.
    """

    def __init__(
        self, db: Database, url: str, *, server_name: str, meter: BusMeter | None = None
    ) -> None:
        self._db = db
        self._url = url
        digest = hashlib.sha256(server_name.encode()).hexdigest()
        self._subject = f"teahouse.{digest[:32]}"
        self._meter = meter
        self._log = get_logger()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(_WAITING_MAX)
        self._nats: Any = None  # nats-py has no types
        self._telling_thread: int | None = None
        self._stopping = False
        # Made at the start, when every domain's kinds have been defined.
        self._decoder: msgspec.json.Decoder[Announcement]
        if url:
            db.listen(self._hear)

    async def start(self) -> None:
        """Begin to carry. Does not wait for NATS: without it the server works alone."""
        self._loop = asyncio.get_running_loop()
        kinds = tuple(announcement_types())
        self._decoder = msgspec.json.Decoder(_union(kinds))
        self._tasks = [self._loop.create_task(self._poll(), name="bus poll")]
        if self._url:
            self._tasks.append(self._loop.create_task(self._carry(), name="bus"))

    async def stop(self) -> None:
        """Send what waits, then leave."""
        self._stopping = True
        if self._nats is not None and self._nats.is_connected:
            while not self._waiting.empty():
                await self._nats.publish(self._subject, self._waiting.get_nowait())
            with suppress(Exception):  # whoever misses it reads anew
                await self._nats.flush(timeout=2)
        left = set(self._tasks)
        while left:
            for task in left:
                task.cancel()
            # A connection that is made at this very moment can swallow the word (`wait_for` before
            # Python 3.12), so it is said again.
            _, left = await asyncio.wait(left, timeout=_CANCEL_SECONDS)
        self._tasks = []
        if self._nats is not None:
            await self._nats.close()
            self._nats = None

    # Without the bus

    async def _poll(self) -> None:
        """Notice what was written by a process that announces nothing here."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                position = await asyncio.to_thread(self._db.poll_position)
            except Exception as trouble:  # noqa: BLE001 - a fault of the database: tried again
                self._log.error("position_cannot_be_read", error=type(trouble).__name__)
                continue
            if position > self._db.position:
                await asyncio.sleep(_GRACE_SECONDS)
                if position > self._db.position:
                    self._tell([CachesOutdated()], position)

    # With it

    async def _carry(self) -> None:
        # Most teahouses have one server and never load it.
        from nats.aio.client import Client
        from nats.errors import Error

        client = Client()
        self._nats = client
        await client.connect(
            self._url,
            name="teahouse",
            no_echo=True,
            max_reconnect_attempts=-1,
            reconnect_time_wait=_RECONNECT_SECONDS,
            ping_interval=10,
            error_cb=self._on_error,
            disconnected_cb=self._on_disconnected,
            reconnected_cb=self._on_reconnected,
        )
        await client.subscribe(self._subject, cb=self._on_message)
        await self._on_reconnected()
        while True:
            message = await self._waiting.get()
            try:
                await client.publish(self._subject, message)
            except Error as trouble:
                # On reconnection everybody reads anew.
                self._log.warning("bus_message_lost", error=type(trouble).__name__)

    async def _on_message(self, received: Any) -> None:  # noqa: ANN401 - nats-py has no types
        try:
            message = msgspec.json.decode(received.data, type=_Message)
            announcements = [self._decoder.decode(raw) for raw in message.announcements]
            position = message.position
        except msgspec.DecodeError:
            # A later release announces what this one does not know.
            announcements, position = [CachesOutdated()], self._db.position
        self._tell(announcements, position)

    async def _on_error(self, trouble: Exception) -> None:
        """A slow consumer has lost messages; with other errors they may be lost too."""
        if not self._nats.is_connected:
            return  # one more try to connect has failed
        self._log.warning("bus_error", error=type(trouble).__name__)
        self._tell([CachesOutdated()], self._db.position)

    async def _on_disconnected(self) -> None:
        self._note(connected=False)
        if not self._stopping:
            self._log.warning("bus_disconnected")

    async def _on_reconnected(self) -> None:
        """Nobody knows what was missed on either side."""
        self._log.info("bus_connected")
        self._note(connected=True)
        self._tell([CachesOutdated()], await asyncio.to_thread(self._db.poll_position))
        self._send([CachesOutdated()], self._db.position)

    def _note(self, *, connected: bool) -> None:
        if self._meter is not None:
            self._meter.set_bus_connected(connected=connected)

    def _tell(self, announcements: list[Announcement], position: int) -> None:
        self._telling_thread = threading.get_ident()
        try:
            self._db.tell(announcements, position)
        finally:
            self._telling_thread = None

    def _hear(self, announcements: list[Announcement], position: int) -> None:
        """Called after each commit here, in the loop or in the writer thread."""
        if self._loop is None or self._telling_thread == threading.get_ident():
            return
        ours = [a for a in announcements if not isinstance(a, CachesOutdated)]
        if ours:
            with suppress(RuntimeError):  # the loop is gone, and with it this server
                self._loop.call_soon_threadsafe(self._send, ours, position)

    def _send(self, announcements: list[Announcement], position: int) -> None:
        message = _encode(announcements, position)
        if self._waiting.full():
            while not self._waiting.empty():
                self._waiting.get_nowait()
            message = _encode([CachesOutdated()], position)
        if len(message) > _MESSAGE_BYTES_MAX:
            message = _encode([CachesOutdated()], position)
        self._waiting.put_nowait(message)


def _encode(announcements: list[Announcement], position: int) -> bytes:
    said = [msgspec.Raw(msgspec.json.encode(announcement)) for announcement in announcements]
    return msgspec.json.encode(_Message(position, said))


def _union(kinds: tuple[type[Announcement], ...]) -> Any:  # noqa: ANN401 - made at run time
    union: Any = kinds[0]
    for kind in kinds[1:]:
        union = union | kind
    return union
