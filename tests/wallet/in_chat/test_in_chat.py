"""Rooms are told of payments, and what others claim there is found out."""

import copy
from typing import Any

import pytest

from teahouse.wallet.in_chat.types import BLOCK
from tests.kit.house import House
from tests.kit.wallet_house import Payer, expire_holds, money, pass_time, register_payer

pytestmark = pytest.mark.anyio
VOICE = "@wallet:teahouse.test"


@pytest.fixture
async def ada(house: House) -> Payer:
    return await register_payer(house, "ada", cny=100_00)


@pytest.fixture
async def ben(house: House) -> Payer:
    return await register_payer(house, "ben")


@pytest.fixture
async def room(ada: Payer, ben: Payer) -> str:
    """A private room of the two that is not encrypted."""
    return await make_room(ada, ben, [])


@pytest.fixture
async def sealed(ada: Payer, ben: Payer) -> str:
    """An encrypted one."""
    state = {"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
    return await make_room(ada, ben, [{**state, "state_key": ""}])


async def make_room(ada: Payer, ben: Payer, initial_state: list[Any]) -> str:
    """A room to which only those invited come."""
    # Public rooms are not encrypted by default; this one admits only those invited all the same.
    rule = {"type": "m.room.join_rules", "state_key": "", "content": {"join_rule": "invite"}}
    room_id = await ada.create_room(invite=[ben.user_id], initial_state=[rule, *initial_state])
    await ben.join(room_id)
    return room_id


async def timeline(guest: Payer, room_id: str) -> list[dict[str, Any]]:
    """The messages of a room, the newest first."""
    found = await guest.get(f"/rooms/{room_id}/messages", dir="b", limit="50")
    return [event for event in found["chunk"] if event["type"] == "m.room.message"]


async def pay(ada: Payer, ben: Payer, room_id: str, **more: Any) -> dict[str, Any]:
    """Ada gives Ben 20.00 and tells a room."""
    body = {"payee": ben.user_id, "amount": money(20_00), "room_id": room_id, **more}
    sent: dict[str, Any] = await ada.asked("POST", "/transfers", body)
    return sent


async def verify(guest: Payer, block: Any, room_id: str, sender: str) -> tuple[bool, str | None]:
    body = {"block": block, "room_id": room_id, "sender": sender}
    verdict = await guest.asked("POST", "/payments/verify", body)
    return verdict["is_verified"], verdict["why"]


async def test_a_room_is_told_by_the_servers_own_account(ada: Payer, ben: Payer, room: str) -> None:
    sent = await pay(ada, ben, room, message="for the tea")
    [event] = await timeline(ben, room)
    assert event["event_id"] == sent["in_chat"]["event_id"]
    assert event["sender"] == VOICE
    assert event["content"]["body"] == "ada paid ben CN¥20.00: for the tea"
    block = event["content"][BLOCK]
    assert (block["payer"], block["payee"]) == (ada.user_id, ben.user_id)
    assert (block["amount"], block["status"]) == (money(20_00), "completed")
    assert await verify(ben, block, room, event["sender"]) == (True, None)


async def test_the_text_is_in_the_payers_language(ada: Payer, ben: Payer, room: str) -> None:
    await ada.asked("PUT", "/settings", {"language": "zh"})
    await pay(ada, ben, room, message="茶")
    [event] = await timeline(ben, room)
    assert event["content"]["body"] == "ada 向 ben 付款 ¥20.00：茶"


async def test_a_pending_payment_is_edited_when_it_is_accepted(
    ada: Payer, ben: Payer, room: str
) -> None:
    sent = await pay(ada, ben, room, by_hand=True)
    await ben.asked("POST", f"/transfers/{sent['transfer_id']}/accept", {})
    edit, event = await timeline(ben, room)
    assert event["content"]["body"].startswith("ada wants to give ben CN¥20.00")
    relation = {"rel_type": "m.replace", "event_id": event["event_id"]}
    assert edit["content"]["m.relates_to"] == relation
    new = edit["content"]["m.new_content"]
    assert new["body"] == "ada paid ben CN¥20.00"
    assert await verify(ben, new[BLOCK], room, VOICE) == (True, None)


async def test_a_payment_that_went_back_is_told_too(
    house: House, ada: Payer, ben: Payer, room: str
) -> None:
    await pay(ada, ben, room, by_hand=True)
    pass_time(house, 86_400_000)
    await expire_holds(house)
    edit, _ = await timeline(ben, room)
    new = edit["content"]["m.new_content"]
    assert new["body"] == "ben did not accept CN¥20.00 in time; ada has it back"
    assert new[BLOCK]["status"] == "expired"


async def test_in_an_encrypted_room_the_client_is_given_what_to_say(
    ada: Payer, ben: Payer, sealed: str
) -> None:
    sent = await pay(ada, ben, sealed)
    assert await timeline(ben, sealed) == []
    note = sent["in_chat"]
    assert (note["room_id"], note["event_id"]) == (sealed, None)
    assert note["content"]["body"] == "ada paid ben CN¥20.00"
    assert await verify(ben, note["content"][BLOCK], sealed, ada.user_id) == (True, None)


async def test_a_receipt_is_checked_without_asking(ada: Payer, ben: Payer, sealed: str) -> None:
    from teahouse.chat.events.rules import check_json_signature

    key = await ben.asked("GET", "/receipt-key")
    receipt = (await pay(ada, ben, sealed))["in_chat"]["content"][BLOCK]["receipt"]
    named = {name: key[name] for name in ("server_name", "key_id", "public_key")}
    assert check_json_signature(receipt, **named)
    assert not check_json_signature({**receipt, "amount": money(21_00)}, **named)


async def test_a_forged_block_is_found_out_and_moves_nothing(
    house: House, ada: Payer, ben: Payer, room: str
) -> None:
    eve = await register_payer(house, "eve", cny=5_00)
    await ada.change("POST", f"/rooms/{room}/invite", {"user_id": eve.user_id})
    await eve.join(room)
    other = await make_room(ada, eve, [])
    block = (await pay(ada, ben, room))["in_chat"]["content"][BLOCK]

    def forge(**values: Any) -> dict[str, Any]:
        return {**copy.deepcopy(block), **values}

    cases: list[tuple[Any, str, str, str]] = [
        ({}, room, ada.user_id, "malformed"),
        (forge(receipt="x"), room, ada.user_id, "malformed"),
        (forge(receipt={}), room, ada.user_id, "bad-signature"),
        (
            forge(receipt={**block["receipt"], "amount": money(99_00)}, amount=money(99_00)),
            room,
            ada.user_id,
            "bad-signature",
        ),
        (forge(amount=money(99_00)), room, ada.user_id, "altered"),
        (forge(amount={"minor": 2000.0, "currency": "CNY"}), room, ada.user_id, "altered"),
        (forge(payee=eve.user_id), room, ada.user_id, "altered"),
        (forge(payment_id="pay_other"), room, ada.user_id, "altered"),
        (forge(extra=1), room, ada.user_id, "altered"),
        (block, other, ada.user_id, "wrong-room"),
        (block, room, eve.user_id, "wrong-sender"),
    ]
    for forged, room_id, sender, why in cases:
        assert await verify(eve, forged, room_id, sender) == (False, why)
        path = f"/rooms/{room_id}/send/m.room.message/{len(why)}{sender}"
        # Whether chat takes it or not (it takes no fractions), it moves nothing.
        await eve.call("PUT", path, {"msgtype": "m.text", "body": "paid!", BLOCK: forged})
    assert (ada.balance(), ben.balance(), eve.balance()) == (80_00, 20_00, 5_00)
    # Who is not in the room learns nothing.
    await eve.leave(room)
    body = {"block": block, "room_id": room, "sender": VOICE}
    assert await eve.refused("POST", "/payments/verify", body) == (404, "room-unknown")


async def test_a_room_learns_the_status_and_strangers_nothing(
    house: House, ada: Payer, ben: Payer, room: str
) -> None:
    cleo = await register_payer(house, "cleo")
    path = f"/payments/{(await pay(ada, ben, room))['payment']['payment_id']}"
    mine = await ada.asked("GET", path)
    assert mine["payment"]["direction"] == "out"
    assert (await ben.asked("GET", path))["payment"]["direction"] == "in"
    assert await cleo.refused("GET", path) == (404, "payment-not-found")
    await ada.change("POST", f"/rooms/{room}/invite", {"user_id": cleo.user_id})
    assert await cleo.refused("GET", path) == (404, "payment-not-found")
    await cleo.join(room)
    told = await cleo.asked("GET", path)
    assert told == {
        "payment_id": mine["payment"]["payment_id"], "status": "completed", "room_id": room,
    }  # fmt: skip


async def test_both_must_be_in_the_room(house: House, ada: Payer, room: str) -> None:
    cleo = await register_payer(house, "cleo")
    body = {"payee": cleo.user_id, "amount": money(1), "room_id": room}
    assert await ada.refused("POST", "/transfers", body) == (403, "not-in-room")
    assert ada.balance() == 100_00


async def test_a_room_that_lets_nobody_speak_leaves_it_to_the_client(
    ada: Payer, ben: Payer, room: str
) -> None:
    levels = await ada.get(f"/rooms/{room}/state/m.room.power_levels/")
    await ada.set_state(room, "m.room.power_levels", {**levels, "events_default": 50})
    sent = await pay(ada, ben, room)
    assert sent["in_chat"]["event_id"] is None
    assert ben.balance() == 20_00
    members = await ada.get(f"/rooms/{room}/joined_members")
    assert VOICE not in members["joined"]


async def test_who_shows_the_account_out_does_not_see_it_come_back_by_itself(
    ada: Payer, ben: Payer, room: str
) -> None:
    sent = await pay(ada, ben, room, by_hand=True)
    await ada.change("POST", f"/rooms/{room}/kick", {"user_id": VOICE})
    await ben.asked("POST", f"/transfers/{sent['transfer_id']}/accept", {})
    assert len(await timeline(ben, room)) == 1
    # But a member who names the room anew brings it in anew, unless it is banned.
    await pay(ada, ben, room)
    assert len(await timeline(ben, room)) == 2
    await ada.change("POST", f"/rooms/{room}/ban", {"user_id": VOICE})
    assert (await pay(ada, ben, room))["in_chat"]["event_id"] is None
    assert ben.balance() == 60_00


async def test_the_clients_of_both_sides_are_woken(ada: Payer, ben: Payer) -> None:
    before = {one.user_id: (await one.get("/sync"))["next_batch"] for one in (ada, ben)}
    sent = await ada.asked("POST", "/transfers", {"payee": ben.user_id, "amount": money(1)})
    for guest in (ada, ben):
        synced = await guest.get("/sync", since=before[guest.user_id])
        [event] = synced["to_device"]["events"]
        assert event == {
            "type": "org.teahouse.wallet.changed", "sender": VOICE,
            "content": {"about": sent["payment"]["payment_id"]},
        }  # fmt: skip


async def test_nobody_can_take_the_accounts_name(house: House) -> None:
    asked = {"username": "wallet", "password": "x" * 20}
    answer = await house.call("POST", "/register", asked)
    assert answer.json()["errcode"] == "M_USER_IN_USE"
    body = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": "wallet"}}
    answer = await house.call("POST", "/login", {**body, "password": ""})
    assert answer.status_code == 403
