"""What must hold of account data."""

import pytest

from teahouse.chat.account_data import rules
from teahouse.chat.account_data.errors import (
    AccountDataTooLarge,
    InvalidDataType,
    InvalidRoomId,
    InvalidTag,
    KeptByTheServer,
    TooManyTags,
)
from teahouse.platform.errors import BadJson
from teahouse.platform.json import Json, JsonObject


@pytest.mark.parametrize("data_type", ["", "x" * 256, "é" * 128])
def test_a_type_has_between_1_and_255_bytes(data_type: str) -> None:
    with pytest.raises(InvalidDataType):
        rules.check_client_may_change(data_type)


@pytest.mark.parametrize("data_type", ["m.fully_read", "m.push_rules"])
def test_a_client_may_not_change_what_has_its_own_endpoint(data_type: str) -> None:
    with pytest.raises(KeptByTheServer):
        rules.check_client_may_change(data_type)


@pytest.mark.parametrize("room_id", ["", "room", "#room:tea", "!" + "x" * 255])
def test_a_room_id_has_its_form(room_id: str) -> None:
    with pytest.raises(InvalidRoomId):
        rules.check_room_id(room_id)


def test_a_content_has_a_limit() -> None:
    fitting: JsonObject = {"a": "x" * (rules.CONTENT_BYTES_MAX - len('{"a":""}'))}
    assert len(rules.encode_content(fitting)) == rules.CONTENT_BYTES_MAX
    with pytest.raises(AccountDataTooLarge):
        rules.encode_content(fitting | {"b": 1})


@pytest.mark.parametrize("content", [{}, {"tags": None}, {"tags": []}, {"tags": "m.favourite"}])
def test_a_tag_is_added_to_whatever_a_client_has_written(content: JsonObject) -> None:
    assert rules.add_tag(content, "u.work", {"order": 1}) == {"tags": {"u.work": {"order": 1}}}


def test_a_tag_keeps_what_else_stands_there() -> None:
    content: JsonObject = {"tags": {"m.favourite": {"order": 0.5}}, "org.example": 1}
    added = rules.add_tag(content, "u.work", {})
    assert added == {"tags": {"m.favourite": {"order": 0.5}, "u.work": {}}, "org.example": 1}
    assert rules.remove_tag(added, "u.work") == content
    assert rules.remove_tag(content, "u.unknown") == content


@pytest.mark.parametrize("order", [True, "0.5", [], {}])
def test_the_order_of_a_tag_is_a_number(order: Json) -> None:
    with pytest.raises(BadJson):
        rules.add_tag({}, "u.work", {"order": order})


@pytest.mark.parametrize("tag", ["", "x" * 256])
def test_a_tag_has_a_name(tag: str) -> None:
    with pytest.raises(InvalidTag):
        rules.add_tag({}, tag, {})


def test_a_room_has_a_limited_number_of_tags() -> None:
    full: JsonObject = {"tags": {f"u.{i}": {} for i in range(rules.TAGS_MAX)}}
    with pytest.raises(TooManyTags):
        rules.add_tag(full, "u.more", {})
    assert rules.add_tag(full, "u.0", {"order": 0})["tags"] != full["tags"]


@pytest.mark.parametrize("content", [{}, {"ignored_users": []}, {"ignored_users": "@a:tea"}])
def test_nobody_is_ignored_by_a_list_of_another_shape(content: JsonObject) -> None:
    assert rules.list_ignored(content, of="@me:tea") == frozenset()


def test_nobody_can_ignore_themself() -> None:
    content: JsonObject = {"ignored_users": {"@a:tea": {}, "@me:tea": {}}}
    assert rules.list_ignored(content, of="@me:tea") == {"@a:tea"}
