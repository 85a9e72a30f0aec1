"""Full-text search over HTTP."""

from typing import Any

import pytest
import sqlalchemy as sa

from teahouse.chat.event_store.announcements import HistoryRemoved
from teahouse.chat.event_store.queries import find_event
from teahouse.chat.event_store.tables import chat_event
from teahouse.chat.search.queries import select_places
from teahouse.chat.search.rules import list_terms
from teahouse.chat.search.tables import chat_search_event, chat_search_word
from teahouse.platform.db import Database, Read, Tx
from tests.kit.chat_house import Guest
from tests.kit.query_plans import explain

pytestmark = pytest.mark.anyio


async def _search(guest: Guest, term: str, *, token: str | None = None, **criteria: Any) -> Any:
    done = await guest.call(
        "POST",
        "/search",
        {"search_categories": {"room_events": {"search_term": term, **criteria}}},
        params={} if token is None else {"next_batch": token},
    )
    assert done.status_code == 200, done.text
    return done.json()["search_categories"]["room_events"]


def _ids(found: Any) -> list[str]:
    return [result["result"]["event_id"] for result in found["results"]]


def count_words(read: Read) -> tuple[int, int]:
    return (
        read.conn.execute(sa.select(sa.func.count()).select_from(chat_search_word)).scalar_one(),
        read.conn.execute(sa.select(sa.func.count()).select_from(chat_search_event)).scalar_one(),
    )


async def test_all_words_must_occur(ada: Guest) -> None:
    room = await ada.create_room()
    both = await ada.say(room, "Green tea from Hangzhou")
    await ada.say(room, "Green coffee")
    other = await ada.say(room, "今天喝龙井茶吗")
    found = await _search(ada, "TEA green")
    assert (_ids(found), found["count"]) == ([both], 1)
    assert found["highlights"] == ["tea", "green"]
    assert found["results"][0]["rank"] == 0.5
    assert found["results"][0]["result"]["room_id"] == room
    for term in ("龙井茶", "茶", "喝", "吗"):
        assert _ids(await _search(ada, term)) == [other], term
    assert (await _search(ada, "井龙"))["results"] == []
    assert (await _search(ada, "?!"))["count"] == 0


async def test_names_and_topics_are_found_by_key(ada: Guest) -> None:
    room = await ada.create_room(name="Tea room", topic="about tea")
    said = await ada.say(room, "tea")

    async def find(*keys: str) -> set[str]:
        found = await _search(ada, "tea", keys=list(keys))
        return {result["result"]["type"] for result in found["results"]}

    assert await find() == {"m.room.message", "m.room.name", "m.room.topic"}
    assert await find("content.name") == {"m.room.name"}
    assert _ids(await _search(ada, "tea", keys=["content.body"])) == [said]


async def test_only_own_rooms_and_what_was_visible_are_searched(ada: Guest, ben: Guest) -> None:
    joined_only = [
        {"type": "m.room.history_visibility", "content": {"history_visibility": "joined"}}
    ]
    room = await ada.create_room(initial_state=joined_only)
    other = await ada.create_room()
    await ada.say(room, "tea before")
    await ada.say(other, "tea elsewhere")
    assert (await _search(ben, "tea"))["results"] == []
    await ben.join(room)
    seen = await ada.say(room, "tea together")
    assert _ids(await _search(ben, "tea")) == [seen]
    await ben.leave(room)
    assert (await _search(ben, "tea"))["results"] == []


