"""Disappearing messages and lifetimes, over HTTP and with a clock that the test moves."""

from pathlib import Path
from typing import Any

import pytest

from teahouse.chat.retention.jobs import remove_expired, remove_outlived
from teahouse.chat.retention.queries import (
    find_overdue,
    list_destroyed,
    select_expired,
    select_outlived,
)
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from teahouse.platform.jobs import NoPayload
from tests.kit.chat_house import Guest, make_chat_house, register_guest
from tests.kit.house import House
from tests.kit.query_plans import explain
from tests.kit.traces import files_that_hold, log_of, rows_that_hold

pytestmark = pytest.mark.anyio

SECRET = "xyzzyplugh"
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


async def _contents(guest: Guest, room: str) -> dict[str, Any]:
    page = await guest.get(f"/rooms/{room}/messages", dir="b", limit=100)
    return {event["event_id"]: event["content"] for event in page["chunk"]}


async def _state(guest: Guest, room: str) -> dict[str, Any]:
    events = await guest.get(f"/rooms/{room}/state")
    return {event["event_id"]: event["content"] for event in events}


async def _search(guest: Guest, term: str) -> int:
    body = {"search_categories": {"room_events": {"search_term": term}}}
    found = await guest.change("POST", "/search", body)
    return int(found["search_categories"]["room_events"]["count"])


async def test_a_disappearing_message_is_destroyed_for_good(
    house: House, ada: Guest, ben: Guest, clock: ManualClock, tmp_path: Path
) -> None:
    room = await ada.create_room()
    await ben.join(room)
    kept = await ada.say(room, "stays")
    await ada.set_state(room, "org.teahouse.disappearing", {"seconds": 60})
    said = await ada.say(room, SECRET)
    edit = {"rel_type": "m.replace", "event_id": said}
    content = {"msgtype": "m.text", "body": f"* {SECRET}2", "m.relates_to": edit}
    clock.advance(30_000)
    edited = await ada.send(room, content | {"m.new_content": {"body": f"{SECRET}3"}})
    clock.advance(29_999)
    await remove_expired(house.services, NoPayload())
    assert (await _contents(ben, room))[said]["body"] == SECRET
    assert await _search(ben, SECRET) == 1

    clock.advance(1)
    await remove_expired(house.services, NoPayload())
    contents = await _contents(ben, room)
    assert (contents[said], contents[edited]) == ({}, {})
    assert contents[kept]["body"] == "stays"
    assert await _search(ben, SECRET) == 0
    synced = (await ben.call("GET", "/sync", params={"timeout": 0})).text
    assert SECRET not in synced
    assert SECRET.encode() not in log_of(house.db)
    assert rows_that_hold(house.db, SECRET) == []
    assert files_that_hold(house.db, tmp_path, SECRET) == []
    [run] = house.db.look(list_destroyed)
    assert (run.room_id, run.reason, run.event_count) == (room, "expired", 2)
    await remove_expired(house.services, NoPayload())
    assert len(house.db.look(list_destroyed)) == 1


async def test_the_search_for_traces_finds_what_is_there(
    house: House, ada: Guest, tmp_path: Path
) -> None:
    await ada.say(await ada.create_room(), SECRET)
    assert {"chat_event", "chat_search_word"} <= set(rows_that_hold(house.db, SECRET))
    found = files_that_hold(house.db, tmp_path, SECRET)
    assert bool(found) == (house.db.engine.dialect.name == "sqlite")


async def test_a_room_has_a_lifetime_of_its_own(
    house: House, ada: Guest, clock: ManualClock
) -> None:
    short, other = await ada.create_room(), await ada.create_room()
    await ada.set_state(short, "m.room.retention", {"max_lifetime": HOUR})
    said, elsewhere = await ada.say(short, SECRET), await ada.say(other, "stays")
    reply = await ada.send(
        short, {"body": "r", "m.relates_to": {"rel_type": "m.thread", "event_id": said}}
    )
    state = await _state(ada, short)
    clock.advance(HOUR)
    young = await ada.say(short, "young")
    await remove_outlived(house.services, NoPayload())
    assert (await _contents(ada, short))[said]["body"] == SECRET
    clock.advance(1)
    await remove_outlived(house.services, NoPayload())
    contents = await _contents(ada, short)
    assert (contents[said], contents[reply]) == ({}, {})
    assert contents[young]["body"] == "young"
    assert (await _contents(ada, other))[elsewhere]["body"] == "stays"
    assert await _state(ada, short) == state
    assert rows_that_hold(house.db, SECRET) == []
    [run] = house.db.look(list_destroyed)
    assert (run.reason, run.event_count) == ("lifetime", 2)


async def test_the_house_has_a_lifetime_that_rooms_may_change(
    db: Database, clock: ManualClock, tmp_path: Path
) -> None:
    house = make_chat_house(db, tmp_path, message_days=1)
    ada = await register_guest(house, "ada")
    usual, longer = await ada.create_room(), await ada.create_room()
    await ada.set_state(longer, "m.room.retention", {"max_lifetime": 2 * DAY})
    gone, stays = await ada.say(usual, "tea"), await ada.say(longer, "tea")
    clock.advance(DAY + 1)
    await remove_outlived(house.services, NoPayload())
    assert (await _contents(ada, usual))[gone] == {}
    assert (await _contents(ada, longer))[stays]["body"] == "tea"


async def test_a_redacted_message_is_not_told_of_again(
    house: House, ada: Guest, clock: ManualClock
) -> None:
    room = await ada.create_room()
    await ada.set_state(room, "org.teahouse.disappearing", {"seconds": 1})
    said = await ada.say(room, SECRET)
    redaction = await ada.redact(room, said)
    clock.advance(MINUTE)
    await remove_expired(house.services, NoPayload())
    event = await ada.get(f"/rooms/{room}/event/{said}")
    assert event["unsigned"]["redacted_because"]["event_id"] == redaction


async def test_the_check_finds_what_should_be_gone(
    house: House, ada: Guest, clock: ManualClock
) -> None:
    room, old = await ada.create_room(), await ada.create_room()
    await ada.set_state(room, "org.teahouse.disappearing", {"seconds": 1})
    await ada.set_state(old, "m.room.retention", {"max_lifetime": HOUR})
    await ada.say(room, SECRET)
    await ada.say(old, SECRET)
    assert list(house.db.look(lambda read: list(find_overdue(read, 0)))) == []
    clock.advance(4 * HOUR)
    disappeared, outlived = house.db.look(lambda read: list(find_overdue(read, 0)))
    assert disappeared.endswith("should have disappeared")
    assert old in outlived
    await remove_expired(house.services, NoPayload())
    await remove_outlived(house.services, NoPayload())
    assert house.db.look(lambda read: list(find_overdue(read, 0))) == []


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_what_has_reached_its_time_is_found_by_an_index(db: Database) -> None:
    found = db.look(explain, select_expired(before=0))
    assert "ix_chat_event_expiry" in found
    found = db.look(explain, select_outlived("!a", before=0))
    assert "ix_chat_event_lifetime" in found
