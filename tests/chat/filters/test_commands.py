"""Storing and finding filters, on both databases."""

import pytest

from teahouse.chat.filters import commands, queries, rules
from teahouse.chat.filters.errors import (
    FilterNotFound,
    InvalidFilter,
    NotYourFilter,
    TooManyFilters,
    UnknownFilter,
)
from teahouse.chat.filters.personal_data import erase_member, export_member
from teahouse.chat.filters.types import EVERYTHING
from teahouse.platform.db import Database
from teahouse.platform.json import JsonObject
from teahouse.platform.requester import Requester

ADA, BEN = "@ada:tea", "@ben:tea"
REQUESTER = Requester(user_id=ADA)
DEFINITION: JsonObject = {"room": {"timeline": {"limit": 7}}, "org.example": {"kept": True}}


def put(db: Database, definition: JsonObject = DEFINITION) -> str:
    return db.run(commands.put_filter, REQUESTER, user_id=ADA, definition=definition)


def test_a_stored_filter_is_found_by_its_id(db: Database) -> None:
    filter_id = put(db)
    assert db.look(queries.find_filter, ADA, filter_id).room.timeline.limit == 7
    found = db.look(queries.find_own_definition, REQUESTER, user_id=ADA, filter_id=filter_id)
    assert found == b'{"org.example":{"kept":true},"room":{"timeline":{"limit":7}}}'


def test_the_same_filter_is_stored_once(db: Database) -> None:
    assert put(db) == put(db, dict(reversed(DEFINITION.items())))
    assert len(db.look(queries.list_definitions, ADA)) == 1


def test_a_request_may_carry_the_filter_itself(db: Database) -> None:
    read = db.look(queries.find_filter, ADA, '{"room":{"timeline":{"limit":3}}}')
    assert read.room.timeline.limit == 3
    assert db.look(queries.find_filter, ADA, None) == EVERYTHING
    with pytest.raises(InvalidFilter):
        db.look(queries.find_filter, ADA, "{nonsense}")


def test_others_filters_are_neither_found_nor_stored(db: Database) -> None:
    filter_id = put(db)
    ben = Requester(user_id=BEN)
    with pytest.raises(NotYourFilter):
        db.look(queries.find_own_definition, ben, user_id=ADA, filter_id=filter_id)
    with pytest.raises(NotYourFilter):
        db.run(commands.put_filter, ben, user_id=ADA, definition={})
    with pytest.raises(FilterNotFound):
        db.look(queries.find_own_definition, ben, user_id=BEN, filter_id=filter_id)
    with pytest.raises(UnknownFilter):
        db.look(queries.find_filter, BEN, filter_id)


def test_a_filter_of_another_shape_is_not_stored(db: Database) -> None:
    with pytest.raises(InvalidFilter):
        put(db, {"room": {"timeline": {"limit": "many"}}})
    assert db.look(queries.list_definitions, ADA) == []


def test_a_member_has_a_limited_number(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "FILTERS_MAX", 1)
    first = put(db)
    with pytest.raises(TooManyFilters):
        put(db, {})
    assert put(db) == first


def test_a_member_can_export_and_erase_them(db: Database) -> None:
    put(db)
    assert db.look(export_member, ADA) == {"filters": [DEFINITION]}
    db.run(erase_member, ADA)
    assert db.look(queries.list_definitions, ADA) == []
