"""What passes a filter."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.chat.filters import rules
from teahouse.chat.filters.errors import FilterTooLarge, InvalidFilter
from teahouse.chat.filters.types import (
    LIMIT_MAX,
    EventFilter,
    Filter,
    FilteredEvent,
    RoomEventFilter,
    RoomFilter,
)
from teahouse.platform.json import JsonObject

MESSAGE = FilteredEvent("m.room.message", "@ada:tea", "!a:tea", {"body": "hi"})
IMAGE = FilteredEvent("m.room.message", "@ben:tea", "!b:tea", {"url": "mxc://tea/1"})
RECEIPT = FilteredEvent("m.receipt", room_id="!a:tea")


@pytest.mark.parametrize(
    ("definition", "message_passes", "image_passes"),
    [
        ({}, True, True),
        ({"types": []}, False, False),
        ({"types": ["m.room.message"]}, True, True),
        ({"types": ["m.room.*"]}, True, True),
        ({"types": ["*"]}, True, True),
        ({"types": ["m.*.mess*e"]}, True, True),
        ({"types": ["m.room.member", "m.ro"]}, False, False),
        ({"types": ["M.ROOM.MESSAGE"]}, False, False),
        ({"types": ["m?room?message"]}, False, False),
        ({"not_types": ["m.room.*"]}, False, False),
        ({"types": ["m.room.message"], "not_types": ["m.room.message"]}, False, False),
        ({"senders": ["@ada:tea"]}, True, False),
        ({"senders": []}, False, False),
        ({"not_senders": ["@ada:tea"]}, False, True),
        ({"senders": ["@ada:tea"], "not_senders": ["@ada:tea"]}, False, False),
        ({"rooms": ["!a:tea"]}, True, False),
        ({"rooms": []}, False, False),
        ({"not_rooms": ["!a:tea"]}, False, True),
        ({"contains_url": True}, False, True),
        ({"contains_url": False}, True, False),
        ({"contains_url": None, "types": None, "org.example.unknown": 1}, True, True),
    ],
)
def test_an_event_passes_what_names_it(
    definition: JsonObject,
    message_passes: bool,  # noqa: FBT001 - a column of the table
    image_passes: bool,  # noqa: FBT001 - the same
) -> None:
    event_filter = msgspec.convert(definition, RoomEventFilter)
    assert rules.matches_event(event_filter, MESSAGE) is message_passes
    assert rules.matches_event(event_filter, IMAGE) is image_passes


def test_what_has_no_sender_passes_any_senders() -> None:
    event_filter = RoomEventFilter(senders=frozenset(["@ada:tea"]))
    assert rules.matches_event(event_filter, RECEIPT)
    assert not rules.matches_event(RoomEventFilter(types=("m.typing",)), RECEIPT)


def test_a_filter_for_events_of_no_room_does_not_ask_for_rooms() -> None:
    assert rules.matches_event(EventFilter(types=("m.*",)), FilteredEvent("m.direct"))


def test_a_room_passes_what_names_it() -> None:
    assert rules.matches_room(RoomFilter(), "!a:tea")
    assert not rules.matches_room(RoomFilter(rooms=frozenset()), "!a:tea")
    both = RoomFilter(rooms=frozenset(["!a:tea"]), not_rooms=frozenset(["!a:tea"]))
    assert not rules.matches_room(both, "!a:tea")


@pytest.mark.parametrize(
    ("limit", "expected"), [(None, 10), (0, 1), (1, 1), (50, 50), (10**9, LIMIT_MAX)]
)
def test_a_limit_has_bounds(limit: int | None, expected: int) -> None:
    assert RoomEventFilter(limit=limit).limit_or(10) == expected


@given(st.lists(st.text("a*", max_size=4), max_size=3), st.text("ab", max_size=8))
def test_a_wildcard_stands_for_any_characters(patterns: list[str], text: str) -> None:
    def slow(pattern: str, rest: str) -> bool:
        if not pattern:
            return not rest
        if pattern[0] == "*":
            return any(slow(pattern[1:], rest[i:]) for i in range(len(rest) + 1))
        return rest[:1] == pattern[0] and slow(pattern[1:], rest[1:])

    expected = any(slow(pattern, text) for pattern in patterns)
    assert rules.matches_type(EventFilter(types=tuple(patterns)), text) is expected


def test_a_hostile_pattern_takes_no_long_time() -> None:
    pattern = "*a" * 2000 + "*b"
    assert not rules.matches_type(EventFilter(types=(pattern,)), "a" * 4000)


def test_an_elements_filter_is_read() -> None:
    read = rules.decode_filter(
        '{"room":{"timeline":{"limit":20,"unread_thread_notifications":true},'
        '"state":{"lazy_load_members":true},"include_leave":true}}'
    )
    assert read.room.timeline.limit_or(10) == 20
    assert read.room.timeline.unread_thread_notifications
    assert read.room.state.lazy_load_members
    assert not read.room.state.include_redundant_members
    assert read.room.include_leave
    assert read.event_format == "client"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        '{"room":[]}',
        '{"room":{"timeline":{"limit":-1}}}',
        '{"room":{"timeline":{"limit":"ten"}}}',
        '{"room":{"timeline":{"types":"m.room.message"}}}',
        '{"event_format":"other"}',
        '{"event_fields":[1]}',
        b'{"room":"\xff"}',
        '{"room":' * 5000,
    ],
)
def test_a_filter_of_another_shape_is_refused(text: str | bytes) -> None:
    with pytest.raises(InvalidFilter):
        rules.decode_filter(text)


def test_a_filter_has_a_limit() -> None:
    long = '{"event_fields":["' + "x" * rules.FILTER_BYTES_MAX + '"]}'
    with pytest.raises(FilterTooLarge):
        rules.decode_filter(long)
    with pytest.raises(FilterTooLarge):
        rules.encode_canonical({"event_fields": ["x" * rules.FILTER_BYTES_MAX]})


def test_the_filter_of_messages_is_json() -> None:
    assert rules.decode_room_event_filter(None) == RoomEventFilter()
    read = rules.decode_room_event_filter('{"lazy_load_members":true}')
    assert read.lazy_load_members
    with pytest.raises(InvalidFilter):
        rules.decode_room_event_filter("1")


def test_equal_filters_have_one_id() -> None:
    one: JsonObject = {"room": {"rooms": []}, "event_format": "client"}
    other: JsonObject = {"event_format": "client", "room": {"rooms": []}}
    ids = {rules.compute_filter_id(rules.encode_canonical(f)) for f in (one, other)}
    assert len(ids) == 1
    assert not ids.pop().startswith("{")
    assert rules.decode_filter(rules.encode_canonical(one)) == Filter(
        room=RoomFilter(rooms=frozenset())
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["type"], {"type": "m.room.message"}),
        (["content.body", "sender"], {"content": {"body": "hi"}, "sender": "@ada:tea"}),
        (["content.unknown", "unknown.x", "type.x"], {"content": {}}),
        (["content", "content.body"], {"content": {"body": "hi", "m.x": {"y": 1}}}),
        (["content.body", "content"], {"content": {"body": "hi", "m.x": {"y": 1}}}),
        ([r"content.m\.x.y"], {"content": {"m.x": {"y": 1}}}),
        ([], {}),
    ],
)
def test_fields_are_picked(fields: list[str], expected: Any) -> None:
    event: JsonObject = {
        "type": "m.room.message",
        "sender": "@ada:tea",
        "content": {"body": "hi", "m.x": {"y": 1}},
    }
    before = msgspec.json.encode(event)
    assert rules.pick_fields(event, fields) == expected
    assert msgspec.json.encode(event) == before
