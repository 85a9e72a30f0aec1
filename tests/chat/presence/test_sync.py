"""Presence in `/sync`: who is there, told to those who share a room and to nobody else."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from teahouse.chat.presence.live import Presence
from teahouse.chat.presence.types import CONSENT
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from tests.kit.chat_house import Guest, make_chat_house, register_guest
from tests.kit.house import House

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def house(db: Database, tmp_path: Path) -> House:
    return make_chat_house(db, tmp_path, presence=True)


@pytest.fixture
async def ada(house: House) -> Guest:
    return await consent(await register_guest(house, "ada"))


@pytest.fixture
async def ben(house: House) -> Guest:
    return await register_guest(house, "ben")


async def consent(guest: Guest) -> Guest:
    path = f"/user/{guest.user_id}/account_data/{CONSENT}"
    await guest.change("PUT", path, {"share": True})
    return guest


def states(synced: Any) -> dict[str, str]:
    """The presence that an answer tells, by member."""
    events = synced.get("presence", {}).get("events", [])
    assert all(event["type"] == "m.presence" for event in events)
    return {event["sender"]: event["content"]["presence"] for event in events}


async def sync(guest: Guest, since: Any = None, **query: Any) -> Any:
    asked = {**query, **({"since": since["next_batch"]} if since else {})}
    return await guest.get("/sync", **asked)


async def test_who_comes_and_goes_is_told_to_those_who_share_a_room(
    house: House, clock: ManualClock, ada: Guest, ben: Guest
) -> None:
    room = await ada.create_room()
    await ben.join(room)
    before = await sync(ben)
    assert states(before) == {}

    await sync(ada)
    here = await sync(ben, before)
    assert states(here) == {ada.user_id: "online"}
    assert states(await sync(ben)) == {ada.user_id: "online"}
    assert states(await sync(ben, here)) == {}

    clock.advance(200_000)
    house.services.get(Presence).look_at_all()
    assert states(await sync(ben, here)) == {ada.user_id: "offline"}
    assert states(await sync(ben)) == {}


async def test_who_waits_is_woken(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room()
    await ben.join(room)
    await sync(ada, set_presence="offline")
    before = await sync(ben)

    waiting = asyncio.create_task(sync(ben, before, timeout=30_000))
    await sync(ada)
    async with asyncio.timeout(10):
        assert states(await waiting) == {ada.user_id: "online"}


async def test_a_new_peer_is_told_of_when_a_room_is_joined(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room()
    await sync(ada)
    before = await sync(ben)
    assert states(before) == {}

    await ben.join(room)

    assert states(await sync(ben, before)) == {ada.user_id: "online"}


async def test_a_stranger_a_filter_and_set_presence_keep_it_untold(
    house: House, ada: Guest, ben: Guest
) -> None:
    room = await ada.create_room()
    await ben.join(room)
    stranger = await register_guest(house, "eve")
    first, theirs = await sync(ben), await sync(stranger)

    await sync(ada, set_presence="offline")
    assert states(await sync(ben, first)) == {}

    await sync(ada, set_presence="unavailable")
    assert states(await sync(stranger, theirs)) == states(await sync(stranger)) == {}
    unwanted = '{"presence":{"not_types":["*"]}}'
    assert states(await sync(ben, first, filter=unwanted)) == {}
    assert states(await sync(ben, first)) == {ada.user_id: "unavailable"}


async def test_a_presence_that_there_is_not_is_refused(ada: Guest) -> None:
    done = await ada.call("GET", "/sync", params={"set_presence": "busy"})
    assert (done.status_code, done.json()["errcode"]) == (400, "M_INVALID_PARAM")
