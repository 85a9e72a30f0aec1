"""Payments in the chat, with a real client: what is true shows, what is forged is found out."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import nio
import pytest

from teahouse.chat.events.rules import check_json_signature
from teahouse.platform.clock import SystemClock
from tests.kit.clients import NioDevice, NioDevices, nio_devices
from tests.kit.database import DatabaseKind, Databases, open_database
from tests.kit.homeserver import Homeserver
from tests.kit.server import TEST_SETTINGS, start_server
from tests.kit.wallet_house import WALLET, make_wallet_house, money, register_payer

pytestmark = pytest.mark.anyio
BLOCK = "org.teahouse.payment"
SERVER = TEST_SETTINGS["server_name"]
ADA, BEN, EVE = (f"@{name}:{SERVER}" for name in ("ada", "ben", "eve"))
_keys = itertools.count(1)


@pytest.fixture
async def members(
    databases: Databases, database_kind: DatabaseKind, tmp_path: Path
) -> AsyncIterator[NioDevices]:
    """Devices at a server of its own, at which Ada, Ben and Eve have money already."""
    url, data = databases.create(database_kind), tmp_path / "data"
    with open_database(url, SystemClock()) as db:
        house = make_wallet_house(db, data, server_name=SERVER)
        for name in ("ada", "ben", "eve"):
            await register_payer(house, name, cny=100_00)
        await house.http.aclose()
    with start_server(data, url) as server:
        async with nio_devices(Homeserver(server.url, SERVER), tmp_path / "nio") as opened:
            yield opened


async def ask(device: NioDevice, method: str, path: str, body: Any = None) -> Any:
    """The answer of the wallet to a member's app."""
    headers = {
        "Authorization": f"Bearer {device.nio.access_token}",
        "Idempotency-Key": f"story-{next(_keys)}",
    }
    async with httpx.AsyncClient(base_url=device.nio.homeserver, headers=headers) as client:
        answer = await client.request(method, f"{WALLET}{path}", json=body)
    assert answer.is_success, answer.text
    return answer.json()


async def balance(device: NioDevice) -> int:
    """What a member can pay."""
    [wallet] = (await ask(device, "GET", "/wallets"))["wallets"]
    return int(wallet["available"]["minor"])


async def verify(device: NioDevice, room_id: str, event: nio.Event) -> tuple[bool, str | None]:
    """What the server says of a block that a member sees."""
    block = event.source["content"][BLOCK]
    body = {"block": block, "room_id": room_id, "sender": event.sender}
    verdict = await ask(device, "POST", "/payments/verify", body)
    return verdict["is_verified"], verdict["why"]


async def gather(members: NioDevices, *, encrypted: bool) -> tuple[list[NioDevice], str]:
    """Ada, Ben and Eve in one room."""
    ada, ben, eve = [await members.sign_in(user_id) for user_id in (ADA, BEN, EVE)]
    room_id = await ada.create_room(invite=(BEN, EVE), encrypted=encrypted)
    for guest in (ben, eve):
        await guest.accept_invite(room_id)
    everybody = [ada, ben, eve]
    for device, other in itertools.permutations(everybody, 2):
        if encrypted:
            await device.until_member(room_id, other.user_id)
        else:
            await device.until(partial(_knows, device, room_id, other.user_id))
    return everybody, room_id


async def test_a_payment_shows_as_a_message_that_any_client_reads(members: NioDevices) -> None:
    (ada, ben, _eve), room_id = await gather(members, encrypted=False)
    body = {"payee": BEN, "amount": money(20_00), "room_id": room_id, "by_hand": True}
    sent = await ask(ada, "POST", "/transfers", body)

    told = await ben.until_event(sent["in_chat"]["event_id"])
    assert isinstance(told, nio.RoomMessageText)
    assert told.sender == f"@wallet:{SERVER}"
    assert told.body == "ada wants to give ben CN¥20.00, to be accepted within 24 hours"
    assert await verify(ben, room_id, told) == (True, None)

    await ask(ben, "POST", f"/transfers/{sent['transfer_id']}/accept", {})
    edit = await ada.until(lambda: _find_edit(ada, told.event_id))
    assert edit.source["content"]["m.new_content"]["body"] == "ada paid ben CN¥20.00"
    assert (await balance(ada), await balance(ben)) == (80_00, 120_00)


