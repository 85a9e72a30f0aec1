"""Sending and redacting over HTTP."""

from typing import Any

import pytest
import sqlalchemy as sa

from teahouse.chat.event_store.queries import find_events
from teahouse.chat.messages.queries import find_bundles
from teahouse.platform.db import Database, Read
from tests.kit.chat_house import Guest

pytestmark = pytest.mark.anyio


def _reaction(event_id: object, key: object = "👍") -> dict[str, Any]:
    return {"m.relates_to": {"rel_type": "m.annotation", "event_id": event_id, "key": key}}


async def test_a_retry_sends_once(ada: Guest) -> None:
    room = await ada.create_room()
    path = f"/rooms/{room}/send/m.room.message/once"
    first = await ada.change("PUT", path, {"body": "tea", "msgtype": "m.text"})
    again = await ada.change("PUT", path, {"body": "tea", "msgtype": "m.text"})
    assert first == again
    page = await ada.get(f"/rooms/{room}/messages", dir="b")
    assert [e["event_id"] for e in page["chunk"]].count(first["event_id"]) == 1


async def test_a_redaction_empties_and_is_told(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room()
    await ben.join(room)
    said = await ada.say(room, "secret")
    refused = await ben.call("PUT", f"/rooms/{room}/redact/{said}/1", {})
    assert (refused.status_code, refused.json()["errcode"]) == (403, "M_FORBIDDEN")
    redaction = await ada.redact(room, said)
    event = await ben.get(f"/rooms/{room}/event/{said}")
    assert event["content"] == {}
    assert event["unsigned"]["redacted_because"]["event_id"] == redaction


@pytest.mark.parametrize("version", ["10", "11", "12"])
async def test_a_redaction_may_be_sent_like_a_message(ada: Guest, version: str) -> None:
    room = await ada.create_room(room_version=version)
    said = await ada.say(room, "secret")
    redaction = await ada.send(room, {"redacts": said, "reason": "oops"}, "m.room.redaction")
    event = await ada.get(f"/rooms/{room}/event/{said}")
    assert event["content"] == {}
    because = event["unsigned"]["redacted_because"]
    assert because["event_id"] == redaction
    assert because["content"]["reason"] == "oops"
    assert said in {because.get("redacts"), because["content"].get("redacts")}
    for content in ({}, {"redacts": 1}, {"redacts": ""}):
        refused = await ada.call("PUT", f"/rooms/{room}/send/m.room.redaction/x", content)
        assert (refused.status_code, refused.json()["errcode"]) == (400, "M_BAD_JSON")
    refused = await ada.call(
        "PUT", f"/rooms/{room}/send/m.room.redaction/y", {"redacts": "$unknown"}
    )
    assert (refused.status_code, refused.json()["errcode"]) == (404, "M_NOT_FOUND")


async def test_the_same_reaction_is_refused_until_the_first_is_gone(ada: Guest) -> None:
    room = await ada.create_room()
    said = await ada.say(room, "tea?")
    first = await ada.send(room, _reaction(said), "m.reaction")
    path = f"/rooms/{room}/send/m.reaction/again"
    refused = await ada.call("PUT", path, _reaction(said))
    assert (refused.status_code, refused.json()["errcode"]) == (400, "M_DUPLICATE_ANNOTATION")
    await ada.send(room, _reaction(said, "☕"), "m.reaction")
    await ada.redact(room, first)
    await ada.send(room, _reaction(said), "m.reaction")


@pytest.mark.parametrize("event_id", [{}, [], 1, None, "", "x" * 300])
async def test_a_relation_to_nonsense_relates_to_nothing(ada: Guest, event_id: object) -> None:
    room = await ada.create_room()
    await ada.send(room, _reaction(event_id), "m.reaction")
    await ada.send(room, _reaction(event_id), "m.reaction")


async def test_edits_count_only_where_they_are_valid(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room()
    await ben.join(room)
    said = await ada.say(room, "first")
    relation = {"m.relates_to": {"rel_type": "m.replace", "event_id": said}}
    new = {"m.new_content": {"msgtype": "m.text", "body": "second"}}
    await ben.say(room, "* his", **relation, **new)
    await ada.send(room, {**relation, **new}, "org.example.other")
    await ada.say(room, "* without", **relation)
    event = await ada.get(f"/rooms/{room}/event/{said}")
    assert "m.relations" not in event["unsigned"]
    edit = await ada.say(room, "* second", **relation, **new)
    event = await ben.get(f"/rooms/{room}/event/{said}")
    bundled = event["unsigned"]["m.relations"]["m.replace"]
    assert (bundled["event_id"], bundled["room_id"]) == (edit, room)
    await ada.redact(room, edit)
    event = await ben.get(f"/rooms/{room}/event/{said}")
    assert "m.relations" not in event["unsigned"]


async def test_a_relation_from_another_room_is_not_told(ada: Guest, ben: Guest) -> None:
    room, other = await ada.create_room(), await ben.create_room()
    said = await ada.say(room, "here")
    for rel_type in ("m.thread", "m.reference"):
        await ben.say(other, "there", **{"m.relates_to": {"rel_type": rel_type, "event_id": said}})
    event = await ada.get(f"/rooms/{room}/event/{said}")
    assert "m.relations" not in event["unsigned"]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_bundles_are_found_by_relation_never_by_room(db: Database, ada: Guest) -> None:
    room = await ada.create_room()
    said = await ada.say(room, "root")
    for rel_type in ("m.thread", "m.reference", "m.replace"):
        relation = {"m.relates_to": {"rel_type": rel_type, "event_id": said}}
        await ada.say(room, "x", **relation, **{"m.new_content": {"body": "y"}})

    def read_plans(read: Read) -> list[str]:
        events = list(find_events(read, [said]).values())
        statements: list[tuple[str, Any]] = []

        def note(*call: Any) -> None:
            statements.append((call[2], call[3]))

        sa.event.listen(read.conn, "before_cursor_execute", note)
        find_bundles(read, events, ada.user_id)
        sa.event.remove(read.conn, "before_cursor_execute", note)
        return [
            str(row[-1])
            for statement, values in statements
            for row in read.conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]

    plans = "\n".join(db.look(read_plans))
    assert "ix_chat_event_relation" in plans
    assert "ix_chat_event_room" not in plans
    assert "ix_chat_event_thread" not in plans
