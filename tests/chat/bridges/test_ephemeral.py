"""What a bridge is told beside events: presence, messages for devices, keys."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from teahouse.chat.bridges.live import Bridges
from teahouse.chat.to_device.queries import find_to_device
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from tests.chat.bridges.test_bridges import GHOST, LONG_MS, BridgedHouse
from tests.kit.appservice import FakeAppservice, serve_appservice
from tests.kit.chat_house import Guest, register_guest

pytestmark = pytest.mark.anyio

TO_DEVICE = "de.sorunome.msc2409.to_device"
LISTS = "org.matrix.msc3202.device_lists"
COUNTS = "org.matrix.msc3202.device_one_time_keys_count"
FALLBACK = "org.matrix.msc3202.device_unused_fallback_key_types"
PUPPET = "GHOSTDEVICE"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def irc() -> Iterator[FakeAppservice]:
    with serve_appservice() as fake:
        yield fake


@pytest.fixture
async def bridged(db: Database, tmp_path: Path, irc: FakeAppservice) -> AsyncIterator[BridgedHouse]:
    asks: dict[str, Any] = {"receive_ephemeral": True, "org.matrix.msc3202": True}
    people = {"exclusive": False, "regex": "@rose:.*"}
    ghosts = {"exclusive": True, "regex": "@irc_.*"}
    asks["namespaces"] = {"users": [ghosts, people]}
    made = BridgedHouse(db, tmp_path, irc, settings={"presence": True}, **asks)
    yield made
    await made.house.services.get(Bridges).close()


def told(irc: FakeAppservice, key: str) -> list[Any]:
    return [body[key] for _, body in irc.transactions if key in body]


async def make_device(bridged: BridgedHouse) -> None:
    made = await bridged.act("PUT", f"/devices/{PUPPET}", {"display_name": "bridge"}, by=GHOST)
    assert made.status_code in {200, 201}, made.text


async def upload_key(bridged: BridgedHouse, number: int) -> Any:
    keys = {"one_time_keys": {f"curve25519:{number}": "A" * 43}}
    done = await bridged.act("POST", "/keys/upload", keys, by=GHOST, device_id=PUPPET)
    return done.json()


async def send_to_device(guest: Guest, messages: dict[str, Any], txn_id: str) -> None:
    await guest.change("PUT", f"/sendToDevice/m.room.encrypted/{txn_id}", {"messages": messages})


async def test_messages_for_devices_of_its_members_arrive_once(
    bridged: BridgedHouse, irc: FakeAppservice, db: Database, clock: ManualClock
) -> None:
    ben = await register_guest(bridged.house, "ben")
    rose = await register_guest(bridged.house, "rose")
    await bridged.bridged_room(ben)
    await make_device(bridged)
    await bridged.push()
    irc.status = 500
    messages = {GHOST: {PUPPET: {"n": 1}}, rose.user_id: {rose.device_id: {"n": 2}}}
    await send_to_device(ben, messages, "1")
    await bridged.push()
    assert len(irc.refused_ids) == 1
    irc.status = 200
    await bridged.restart()
    ben.house = bridged.house
    clock.advance(LONG_MS)
    await bridged.push()
    event = {"type": "m.room.encrypted", "sender": ben.user_id, "content": {"n": 1}}
    assert told(irc, TO_DEVICE) == [[event | {"to_user_id": GHOST, "to_device_id": PUPPET}]]
    assert irc.transactions[-1][0] == irc.refused_ids[0]
    # Rose is in a namespace, but nobody's puppet: her message waits for her own device.
    assert db.look(find_to_device, GHOST, PUPPET, 0, 2**62) == []
    assert len(db.look(find_to_device, rose.user_id, rose.device_id, 0, 2**62)) == 1
    await send_to_device(ben, {GHOST: {"*": {"n": 3}}}, "2")
    await bridged.push()
    assert told(irc, TO_DEVICE)[-1][0]["content"] == {"n": 3}


async def test_many_messages_come_in_parts(bridged: BridgedHouse, irc: FakeAppservice) -> None:
    ben = await register_guest(bridged.house, "ben")
    await bridged.bridged_room(ben)
    await make_device(bridged)
    for number in range(3):
        made = await bridged.act("PUT", f"/devices/D{number}", {}, by=GHOST)
        assert made.status_code in {200, 201}
    for number in range(260):
        await send_to_device(ben, {GHOST: {"*": {"n": number}}}, str(number))
    await bridged.push()
    parts = told(irc, TO_DEVICE)
    assert [len(part) for part in parts] == [500, 500, 40]
    assert [m["content"]["n"] for part in parts for m in part] == [n // 4 for n in range(1040)]


async def test_a_bridge_that_encrypts_is_told_of_keys_and_devices(
    bridged: BridgedHouse, irc: FakeAppservice
) -> None:
    ben, eve = await register_guest(bridged.house, "ben"), await register_guest(bridged.house, "e")
    await bridged.bridged_room(ben)
    await make_device(bridged)
    await bridged.push()
    irc.transactions.clear()
    assert (await upload_key(bridged, 1))["one_time_key_counts"] == {
        "curve25519": 1,
        "signed_curve25519": 0,
    }
    await bridged.push()
    left = {GHOST: {PUPPET: {"curve25519": 1, "signed_curve25519": 0}}}
    assert told(irc, COUNTS) == [left]
    assert told(irc, FALLBACK) == [{GHOST: {PUPPET: []}}]

    claim = {"one_time_keys": {GHOST: {PUPPET: "curve25519"}}}
    await ben.change("POST", "/keys/claim", claim)
    await bridged.push()
    assert told(irc, COUNTS)[-1] == {GHOST: {PUPPET: {"signed_curve25519": 0}}}

    irc.transactions.clear()
    for guest in (eve, ben):
        await guest.change("PUT", f"/devices/{guest.device_id}", {"display_name": "new"})
        keys = {
            "user_id": guest.user_id,
            "device_id": guest.device_id,
            "algorithms": ["m.olm.v1.curve25519-aes-sha2"],
            "keys": {f"curve25519:{guest.device_id}": "A" * 43},
            "signatures": {},
        }
        await guest.change("POST", "/keys/upload", {"device_keys": keys})
    await bridged.push()
    changed = {user for lists in told(irc, LISTS) for user in lists["changed"]}
    assert changed == {ben.user_id}, "nobody in its rooms has changed but Ben"


async def test_it_acts_on_devices_that_are_there(bridged: BridgedHouse) -> None:
    await bridged.make_ghost()
    await make_device(bridged)
    who = await bridged.act("GET", "/account/whoami", by=GHOST, device_id=PUPPET)
    assert who.json()["device_id"] == PUPPET
    old = {"org.matrix.msc3202.device_id": PUPPET}
    who = await bridged.act("GET", "/account/whoami", by=GHOST, **old)
    assert who.json()["device_id"] == PUPPET
    absent = await bridged.act("GET", "/account/whoami", by=GHOST, device_id="NONE")
    assert (absent.status_code, absent.json()["errcode"]) == (400, "M_UNKNOWN_DEVICE")
    ben = await register_guest(bridged.house, "ben")
    assert (await ben.get("/account/whoami", device_id="NONE"))["device_id"] == ben.device_id


async def test_presence_is_told_of_who_is_in_its_rooms(
    bridged: BridgedHouse, irc: FakeAppservice
) -> None:
    ben, eve = await register_guest(bridged.house, "ben"), await register_guest(bridged.house, "e")
    await bridged.bridged_room(ben)
    for guest in (ben, eve):
        me = quote(guest.user_id, safe="")
        await guest.change("PUT", f"/user/{me}/account_data/org.teahouse.presence", {"share": True})
        await guest.change("PUT", f"/presence/{me}/status", {"presence": "online"})
    await bridged.house.services.get(Bridges).settle()
    await bridged.push()
    present = [event for event in irc.ephemeral if event["type"] == "m.presence"]
    assert [event["sender"] for event in present] == [ben.user_id]
    assert present[0]["content"]["presence"] == "online"


async def test_private_receipts_are_told_of_its_namespaces_only(
    bridged: BridgedHouse, irc: FakeAppservice
) -> None:
    rose = await register_guest(bridged.house, "rose")
    ben = await register_guest(bridged.house, "ben")
    room = await bridged.bridged_room(rose)
    await ben.join(room)
    event_id = await rose.say(room, "read this")
    for guest in (rose, ben):
        path = f"/rooms/{quote(room)}/receipt/m.read.private/{quote(event_id)}"
        await guest.change("POST", path, {})
    await bridged.push()
    [receipt] = [event for event in irc.ephemeral if event["type"] == "m.receipt"]
    [by_type] = receipt["content"].values()
    assert list(by_type["m.read.private"]) == [rose.user_id]
