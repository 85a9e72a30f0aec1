"""Sliding sync over HTTP: windows, what is sent again and what is not."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from teahouse.chat.sliding_sync import api
from tests.kit.chat_house import Guest

pytestmark = pytest.mark.anyio

PATH = "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync"


class Client:
    """One connection: it sends its last position along."""

    def __init__(self, guest: Guest, **asks: Any) -> None:
        self.guest = guest
        self.asks = asks
        self.pos: str | None = None
        self.timeout_ms = 0

    async def sync(self, **more: Any) -> Any:
        query = {} if self.pos is None else {"pos": self.pos, "timeout": str(self.timeout_ms)}
        done = await self.guest.call("POST", PATH, {**self.asks, **more}, params=query)
        assert done.status_code == httpx.codes.OK, done.text
        self.pos = done.json()["pos"]
        return done.json()


def window(first: int = 0, last: int = 9, **config: Any) -> dict[str, Any]:
    return {"all": {"ranges": [[first, last]], "timeline_limit": 3, **config}}


def bodies(room: Any) -> list[str]:
    return [e["content"].get("body", e["type"]) for e in room["timeline"]]


async def test_the_busiest_rooms_come_first_and_only_those_of_the_window(ada: Guest) -> None:
    rooms = [await ada.create_room(name=str(number)) for number in range(5)]
    for room in (rooms[3], rooms[1]):
        await ada.say(room, "tea")
    client = Client(ada, lists=window(0, 1))
    first = await client.sync()
    assert set(first["rooms"]) == {rooms[1], rooms[3]}
    assert first["lists"]["all"]["count"] == 5
    assert all(room["initial"] for room in first["rooms"].values())
    assert first["rooms"][rooms[1]]["name"] == "1"
    stamps = {room: told["bump_stamp"] for room, told in first["rooms"].items()}
    assert stamps[rooms[1]] > stamps[rooms[3]]
    await ada.say(rooms[0], "now I")
    moved = await client.sync()
    assert set(moved["rooms"]) == {rooms[0]}
    assert moved["rooms"][rooms[0]]["initial"] is True


async def test_news_are_sent_once_and_a_retry_gets_the_same(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room()
    await ben.join(room)
    client = Client(ben, lists=window())
    await client.sync()
    before = client.pos
    await ada.say(room, "one")
    told = await client.sync()
    assert bodies(told["rooms"][room]) == ["one"]
    assert told["rooms"][room]["num_live"] == 1
    assert "initial" not in told["rooms"][room]
    after, client.pos = client.pos, before
    assert bodies((await client.sync())["rooms"][room]) == ["one"]
    assert client.pos != after
    assert (await client.sync())["rooms"] == {}


async def test_a_new_name_is_no_new_arrival(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room()
    await ben.join(room)
    for text in ("old", "older", "oldest"):
        await ada.say(room, text)
    client = Client(ben, lists=window())
    await client.sync()
    await ben.set_state(
        room, "m.room.member", {"membership": "join", "displayname": "Benjamin"}, ben.user_id
    )
    told = (await client.sync())["rooms"][room]
    assert bodies(told) == ["m.room.member"], "what was sent before is not sent again"
    assert told["limited"] is False


async def test_who_comes_back_sees_only_what_is_new(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room()
    await ben.join(room)
    client = Client(ben, lists=window(timeline_limit=10))
    await client.sync()
    await ben.leave(room)
    assert (await client.sync())["rooms"][room]["membership"] == "leave"
    await ada.say(room, "while he was away")
    await ben.join(room)
    told = (await client.sync())["rooms"][room]
    assert told["membership"] == "join"
    # The room is `shared`: who joins again sees what was said meanwhile.
    assert bodies(told)[-2:] == ["while he was away", "m.room.member"]


async def test_only_the_state_that_is_asked_for_is_sent(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room(name="Tea", topic="leaves")
    await ben.join(room)
    await ada.say(room, "hello")
    wanted = [["m.room.topic", ""], ["m.room.member", "$LAZY"], ["m.room.member", "$ME"]]
    client = Client(ben, lists=window(timeline_limit=1, required_state=wanted))
    first = (await client.sync())["rooms"][room]
    assert {(e["type"], e["state_key"]) for e in first["required_state"]} == {
        ("m.room.topic", ""), ("m.room.member", ada.user_id), ("m.room.member", ben.user_id),
    }  # fmt: skip
    await ada.set_state(room, "m.room.name", {"name": "Coffee"})
    await ada.set_state(room, "m.room.topic", {"topic": "beans"})
    told = (await client.sync())["rooms"][room]
    assert [e["content"] for e in told["required_state"] if e["type"] == "m.room.topic"] == [
        {"topic": "beans"}
    ]
    assert told["name"] == "Coffee"


async def test_a_wider_window_of_one_room_is_filled_up(ada: Guest) -> None:
    room = await ada.create_room()
    for number in range(6):
        await ada.say(room, str(number))
    client = Client(ada, lists=window(timeline_limit=1))
    assert bodies((await client.sync())["rooms"][room]) == ["5"]
    more = {room: {"timeline_limit": 4, "required_state": []}}
    told = (await client.sync(room_subscriptions=more))["rooms"][room]
    assert bodies(told) == ["2", "3", "4", "5"]
    assert told["unstable_expanded_timeline"] is True
    assert told["num_live"] == 0


async def test_an_unknown_position_is_told_so_that_the_client_begins_anew(ada: Guest) -> None:
    refused = await ada.call("POST", PATH, {"lists": window()}, params={"pos": "9_9"})
    assert (refused.status_code, refused.json()["errcode"]) == (400, "M_UNKNOWN_POS")


async def test_lists_hold_what_their_filters_say(ada: Guest, ben: Guest) -> None:
    plain = await ada.create_room(name="Tea")
    space = await ada.create_room(creation_content={"type": "m.space"})
    secret = await ada.create_room(preset="private_chat")
    invited = await ben.create_room(invite=[ada.user_id])
    filters = {
        "encrypted": ({"is_encrypted": True}, {secret}),
        "rooms": ({"room_types": [None], "is_invite": False}, {plain, secret}),
        "spaces": ({"room_types": ["m.space"]}, {space}),
        "invites": ({"is_invite": True}, {invited}),
        "named": ({"room_name_like": "TEA"}, {plain}),
    }
    for name, (asked, expected) in filters.items():
        lists = {name: {"ranges": [[0, 9]], "timeline_limit": 1, "filters": asked}}
        assert set((await Client(ada, conn_id=name, lists=lists).sync())["rooms"]) == expected


@pytest.mark.parametrize("event_type", ["m.room.encrypted", "m.key.verification.start"])
async def test_what_encryption_may_owe_ends_the_wait_of_the_connection_with_the_keys(
    ada: Guest, ben: Guest, event_type: str
) -> None:
    room = await ada.create_room()
    await ben.join(room)
    # As matrix-rust-sdk has it: this one is told of no rooms, and sends what is owed at its turns.
    keys = Client(ben, conn_id="encryption", extensions={"e2ee": {"enabled": True}})
    await keys.sync()
    assert (await keys.sync())["rooms"] == {}
    keys.timeout_ms = 30_000

    turn = asyncio.create_task(keys.sync())
    await ada.say(room, "in the open")
    await ada.send(room, {"algorithm": "m.megolm.v1.aes-sha2"}, event_type)

    async with asyncio.timeout(20):
        assert (await turn)["rooms"] == {}


async def test_rooms_wait_until_the_keys_that_were_sent_before_are_fetched(
    ada: Guest, ben: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "KEYS_SECONDS", 60)
    room = await ada.create_room()
    await ben.join(room)
    rooms = Client(ben, conn_id="room-list", lists=window())
    keys = Client(ben, conn_id="encryption")
    since: dict[str, str] = {}

    async def fetch_keys() -> list[Any]:
        told = (await keys.sync(extensions={"to_device": {"enabled": True, **since}}))["extensions"]
        since["since"] = told["to_device"]["next_batch"]
        return list(told["to_device"]["events"])

    await rooms.sync()
    assert await fetch_keys() == await fetch_keys() == []
    message = {"messages": {ben.user_id: {ben.device_id: {"key": 1}}}}
    await ada.change("PUT", "/sendToDevice/m.room.encrypted/1", message)
    await ada.say(room, "what the key opens")
    rooms.timeout_ms = 30_000

    told = asyncio.create_task(rooms.sync())
    assert len(await fetch_keys()) == 1
    assert not told.done()
    assert await fetch_keys() == []

    async with asyncio.timeout(20):
        assert bodies((await told)["rooms"][room]) == ["what the key opens"]
