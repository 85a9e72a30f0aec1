"""What gateways are told, and when: from a message to a request at a real gateway."""

from typing import Any
from urllib.parse import quote

import pytest

from teahouse.platform.clock import ManualClock
from teahouse.platform.jobs import Worker, count_jobs
from tests.chat.pushers.test_api import PUSHER, pushers
from tests.kit.chat_house import Guest
from tests.kit.gateway import FakeGateway
from tests.kit.house import House

pytestmark = pytest.mark.anyio


async def meet(ada: Guest, ben: Guest, gateway: FakeGateway, **data: Any) -> str:
    """A room of both, and Ada with a pusher."""
    room = await ben.create_room(name="Tea")
    await ada.join(room)
    await set_pusher(ada, gateway, **data)
    return room


async def set_pusher(guest: Guest, gateway: FakeGateway, **data: Any) -> None:
    await guest.change(
        "POST", "/pushers/set", {**PUSHER, "data": {"url": gateway.url, "x": 1, **data}}
    )


async def test_a_message_reaches_the_gateway(
    ada: Guest, ben: Guest, gateway: FakeGateway, worker: Worker
) -> None:
    room = await meet(ada, ben, gateway)
    event_id = await ben.say(room, "hello ada")

    await worker.run_due()
    await worker.run_due()

    (path, host, _body), (notification,) = gateway.requests[0], gateway.notifications
    device = notification.pop("devices")[0]
    assert path == "/_matrix/push/v1/notify"
    assert host == f"127.0.0.1:{gateway.server_port}"
    assert notification == {
        "event_id": event_id,
        "room_id": room,
        "type": "m.room.message",
        "sender": ben.user_id,
        "sender_display_name": "ben",
        "room_name": "Tea",
        "content": {"msgtype": "m.text", "body": "hello ada"},
        "counts": {"unread": 1},
        "prio": "high",
    }
    assert device["data"] == {"x": 1}
    assert device["tweaks"] == {"sound": "default", "highlight": True}
    assert (device["app_id"], device["pushkey"]) == ("app.tea.ios", "key")


async def test_only_ids_are_told_where_the_app_asks_for_no_more(
    ada: Guest, ben: Guest, gateway: FakeGateway, worker: Worker
) -> None:
    room = await meet(ada, ben, gateway, format="event_id_only")
    await ben.say(room, "one")
    await ben.say(room, "two")

    await worker.run_due()

    assert {frozenset(told) for told in gateway.notifications} == {
        frozenset({"event_id", "room_id", "counts", "prio", "devices"})
    }
    assert [told["counts"] for told in gateway.notifications] == [{"unread": 2}] * 2
    assert "tweaks" not in gateway.notifications[0]["devices"][0]


async def test_nothing_is_told_of_what_notifies_nobody(
    ada: Guest, ben: Guest, gateway: FakeGateway, worker: Worker
) -> None:
    room = await meet(ada, ben, gateway)
    muted = await ben.create_room()
    await ada.join(muted)
    await ada.change("PUT", f"/pushrules/global/room/{quote(muted, safe='')}", {"actions": []})

    await ada.say(room, "my own")
    await ben.say(muted, "muted")
    await ben.send(room, {"msgtype": "m.notice", "body": "a notice"})
    await ben.set_state(room, "m.room.topic", {"topic": "leaves"})
    await ada.leave(room)
    await ben.say(room, "behind your back")
    await worker.run_due()

    assert gateway.requests == []


async def test_nothing_is_told_of_who_is_ignored_or_of_what_was_read_or_redacted(
    ada: Guest, ben: Guest, gateway: FakeGateway, worker: Worker
) -> None:
    room = await meet(ada, ben, gateway)
    read = await ben.say(room, "read")
    await ada.change("POST", f"/rooms/{quote(room, safe='')}/receipt/m.read/{read}", {})
    await ben.redact(room, await ben.say(room, "redacted"))
    await worker.run_due()
    assert gateway.requests == []

    await ada.change(
        "PUT",
        f"/user/{ada.user_id}/account_data/m.ignored_user_list",
        {"ignored_users": {ben.user_id: {}}},
    )
    await ben.say(room, "ignored")
    await worker.run_due()
    assert gateway.requests == []


async def test_an_invite_is_told(
    ada: Guest, ben: Guest, gateway: FakeGateway, worker: Worker
) -> None:
    await set_pusher(ada, gateway)
    await ben.create_room(invite=[ada.user_id], preset="private_chat")

    await worker.run_due()

    (notification,) = gateway.notifications
    assert notification["user_is_target"] is True
    assert notification["content"]["membership"] == "invite"


async def test_a_rejected_key_is_forgotten(
    ada: Guest, ben: Guest, gateway: FakeGateway, worker: Worker
) -> None:
    room = await meet(ada, ben, gateway)
    gateway.answer = b'{"rejected": ["key", "of others"]}'
    await ben.say(room, "hello")
    await worker.run_due()

    assert await pushers(ada) == []
    await ben.say(room, "still there?")
    assert await worker.run_due() == 0


