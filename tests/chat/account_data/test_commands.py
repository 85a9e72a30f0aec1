"""Storing and finding account data, on both databases."""

import pytest

from teahouse.chat.account_data import commands, queries, rules
from teahouse.chat.account_data.announcements import AccountDataChanged
from teahouse.chat.account_data.errors import (
    AccountDataNotFound,
    InvalidRoomId,
    KeptByTheServer,
    NotYourAccountData,
    TooMuchAccountData,
)
from teahouse.chat.account_data.personal_data import erase_member, export_member
from teahouse.platform.announcements import Announcement
from teahouse.platform.db import Database
from teahouse.platform.json import JsonObject
from teahouse.platform.requester import Requester

ADA, BEN = "@ada:tea", "@ben:tea"
REQUESTER = Requester(user_id=ADA)
ROOM = "!room:tea"


def put(
    db: Database, content: JsonObject, *, room_id: str = "", data_type: str = "org.example"
) -> None:
    db.run(
        commands.put_account_data,
        REQUESTER,
        user_id=ADA,
        room_id=room_id,
        data_type=data_type,
        content=content,
    )


def test_what_is_stored_is_found_again(db: Database) -> None:
    put(db, {"a": "é\u2028😀"})
    put(db, {"a": 2}, room_id=ROOM)
    found = db.look(queries.find_own_account_data, REQUESTER, user_id=ADA, data_type="org.example")
    assert found == '{"a":"é\u2028😀"}'.encode()
    found = db.look(
        queries.find_own_account_data,
        REQUESTER,
        user_id=ADA,
        room_id=ROOM,
        data_type="org.example",
    )
    assert found == b'{"a":2}'


def test_others_account_data_is_neither_found_nor_changed(db: Database) -> None:
    db.run(commands.store_account_data, BEN, data_type="org.example", content={"a": 1})
    with pytest.raises(NotYourAccountData):
        db.look(queries.find_own_account_data, REQUESTER, user_id=BEN, data_type="org.example")
    with pytest.raises(NotYourAccountData):
        db.run(
            commands.put_account_data,
            REQUESTER,
            user_id=BEN,
            data_type="org.example",
            content={"a": 2},
        )
    with pytest.raises(NotYourAccountData):
        db.run(commands.put_tag, REQUESTER, user_id=BEN, room_id=ROOM, tag="u.work", details={})
    with pytest.raises(NotYourAccountData):
        db.run(commands.delete_tag, REQUESTER, user_id=BEN, room_id=ROOM, tag="u.work")
    with pytest.raises(NotYourAccountData):
        db.look(queries.list_own_tags, REQUESTER, user_id=BEN, room_id=ROOM)
    assert db.look(queries.find_content, BEN, data_type="org.example") == b'{"a":1}'


def test_what_was_never_stored_is_not_found(db: Database) -> None:
    with pytest.raises(AccountDataNotFound):
        db.look(queries.find_own_account_data, REQUESTER, user_id=ADA, data_type="org.example")
    with pytest.raises(InvalidRoomId):
        db.look(
            queries.find_own_account_data,
            REQUESTER,
            user_id=ADA,
            room_id="@no:room",
            data_type="org.example",
        )


def test_the_server_keeps_what_a_client_may_not_change(db: Database) -> None:
    with pytest.raises(KeptByTheServer):
        put(db, {"event_id": "$a"}, room_id=ROOM, data_type="m.fully_read")
    db.run(
        commands.store_account_data,
        ADA,
        room_id=ROOM,
        data_type="m.fully_read",
        content={"event_id": "$a"},
    )
    assert db.look(queries.find_room_account_data, ADA, ROOM) == [
        ("m.fully_read", b'{"event_id":"$a"}')
    ]


def test_only_a_change_takes_a_position_and_is_announced(db: Database) -> None:
    heard: list[Announcement] = []
    db.listen(lambda announcements, _: heard.extend(announcements))
    put(db, {"a": 1})
    put(db, {"a": 1})
    put(db, {"a": 2}, room_id=ROOM)
    first, second = heard
    assert isinstance(first, AccountDataChanged)
    assert isinstance(second, AccountDataChanged)
    assert (first.room_id, second.room_id) == (None, ROOM)
    assert second.position == first.position + 1 == db.position


def test_what_changed_since_is_found_in_order(db: Database) -> None:
    put(db, {"n": 1}, data_type="first")
    put(db, {"n": 1}, data_type="second")
    middle = db.position
    put(db, {"n": 2}, data_type="first")
    put(db, {"n": 1}, data_type="third", room_id=ROOM)
    end = db.position
    put(db, {"n": 1}, data_type="later")
    since = db.look(queries.find_account_data_since, ADA, middle, end)
    assert since == ([("first", b'{"n":2}')], {ROOM: [("third", b'{"n":1}')]})
    everything = db.look(queries.find_account_data, ADA)
    assert [entry[0] for entry in everything[0]] == ["second", "first", "later"]
    assert db.look(queries.find_account_data_since, BEN, 0, end) == ([], {})
    assert [entry[0] for entry in db.look(queries.find_global_account_data, ADA)] == [
        "second",
        "first",
        "later",
    ]


def test_a_room_is_tagged_and_untagged(db: Database) -> None:
    def tags() -> JsonObject:
        return db.look(queries.list_own_tags, REQUESTER, user_id=ADA, room_id=ROOM)

    assert tags() == {}
    tagged: list[tuple[str, JsonObject]] = [("u.work", {"order": 0.1}), ("m.favourite", {})]
    for tag, details in tagged:
        db.run(commands.put_tag, REQUESTER, user_id=ADA, room_id=ROOM, tag=tag, details=details)
    assert tags() == {"u.work": {"order": 0.1}, "m.favourite": {}}
    db.run(commands.delete_tag, REQUESTER, user_id=ADA, room_id=ROOM, tag="u.work")
    db.run(commands.delete_tag, REQUESTER, user_id=ADA, room_id=ROOM, tag="u.unknown")
    assert tags() == {"m.favourite": {}}
    assert db.look(queries.find_room_account_data, ADA, ROOM) == [
        ("m.tag", b'{"tags":{"m.favourite":{}}}')
    ]


def test_the_ignored_are_found(db: Database) -> None:
    assert db.look(queries.find_ignored, ADA) == frozenset()
    put(db, {"ignored_users": {BEN: {}}}, data_type="m.ignored_user_list")
    assert db.look(queries.find_ignored, ADA) == {BEN}


def test_a_member_keeps_a_limited_number(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "ENTRIES_MAX", 2)
    put(db, {}, data_type="first")
    put(db, {}, data_type="second")
    with pytest.raises(TooMuchAccountData):
        put(db, {}, data_type="third")
    put(db, {"a": 1}, data_type="first")
    assert db.look(queries.find_content, ADA, data_type="third") is None


def test_a_member_can_export_and_erase_it(db: Database) -> None:
    put(db, {"a": 1})
    put(db, {"a": 2}, room_id=ROOM)
    db.run(commands.store_account_data, BEN, data_type="org.example", content={"b": 1})
    exported = db.look(export_member, ADA)
    assert set(exported) == {"account_data", "rooms"}
    db.run(erase_member, ADA)
    assert db.look(queries.find_account_data, ADA) == ([], {})
    assert db.look(queries.find_content, BEN, data_type="org.example") == b'{"b":1}'