async def test_encrypted_rooms_leave_no_words(ada: Guest, db: Database) -> None:
    encrypted = {"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
    before = db.look(count_words)
    room = await ada.create_room(initial_state=[encrypted], name="Secret tea", topic="tea")
    await ada.say(room, "a client's mistake about tea")
    assert db.look(count_words) == before
    assert (await _search(ada, "tea"))["results"] == []


async def test_what_was_redacted_is_not_found_and_leaves_no_words(ada: Guest, db: Database) -> None:
    room = await ada.create_room()
    before = db.look(count_words)
    said = await ada.say(room, "tea tea 龙井")
    assert _ids(await _search(ada, "tea")) == [said]
    await ada.redact(room, said)
    assert (await _search(ada, "tea"))["results"] == []
    assert db.look(count_words) == before


async def test_what_was_destroyed_leaves_no_words(ada: Guest, db: Database) -> None:
    room = await ada.create_room()
    before = db.look(count_words)
    gone = await ada.say(room, "old tea")
    kept = await ada.say(room, "new tea")

    def destroy(tx: Tx) -> None:
        event = find_event(tx, room, gone)
        assert event is not None
        tx.conn.execute(sa.delete(chat_event).where(chat_event.c.position == event.position))
        tx.announce(HistoryRemoved(room, event.position))

    db.run(destroy)
    assert _ids(await _search(ada, "tea")) == [kept]
    words, events = db.look(count_words)
    assert (words - before[0], events - before[1]) == (2, 1)


async def test_results_are_paged_in_either_order(ada: Guest) -> None:
    room = await ada.create_room()
    said = [await ada.say(room, "tea" + " and more" * number) for number in range(5)]
    for order, expected in (("recent", said[::-1]), ("rank", said)):
        seen: list[str] = []
        token = None
        while True:
            found = await _search(ada, "tea", token=token, order_by=order, filter={"limit": 2})
            seen += _ids(found)
            token = found.get("next_batch")
            if token is None:
                break
        assert seen == expected, order


async def test_filters_and_ignored_members(ada: Guest, ben: Guest) -> None:
    room, other = await ada.create_room(), await ada.create_room()
    await ben.join(room)
    hers, his = await ada.say(room, "tea hers"), await ben.say(room, "tea his")
    elsewhere = await ada.say(other, "tea elsewhere")
    find = {"order_by": "recent"}
    assert _ids(await _search(ada, "tea", **find)) == [elsewhere, his, hers]
    assert _ids(await _search(ada, "tea", filter={"rooms": [other]}, **find)) == [elsewhere]
    assert _ids(await _search(ada, "tea", filter={"senders": [ben.user_id]}, **find)) == [his]
    path = f"/user/{ada.user_id}/account_data/m.ignored_user_list"
    await ada.change("PUT", path, {"ignored_users": {ben.user_id: {}}})
    assert _ids(await _search(ada, "tea", **find)) == [elsewhere, hers]


async def test_results_come_with_context_state_and_groups(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room(topic="cups")
    await ben.join(room)
    around = [await ben.say(room, f"m{number}") for number in range(3)]
    said = await ada.say(room, "tea")
    after = await ben.say(room, "m3")
    found = await _search(
        ada,
        "tea",
        event_context={"before_limit": 2, "after_limit": 1, "include_profile": True},
        include_state=True,
        groupings={"group_by": [{"key": "room_id"}, {"key": "sender"}]},
    )
    context = found["results"][0]["context"]
    assert [e["event_id"] for e in context["events_before"]] == around[:0:-1]
    assert [e["event_id"] for e in context["events_after"]] == [after]
    assert context["profile_info"][ben.user_id]["displayname"] == "ben"
    earlier = await ada.get(
        f"/rooms/{room}/messages", dir="b", limit=1, **{"from": context["start"]}
    )
    assert earlier["chunk"][0]["event_id"] == around[0]
    assert {e["type"] for e in found["state"][room]} >= {"m.room.create", "m.room.topic"}
    assert found["groups"]["room_id"][room]["results"] == [said]
    assert found["groups"]["sender"][ada.user_id]["order"] == 0


@pytest.mark.parametrize(
    ("criteria", "errcode"),
    [
        ({}, "M_BAD_JSON"),
        ({"search_term": 1}, "M_BAD_JSON"),
        ({"search_term": "x", "keys": ["content.secret"]}, "M_BAD_JSON"),
        ({"search_term": "x", "order_by": "size"}, "M_BAD_JSON"),
        ({"search_term": "x", "event_context": {"before_limit": -1}}, "M_BAD_JSON"),
        ({"search_term": "x", "filter": {"types": "y"}}, "M_BAD_JSON"),
    ],
)
async def test_nonsense_is_refused(ada: Guest, criteria: dict[str, Any], errcode: str) -> None:
    refused = await ada.call("POST", "/search", {"search_categories": {"room_events": criteria}})
    assert (refused.status_code, refused.json()["errcode"]) == (400, errcode)


async def test_a_token_of_another_search_is_refused(ada: Guest) -> None:
    body = {"search_categories": {"room_events": {"search_term": "x", "order_by": "recent"}}}
    for token in ("r10", "p", "t5", "p" + "9" * 30):
        refused = await ada.call("POST", "/search", body, params={"next_batch": token})
        assert (refused.status_code, refused.json()["errcode"]) == (400, "M_INVALID_PARAM")
    nothing = await ada.change("POST", "/search", {"search_categories": {}})
    assert nothing == {"search_categories": {}}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_words_are_found_by_the_index(db: Database) -> None:
    plan = db.look(explain, select_places(["!a", "!b"], list_terms("green tea 茶"), before=9))
    assert "SCAN chat_search_word" not in plan
    assert plan.count("USING PRIMARY KEY (room_id=? AND word") == 3
