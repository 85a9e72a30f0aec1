"""Bridges over HTTP: a real application service, both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from teahouse import chat
from teahouse.chat.bridges.live import Bridges
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from teahouse.platform.jobs import Worker
from tests.kit.appservice import AS_TOKEN, FakeAppservice, serve_appservice, write_registration
from tests.kit.chat_house import Guest, make_chat_house, register_guest
from tests.kit.house import House

pytestmark = pytest.mark.anyio

GHOST = "@irc_ada:teahouse.test"
# Longer than any wait between two tries.
LONG_MS = 2 * 3_600_000


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def irc() -> Iterator[FakeAppservice]:
    with serve_appservice() as fake:
        yield fake


class BridgedHouse:
    """A house with one bridge, started anew as often as a test likes."""

    def __init__(
        self,
        db: Database,
        folder: Path,
        irc: FakeAppservice,
        *,
        settings: dict[str, Any] | None = None,
        **changes: Any,
    ) -> None:
        self.db, self.folder, self.irc = db, folder, irc
        self.settings = settings or {}
        self.file = write_registration(folder, irc.url, **changes)
        self.house = self._make()

    def _make(self) -> House:
        house = make_chat_house(
            self.db, self.folder / "data", appservice_files=[self.file], **self.settings
        )
        self.worker = Worker(self.db, house.services, chat.job_kinds())
        return house

    async def restart(self) -> None:
        """Another process over the same database: nothing in memory is left."""
        await self.house.services.get(Bridges).close()
        self.db._listeners.clear()
        self.db._reactions.clear()
        self.house = self._make()

    async def push(self) -> None:
        """Run the jobs that are due."""
        await self.worker.run_due()

    async def act(
        self, method: str, path: str, body: Any = None, *, by: str | None = None, **query: Any
    ) -> httpx.Response:
        """A call of the bridge, for one of its members."""
        params = {**query, **({} if by is None else {"user_id": by})}
        return await self.house.call(method, path, body, token=AS_TOKEN, params=params)

    async def make_ghost(self, name: str = "irc_ada") -> None:
        """Register a member of the bridge."""
        body = {"type": "m.login.application_service", "username": name, "inhibit_login": True}
        made = await self.act("POST", "/register", body)
        assert made.status_code == httpx.codes.OK, made.text

    async def bridged_room(self, rose: Guest) -> str:
        """A room with a ghost in it."""
        await self.make_ghost()
        room = await rose.create_room()
        joined = await self.act("POST", f"/rooms/{quote(room)}/join", {}, by=GHOST)
        assert joined.status_code == httpx.codes.OK, joined.text
        return room


@pytest.fixture
async def bridged(db: Database, tmp_path: Path, irc: FakeAppservice) -> AsyncIterator[BridgedHouse]:
    made = BridgedHouse(db, tmp_path, irc, receive_ephemeral=True)
    yield made
    await made.house.services.get(Bridges).close()


async def test_a_bridge_hears_of_rooms_its_members_are_in_and_of_no_others(
    bridged: BridgedHouse, irc: FakeAppservice
) -> None:
    rose = await register_guest(bridged.house, "rose")
    elsewhere = await rose.create_room()
    await rose.say(elsewhere, "a secret")
    room = await bridged.bridged_room(rose)
    for number in range(250):
        await rose.say(room, str(number))
    await bridged.push()
    assert irc.bodies() == [str(number) for number in range(250)]
    assert [len(body["events"]) for _, body in irc.transactions] == [100, 100, 51]
    assert {event["room_id"] for event in irc.events} == {room}
    first = irc.events[0]
    assert (first["type"], first["state_key"]) == ("m.room.member", GHOST)
    assert first["unsigned"]["age"] >= 0

    left = await bridged.act("POST", f"/rooms/{quote(room)}/leave", {}, by=GHOST)
    assert left.status_code == httpx.codes.OK
    await rose.say(room, "gone at last")
    await bridged.push()
    assert irc.events[-1]["content"]["membership"] == "leave"


async def test_nothing_is_lost_or_repeated_over_an_outage_and_a_restart(
    bridged: BridgedHouse, irc: FakeAppservice, clock: ManualClock
) -> None:
    rose = await register_guest(bridged.house, "rose")
    room = await bridged.bridged_room(rose)
    await bridged.push()
    irc.status = 500
    await rose.say(room, "one")
    await bridged.push()
    for text in ("two", "three"):
        await rose.say(room, text)
    await bridged.push()
    # While it is away, new messages do not make us call it.
    assert len(irc.refused_ids) == 1
    await bridged.restart()
    rose.house = bridged.house
    await rose.say(room, "four")
    clock.advance(LONG_MS)
    await bridged.push()
    assert set(irc.refused_ids) == {irc.refused_ids[0]}, "a retry has the id of the first try"
    irc.status = 200
    clock.advance(LONG_MS)
    await bridged.push()
    assert irc.bodies() == ["one", "two", "three", "four"]
    ids = [txn_id for txn_id, _ in irc.transactions]
    assert irc.refused_ids[0] in ids
    assert len(set(ids)) == len(ids)
    await rose.say(room, "five")
    await bridged.push()
    assert irc.bodies()[-1] == "five"


async def test_messages_sent_while_it_is_away_arrive_once_it_pings(
    bridged: BridgedHouse, irc: FakeAppservice
) -> None:
    rose = await register_guest(bridged.house, "rose")
    room = await bridged.bridged_room(rose)
    irc.status = 503
    await rose.say(room, "hello?")
    await bridged.push()
    path = "/_matrix/client/v1/appservice/irc/ping"
    failed = await bridged.act("POST", path, {"transaction_id": "p0"})
    assert (failed.status_code, failed.json()["errcode"]) == (502, "M_BAD_STATUS")
    assert failed.json()["status"] == 503
    irc.status = 200
    done = await bridged.act("POST", path, {"transaction_id": "p1"})
    assert done.status_code == httpx.codes.OK
    assert isinstance(done.json()["duration_ms"], int)
    assert irc.pings[-1] == {"transaction_id": "p1"}
    await bridged.push()
    assert irc.bodies() == ["hello?"]

    by_rose = await rose.call("POST", path, {})
    assert (by_rose.status_code, by_rose.json()["errcode"]) == (403, "M_FORBIDDEN")
    other = await bridged.act("POST", path.replace("irc", "xmpp"), {})
    assert other.status_code == httpx.codes.FORBIDDEN


async def test_a_bridge_speaks_as_its_members_only_and_says_when_it_was_said(
    bridged: BridgedHouse,
) -> None:
    rose = await register_guest(bridged.house, "rose")
    room = await bridged.bridged_room(rose)
    path = f"/rooms/{quote(room)}/send/m.room.message/1"
    content = {"msgtype": "m.text", "body": "from afar"}
    sent = await bridged.act("PUT", path, content, by=GHOST, ts=123_456)
    assert sent.status_code == httpx.codes.OK, sent.text
    event_id = quote(sent.json()["event_id"])
    event = await rose.get(f"/rooms/{quote(room)}/event/{event_id}")
    assert (event["sender"], event["origin_server_ts"]) == (GHOST, 123_456)
    as_rose = await bridged.act("PUT", path, content, by=rose.user_id)
    assert (as_rose.status_code, as_rose.json()["errcode"]) == (403, "M_FORBIDDEN")
    unknown = await bridged.act("PUT", path, content, by="@irc_nobody:teahouse.test")
    assert unknown.status_code == httpx.codes.FORBIDDEN


async def test_names_of_a_bridge_are_refused_to_others(bridged: BridgedHouse) -> None:
    rose = await register_guest(bridged.house, "rose")
    room = await rose.create_room()
    for name in ("irc_ada", "ircbot"):
        taken = await bridged.house.call("POST", "/register", {"username": name, "password": "x"})
        assert (taken.status_code, taken.json()["errcode"]) == (400, "M_EXCLUSIVE")
    alias = f"/directory/room/{quote('#irc_tea:teahouse.test')}"
    refused = await rose.call("PUT", alias, {"room_id": room})
    assert (refused.status_code, refused.json()["errcode"]) == (400, "M_EXCLUSIVE")
    refused = await rose.call("POST", "/createRoom", {"room_alias_name": "irc_tea"})
    assert (refused.status_code, refused.json()["errcode"]) == (400, "M_EXCLUSIVE")
    made = await bridged.act("POST", "/createRoom", {"room_alias_name": "irc_tea"})
    assert made.status_code == httpx.codes.OK, made.text


async def test_a_bridge_is_asked_for_members_and_rooms_that_are_not_there_yet(
    bridged: BridgedHouse, irc: FakeAppservice
) -> None:
    rose = await register_guest(bridged.house, "rose")
    room = await rose.create_room()
    loop = asyncio.get_running_loop()

    def make(path: str) -> int:
        kind, _, name = path.partition("/")
        if "nobody" in name:
            return 404
        local = name[1:].partition(":")[0]
        work = (
            bridged.make_ghost(local)
            if kind == "users"
            else bridged.act("POST", "/createRoom", {"room_alias_name": local})
        )
        asyncio.run_coroutine_threadsafe(work, loop).result(10)
        return 200

    irc.on_query = make
    invite = f"/rooms/{quote(room)}/invite"
    await rose.change("POST", invite, {"user_id": GHOST})
    absent = await rose.call("POST", invite, {"user_id": "@irc_nobody:teahouse.test"})
    assert absent.status_code == httpx.codes.NOT_FOUND
    alias = "#irc_tea:teahouse.test"
    found = await rose.get(f"/directory/room/{quote(alias)}")
    assert found["room_id"].startswith("!")
    await rose.call("GET", f"/directory/room/{quote(alias)}")
    assert irc.asked == [f"users/{GHOST}", "users/@irc_nobody:teahouse.test", f"rooms/{alias}"]
    await bridged.push()
    assert ("m.room.member", GHOST) in [(e["type"], e.get("state_key")) for e in irc.events]


async def test_a_bridge_hears_of_receipts_and_typing_if_it_asked_to(
    bridged: BridgedHouse, irc: FakeAppservice
) -> None:
    rose = await register_guest(bridged.house, "rose")
    elsewhere = await rose.create_room()
    room = await bridged.bridged_room(rose)
    for place in (elsewhere, room):
        event_id = await rose.say(place, "read this")
        await rose.change("POST", f"/rooms/{quote(place)}/receipt/m.read/{quote(event_id)}", {})
        await rose.change(
            "PUT", f"/rooms/{quote(place)}/typing/{quote(rose.user_id)}", {"typing": True}
        )
    await bridged.house.services.get(Bridges).settle()
    await bridged.push()
    assert [(e["type"], e["room_id"]) for e in irc.ephemeral] == [
        ("m.receipt", room),
        ("m.typing", room),
    ]
    assert irc.ephemeral[1]["content"] == {"user_ids": [rose.user_id]}
    await rose.change(
        "PUT", f"/rooms/{quote(room)}/typing/{quote(rose.user_id)}", {"typing": False}
    )


async def test_without_application_services_nothing_is_followed(
    db: Database, tmp_path: Path
) -> None:
    from teahouse.chat.event_store.announcements import EventsAppended

    without = make_chat_house(db, tmp_path / "data")
    reactions = db.reactions_to(EventsAppended)
    bridges = without.services.get(Bridges)
    assert bridges.follow_appended not in reactions
    assert bridges.registrations == {}


async def test_a_bridge_lists_rooms_in_the_directory_of_its_network(
    bridged: BridgedHouse,
) -> None:
    rose = await register_guest(bridged.house, "rose")
    room = await bridged.bridged_room(rose)
    own = await rose.create_room(visibility="public")
    path = f"/directory/list/appservice/libera/{quote(room)}"
    refused = await rose.call("PUT", path, {"visibility": "public"})
    assert (refused.status_code, refused.json()["errcode"]) == (403, "M_FORBIDDEN")
    absent = await bridged.act("PUT", path + "x", {"visibility": "public"})
    assert absent.status_code == httpx.codes.NOT_FOUND

    async def listed(**body: Any) -> set[str]:
        page = await rose.change("POST", "/publicRooms", body)
        return {found["room_id"] for found in page["chunk"]}

    for _ in range(2):
        done = await bridged.act("PUT", path, {"visibility": "public"})
        assert (done.status_code, done.json()) == (200, {})
    assert await listed() == {own}
    assert await listed(include_all_networks=True) == {own, room}
    assert await listed(third_party_instance_id="irc|libera") == {room}
    assert await listed(third_party_instance_id="irc|other") == set()
    await bridged.act("PUT", path, {"visibility": "private"})
    assert await listed(include_all_networks=True) == {own}


@pytest.mark.parametrize("rate_limited", [True, False])
async def test_rate_limits_hold_for_a_bridges_members_only_if_its_file_says_so(
    db: Database, tmp_path: Path, irc: FakeAppservice, *, rate_limited: bool
) -> None:
    settings = {"rate_limits": True, "rate_send": "2/minute"}
    bridged = BridgedHouse(db, tmp_path, irc, settings=settings, rate_limited=rate_limited)
    room = await bridged.bridged_room(await register_guest(bridged.house, "rose"))

    async def say(number: int, by: str | None) -> int:
        path = f"/rooms/{quote(room)}/send/m.room.message/{number}"
        sent = await bridged.act("PUT", path, {"msgtype": "m.text", "body": "x"}, by=by)
        return sent.status_code

    await bridged.act("POST", f"/rooms/{quote(room)}/join", {})
    assert [await say(n, GHOST) for n in range(3)] == [200, 200, 429 if rate_limited else 200]
    assert [await say(n, None) for n in range(3)] == [200, 200, 200]
