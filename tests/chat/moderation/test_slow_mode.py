"""Slow mode over HTTP, on both databases."""

from typing import Any
from urllib.parse import quote

import pytest

from teahouse.chat.event_store.commands import RoomStore
from teahouse.platform.clock import ManualClock
from tests.kit.chat_house import Guest
from tests.kit.house import House

pytestmark = pytest.mark.anyio

TEXT = {"msgtype": "m.text", "body": "x"}
SLOW = "org.teahouse.slow_mode"


async def _say(guest: Guest, room_id: str, txn: str, event_type: str = "m.room.message") -> Any:
    path = f"/rooms/{quote(room_id)}/send/{event_type}/{txn}"
    return await guest.call("PUT", path, TEXT)


@pytest.fixture
async def room_id(ada: Guest, ben: Guest) -> str:
    """A room of both in which members wait a minute."""
    made = await ada.create_room()
    await ben.join(made)
    await ada.set_state(made, SLOW, {"seconds": 60})
    return made


async def test_members_wait_between_messages(ada: Guest, ben: Guest, room_id: str) -> None:
    first = await _say(ben, room_id, "1")
    refused = await _say(ben, room_id, "2")
    again = await _say(ben, room_id, "1")
    reaction = await _say(ben, room_id, "3", "m.reaction")
    owners = [await _say(ada, room_id, "1"), await _say(ada, room_id, "2")]

    assert first.status_code == 200
    assert (refused.status_code, refused.json()["errcode"]) == (429, "M_LIMIT_EXCEEDED")
    assert 0 < refused.json()["retry_after_ms"] <= 60_000
    assert again.json() == first.json()
    assert reaction.status_code == 200
    assert [done.status_code for done in owners] == [200, 200]


async def test_what_memory_forgets_the_database_knows(
    house: House, ben: Guest, room_id: str
) -> None:
    store = house.services.get(RoomStore)
    # As after a command that was rolled back: this event never came to be.
    store.remember_send(room_id, ben.user_id, (house.services.clock.now_ms(), "$never"))
    first = await _say(ben, room_id, "1")
    # As after a restart.
    store._last_sends.clear()
    second = await _say(ben, room_id, "2")

    assert (first.status_code, second.status_code) == (200, 429)


async def test_after_the_wait_the_next_message_goes_out(
    house: House, ben: Guest, room_id: str
) -> None:
    clock = house.services.clock
    assert isinstance(clock, ManualClock)
    await _say(ben, room_id, "1")

    clock.advance(59_999)
    early = await _say(ben, room_id, "2")
    clock.advance(1)
    due = await _say(ben, room_id, "3")

    assert (early.status_code, early.json()["retry_after_ms"]) == (429, 1)
    assert due.status_code == 200


async def test_a_rule_that_is_none_slows_nobody(ada: Guest, ben: Guest, room_id: str) -> None:
    none: list[dict[str, Any]] = [{}, {"seconds": 0}, {"seconds": "x"}, {"seconds": True}]
    for number, content in enumerate(none):
        await ada.set_state(room_id, SLOW, content)
        done = [await _say(ben, room_id, f"{number}.{n}") for n in range(2)]
        assert [answer.status_code for answer in done] == [200, 200]
