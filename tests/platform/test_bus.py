"""Announcements between servers, over a real NATS server."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest
from nats.aio.client import Client

from teahouse.platform import bus as bus_module
from teahouse.platform.announcements import Announcement, CachesOutdated
from teahouse.platform.bus import Bus
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database, Tx
from teahouse.platform.metrics import Metrics
from tests.kit.database import open_database
from tests.kit.nats import NatsServer


class TeaPoured(Announcement, frozen=True):
    """A cup is full."""

    cup: str


def pour(tx: Tx, cup: str) -> int:
    tx.announce(TeaPoured(cup))
    return tx.next_position()


def take_position(tx: Tx) -> int:
    return tx.next_position()


class House:
    """A server of the teahouse, and what its listeners heard."""

    def __init__(self, db: Database, url: str, name: str = "teahouse.example") -> None:
        self.db = db
        self.heard: list[Announcement] = []
        self._changed = asyncio.Event()
        db.listen(self._listen)
        self.bus = Bus(db, url, server_name=name)

    def _listen(self, announcements: list[Announcement], _position: int) -> None:
        self.heard += announcements
        self._changed.set()

    def cups(self) -> list[str]:
        return [said.cup for said in self.heard if isinstance(said, TeaPoured)]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for what is heard to be enough."""
        async with asyncio.timeout(10):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


@pytest.fixture
def two_databases(database_url: str, clock: ManualClock) -> Iterator[tuple[Database, Database]]:
    """Two servers' views of one database."""
    with open_database(database_url, clock) as one, open_database(database_url, clock) as other:
        yield one, other


@asynccontextmanager
async def running(*houses: House) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for house in houses:
            await house.bus.start()
            stack.push_async_callback(house.bus.stop)
        for house in houses:
            await house.until(lambda house=house: CachesOutdated() in house.heard)  # type: ignore[misc]  # a default binds it
        yield


def test_what_one_server_announces_the_other_hears_in_order(
    two_databases: tuple[Database, Database], nats_server: NatsServer
) -> None:
    async def story() -> None:
        one, other = (House(db, nats_server.url) for db in two_databases)
        async with running(one, other):
            await asyncio.gather(*(one.db.write(pour, str(cup)) for cup in range(20)))
            last = await one.db.write(pour, "last")
            await other.until(lambda: "last" in other.cups())
            assert other.cups() == [*map(str, range(20)), "last"]
            assert other.db.position == last
            # Nobody hears what it said itself a second time.
            assert one.cups() == other.cups()
            await other.db.write(pour, "back")
            await one.until(lambda: "back" in one.cups())

    asyncio.run(story())


def test_teahouses_of_other_names_hear_nothing(
    two_databases: tuple[Database, Database], nats_server: NatsServer
) -> None:
    async def story() -> None:
        one = House(two_databases[0], nats_server.url)
        stranger = House(two_databases[1], nats_server.url, name="elsewhere.example")
        async with running(one, stranger):
            await one.db.write(pour, "ours")
            await stranger.db.write(pour, "theirs")
        assert one.cups() == ["ours"]
        assert stranger.cups() == ["theirs"]

    asyncio.run(story())


def test_after_a_gap_both_sides_are_told_to_read_anew(
    two_databases: tuple[Database, Database], nats_server: NatsServer
) -> None:
    async def story() -> None:
        one, other = (House(db, nats_server.url) for db in two_databases)
        async with running(one, other):
            nats_server.stop()
            one.heard.clear()
            other.heard.clear()
            position = await one.db.write(pour, "unheard")
            # The poll notices it meanwhile.
            await other.until(lambda: other.db.position == position)
            other.heard.clear()
            nats_server.start()
            for house in (one, other):
                await house.until(lambda house=house: CachesOutdated() in house.heard)  # type: ignore[misc]  # a default binds it
            await one.db.write(pour, "heard")
            await other.until(lambda: "heard" in other.cups())

    asyncio.run(story())


def test_a_server_starts_and_works_without_nats(
    two_databases: tuple[Database, Database], nats_server: NatsServer
) -> None:
    nats_server.stop()

    async def story() -> None:
        one, other = (House(db, nats_server.url) for db in two_databases)
        await one.bus.start()
        await other.bus.start()
        await one.db.write(pour, "early")
        nats_server.start()
        await other.until(lambda: CachesOutdated() in other.heard)
        await one.bus.stop()
        await other.bus.stop()
        assert one.cups() == ["early"]

    asyncio.run(story())


def test_a_stop_that_a_new_connection_swallows_is_said_again(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    connecting = asyncio.Event()

    async def connect(*_args: object, **_options: object) -> None:
        connecting.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    async def accept(*_args: object, **_options: object) -> None:
        return

    monkeypatch.setattr(Client, "connect", connect)
    for name in ("subscribe", "publish", "close"):
        monkeypatch.setattr(Client, name, accept)

    async def story() -> None:
        house = House(db, "nats://127.0.0.1:1")
        await house.bus.start()
        await connecting.wait()
        async with asyncio.timeout(60):
            await house.bus.stop()

    asyncio.run(story())


def test_what_is_unknown_or_too_large_tells_the_others_to_read_anew(
    db: Database, database_url: str, clock: ManualClock, nats_server: NatsServer
) -> None:
    async def story(other_db: Database) -> None:
        one, other = House(db, nats_server.url), House(other_db, nats_server.url)
        async with running(one, other):
            await one.db.write(pour, "first")
            await other.until(lambda: "first" in other.cups())
            for trouble in (b"{", b'{"position":1,"announcements":[{"type":"OfALaterRelease"}]}'):
                other.heard.clear()
                await one.bus._nats.publish(one.bus._subject, trouble)
                await other.until(lambda: CachesOutdated() in other.heard)
            other.heard.clear()
            await one.db.write(pour, "x" * bus_module._MESSAGE_BYTES_MAX)
            await other.until(lambda: CachesOutdated() in other.heard)
            assert other.cups() == []

    with open_database(database_url, clock) as other_db:
        asyncio.run(story(other_db))


def test_when_too_much_waits_the_others_read_anew(
    db: Database, nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_module, "_WAITING_MAX", 3)

    async def story() -> None:
        house = House(db, nats_server.url)
        for cup in "abcd":
            house.bus._send([TeaPoured(cup)], 1)
        assert house.bus._waiting.qsize() == 1
        assert b"CachesOutdated" in house.bus._waiting.get_nowait()

    asyncio.run(story())


def test_a_single_server_notices_what_another_process_wrote(
    two_databases: tuple[Database, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_module, "POLL_SECONDS", 0.01)
    db, command_line = two_databases

    async def story() -> None:
        house = House(db, "")
        await house.bus.start()
        await house.db.write(pour, "own")
        await asyncio.sleep(0.05)
        assert house.heard == [TeaPoured("own")]
        position = await command_line.write(take_position)
        await house.until(lambda: CachesOutdated() in house.heard)
        assert house.db.position == position
        await house.bus.stop()

    asyncio.run(story())


def test_the_connection_is_noted(db: Database, nats_server: NatsServer) -> None:
    async def story() -> None:
        metrics = Metrics()
        bus = Bus(db, nats_server.url, server_name="teahouse.example", meter=metrics)
        connected = asyncio.Event()
        db.listen(lambda _announcements, _position: connected.set())
        await bus.start()
        await connected.wait()
        assert b"teahouse_bus_connected 1.0" in metrics.text()
        await bus.stop()

    asyncio.run(story())