async def test_a_gateway_that_fails_is_tried_again_and_given_up_in_the_end(
    house: House, ada: Guest, ben: Guest, gateway: FakeGateway, worker: Worker, clock: ManualClock
) -> None:
    room = await meet(ada, ben, gateway)
    gateway.status = 503
    await ben.say(room, "hello")
    await worker.run_due()
    clock.advance(10_000)
    await worker.run_due()
    assert len(gateway.requests) == 2

    for _ in range(20):
        clock.advance(60_000)
        await worker.run_due()

    assert await house.db.read(count_jobs) == {"waiting": 0, "dead": 0}


async def test_a_gateway_that_refuses_is_not_tried_again(
    house: House, ada: Guest, ben: Guest, gateway: FakeGateway, worker: Worker
) -> None:
    room = await meet(ada, ben, gateway)
    gateway.status = 400
    await ben.say(room, "hello")
    await worker.run_due()

    assert len(gateway.requests) == 1
    assert await house.db.read(count_jobs) == {"waiting": 0, "dead": 0}


async def test_a_name_that_leads_to_a_private_address_is_not_followed(
    house: House, ada: Guest, ben: Guest, gateway: FakeGateway, worker: Worker
) -> None:
    url = f"https://localhost:{gateway.server_port}/_matrix/push/v1/notify"
    room = await meet(ada, ben, gateway, url=url)
    await ben.say(room, "hello")
    await worker.run_due()

    assert gateway.requests == []
    assert await house.db.read(count_jobs) == {"waiting": 0, "dead": 0}


async def test_where_nobody_has_a_pusher_there_is_no_work(
    ada: Guest, ben: Guest, gateway: FakeGateway, worker: Worker
) -> None:
    room = await ben.create_room()
    await ben.say(room, "alone")
    await set_pusher(ada, gateway)
    await ben.say(room, "ada is elsewhere")

    assert await worker.run_due() == 0


async def read_all(guest: Guest, room: str, event_id: str, kind: str = "m.read") -> None:
    await guest.change("POST", f"/rooms/{quote(room, safe='')}/receipt/{kind}/{event_id}", {})


async def test_who_has_read_elsewhere_sees_no_number_any_more(
    ada: Guest, ben: Guest, gateway: FakeGateway, worker: Worker, clock: ManualClock
) -> None:
    room = await meet(ada, ben, gateway)
    first = await ben.say(room, "one")
    last = await ben.say(room, "two")
    await worker.run_due()
    assert gateway.notifications[-1]["counts"] == {"unread": 2}
    gateway.requests.clear()

    await read_all(ada, room, first)
    await read_all(ada, room, last, "m.read.private")
    await worker.run_due()
    assert gateway.requests == []
    clock.advance(3000)
    await worker.run_due()

    (notification,) = gateway.notifications
    (device,) = notification.pop("devices")
    assert notification == {"counts": {"unread": 0}, "prio": "low"}
    assert (device["app_id"], device["pushkey"], device["data"]) == ("app.tea.ios", "key", {"x": 1})
    await read_all(ben, room, last)
    clock.advance(3000)
    await worker.run_due()
    assert len(gateway.requests) == 1


async def test_what_was_never_told_is_not_taken_back(
    ada: Guest, ben: Guest, gateway: FakeGateway, worker: Worker, clock: ManualClock
) -> None:
    room = await meet(ada, ben, gateway)
    await read_all(ada, room, await ben.say(room, "read at once"))
    clock.advance(3000)
    await worker.run_due()
    assert gateway.requests == []


async def test_an_app_that_counts_by_itself_is_told_no_numbers(
    ada: Guest, ben: Guest, gateway: FakeGateway, worker: Worker, clock: ManualClock
) -> None:
    asks = {"org.matrix.msc4076.disable_badge_count": True}
    room = await meet(ada, ben, gateway, **asks)
    event_id = await ben.say(room, "one")
    await worker.run_due()
    await read_all(ada, room, event_id)
    clock.advance(3000)
    await worker.run_due()
    (notification,) = gateway.notifications
    assert "counts" not in notification


async def test_a_number_that_cannot_be_told_is_tried_again_and_given_up(
    house: House, ada: Guest, ben: Guest, gateway: FakeGateway, worker: Worker, clock: ManualClock
) -> None:
    room = await meet(ada, ben, gateway)
    event_id = await ben.say(room, "one")
    await worker.run_due()
    gateway.status = 503
    await read_all(ada, room, event_id)
    for _ in range(20):
        clock.advance(60_000)
        await worker.run_due()
    assert 3 < len(gateway.requests) < 14
    assert await house.db.read(count_jobs) == {"waiting": 0, "dead": 0}
