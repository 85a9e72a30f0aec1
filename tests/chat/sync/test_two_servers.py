"""Two servers of one house: who types and who is there at one is told by the other.

Over a real NATS server, on both databases.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from teahouse.chat.presence.types import CONSENT
from teahouse.platform.announcements import Announcement, CachesOutdated
from teahouse.platform.bus import Bus
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from tests.kit.chat_house import Guest, make_chat_house
from tests.kit.database import open_database
from tests.kit.house import House
from tests.kit.nats import NatsServer

pytestmark = pytest.mark.anyio
Two = tuple[House, House]


@pytest.fixture
def other_db(database_url: str, clock: ManualClock) -> Iterator[Database]:
    with open_database(database_url, clock, seed=1) as other:
        yield other


@pytest.fixture
async def houses(
    db: Database, other_db: Database, nats_server: NatsServer, tmp_path: Path
) -> AsyncIterator[Two]:
    """Two servers that hear each other."""
    heard = 0
    connected = asyncio.Event()

    def listen(announcements: list[Announcement], _position: int) -> None:
        nonlocal heard
        heard += announcements.count(CachesOutdated())
        # Each tells itself once it is connected, and the first hears it of the second.
        if heard == 3:
            connected.set()

    async with AsyncExitStack() as stack:
        both = []
        for each in (db, other_db):
            each.listen(listen)
            both.append(make_chat_house(each, tmp_path, presence=True))
            bus = Bus(each, nats_server.url, server_name="teahouse.example")
            await bus.start()
            stack.push_async_callback(bus.stop)
        async with asyncio.timeout(10):
            await connected.wait()
        yield both[0], both[1]


async def sync_until(guest: Guest, since: str, found: Callable[[Any], bool]) -> tuple[Any, str]:
    """Sync until an answer tells what is looked for; returns it, and where to go on."""
    async with asyncio.timeout(30):
        while True:
            told = await guest.get("/sync", since=since, timeout=20_000)
            since = told["next_batch"]
            if found(told):
                return told, since


def typists(told: Any, room_id: str) -> list[str] | None:
    """Who types, as an answer tells; None where it tells nothing of it."""
    room = told.get("rooms", {}).get("join", {}).get(room_id, {})
    for event in room.get("ephemeral", {}).get("events", []):
        if event["type"] == "m.typing":
            return list(event["content"]["user_ids"])
    return None


def presences(told: Any) -> dict[str, str]:
    events = told.get("presence", {}).get("events", [])
    return {event["sender"]: event["content"]["presence"] for event in events}


async def test_who_types_and_who_is_there_is_told_by_the_other_server(houses: Two) -> None:
    one, other = houses
    ada = Guest(one, await one.register("ada"))
    ben = Guest(other, await other.register("ben"))
    room = await ada.create_room()
    await ben.join(room)
    since = (await ben.get("/sync"))["next_batch"]
    path = f"/rooms/{quote(room, safe='')}/typing/{ada.user_id}"

    await ada.change("PUT", path, {"typing": True, "timeout": 30_000})
    _, since = await sync_until(ben, since, lambda told: typists(told, room) == [ada.user_id])
    await ada.change("PUT", path, {"typing": False})
    _, since = await sync_until(ben, since, lambda told: typists(told, room) == [])
    await ada.change("PUT", path, {"typing": True, "timeout": 30_000})
    _, since = await sync_until(ben, since, lambda told: typists(told, room) == [ada.user_id])
    await ada.say(room, "done")
    _, since = await sync_until(ben, since, lambda told: typists(told, room) == [])

    # Nobody is shown who does not let others see it.
    await ada.get("/sync")
    consent = f"/user/{ada.user_id}/account_data/{CONSENT}"
    await ada.change("PUT", consent, {"share": True})
    status = f"/presence/{ada.user_id}/status"
    assert (await ben.get(status))["presence"] == "offline"
    await ada.change("PUT", status, {"presence": "online", "status_msg": "tea time"})
    told, since = await sync_until(ben, since, lambda told: bool(presences(told)))
    assert presences(told) == {ada.user_id: "online"}
    assert (await ben.get(status))["status_msg"] == "tea time"
    # One word at the server where she is ends it at both.
    await ada.change("PUT", consent, {"share": False})
    told, since = await sync_until(ben, since, lambda told: bool(presences(told)))
    assert presences(told) == {ada.user_id: "offline"}