async def test_in_an_encrypted_room_the_payers_client_tells_and_all_can_check(
    members: NioDevices,
) -> None:
    (ada, ben, _eve), room_id = await gather(members, encrypted=True)
    body = {"payee": BEN, "amount": money(20_00), "room_id": room_id}
    sent = await ask(ada, "POST", "/transfers", body)
    assert sent["in_chat"]["event_id"] is None

    event_id = await ada.send(room_id, "m.room.message", sent["in_chat"]["content"])
    told = await ben.until_event(event_id)
    assert isinstance(told, nio.RoomMessageText)
    assert told.decrypted
    assert told.body == "ada paid ben CN¥20.00"

    # Without asking: by the server's key, which the app has kept.
    key = await ask(ben, "GET", "/receipt-key")
    receipt = told.source["content"][BLOCK]["receipt"]
    assert check_json_signature(receipt, **key)
    assert (receipt["room_id"], receipt["payer"], receipt["amount"]) == (
        room_id, ADA, money(20_00),
    )  # fmt: skip
    # And by asking.
    assert await verify(ben, room_id, told) == (True, None)


async def test_a_forged_payment_moves_nothing_and_is_found_out(members: NioDevices) -> None:
    (ada, ben, eve), room_id = await gather(members, encrypted=True)
    body = {"payee": BEN, "amount": money(20_00), "room_id": room_id}
    content = (await ask(ada, "POST", "/transfers", body))["in_chat"]["content"]
    true = content[BLOCK]
    before = [await balance(one) for one in (ada, ben, eve)]

    forged = {
        # Someone else's payment, told as if it were one's own.
        "wrong-sender": true,
        # More than was paid.
        "altered": {**true, "amount": money(99_00)},
        # With a receipt that says so too.
        "bad-signature": {
            **true,
            "amount": money(99_00),
            "receipt": {**true["receipt"], "amount": money(99_00)},
        },
        "malformed": {"payment_id": true["payment_id"], "amount": money(99_00)},
    }
    for why, block in forged.items():
        event_id = await eve.send(room_id, "m.room.message", {**content, BLOCK: block})
        seen = await ben.until_event(event_id)
        assert await verify(ben, room_id, seen) == (False, why)

    # A true receipt, in another room: by its payer even.
    other = await ada.create_room(invite=(BEN,))
    await ben.accept_invite(other)
    await ada.until_member(other, BEN)
    await ben.until_member(other, ADA)
    replayed = await ben.until_event(await ada.send(other, "m.room.message", content))
    assert await verify(ben, other, replayed) == (False, "wrong-room")

    assert [await balance(one) for one in (ada, ben, eve)] == before
    history = (await ask(ben, "GET", "/payments?kind=transfer"))["items"]
    assert [one["amount"] for one in history] == [money(20_00)]


async def test_an_open_app_hears_that_its_wallet_has_changed(members: NioDevices) -> None:
    (ada, ben, _eve), _room_id = await gather(members, encrypted=False)
    heard: asyncio.Queue[nio.UnknownToDeviceEvent] = asyncio.Queue()
    ben.nio.add_to_device_callback(heard.put, nio.UnknownToDeviceEvent)
    sent = await ask(ada, "POST", "/transfers", {"payee": BEN, "amount": money(1)})
    async with asyncio.timeout(20):
        event = await heard.get()
    assert (event.type, event.sender) == ("org.teahouse.wallet.changed", f"@wallet:{SERVER}")
    assert event.source["content"] == {"about": sent["payment"]["payment_id"]}


def _knows(device: NioDevice, room_id: str, user_id: str) -> bool:
    return user_id in device.nio.rooms[room_id].users


def _find_edit(device: NioDevice, event_id: str) -> nio.Event | None:
    for _, event in device.seen:
        relation = event.source["content"].get("m.relates_to", {})
        if (relation.get("rel_type"), relation.get("event_id")) == ("m.replace", event_id):
            return event
    return None
