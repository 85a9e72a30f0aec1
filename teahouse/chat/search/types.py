"""What is asked and answered of search.

Source: Client-Server API, `POST /search` (`search.yaml`).
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from teahouse.chat.filters.types import RoomEventFilter

Key: TypeAlias = Literal["content.body", "content.name", "content.topic"]
GroupKey: TypeAlias = Literal["room_id", "sender"]
_Count = Annotated[int, msgspec.Meta(ge=0)]


class Term(msgspec.Struct, frozen=True):
    """A word to look for.

    Attributes:
        is_prefix: whether words that begin so are meant too.
    """

    word: str
    is_prefix: bool = False


class ContextWanted(msgspec.Struct, frozen=True):
    """How much is to be shown around a result."""

    before_limit: _Count = 5
    after_limit: _Count = 5
    include_profile: bool = False


class GroupWanted(msgspec.Struct, frozen=True):
    """By what results are grouped."""

    key: GroupKey


class GroupingsWanted(msgspec.Struct, frozen=True):
    """By what results are grouped, in several ways."""

    group_by: list[GroupWanted] = []


class Criteria(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for in rooms."""

    search_term: str
    keys: list[Key] | None = None
    filter: RoomEventFilter = RoomEventFilter()
    order_by: Literal["recent", "rank"] = "rank"
    event_context: ContextWanted | None = None
    include_state: bool = False
    groupings: GroupingsWanted = GroupingsWanted()


class Categories(msgspec.Struct, frozen=True):
    """Where to look."""

    room_events: Criteria | None = None


class SearchBody(msgspec.Struct, frozen=True):
    """The body of `/search`."""

    search_categories: Categories


class ProfileShown(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a sender showed at the time."""

    displayname: str | None = None
    avatar_url: str | None = None


class ContextShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is around a result."""

    start: str
    end: str
    events_before: list[msgspec.Raw]
    events_after: list[msgspec.Raw]
    profile_info: dict[str, ProfileShown] | None = None


class Result(msgspec.Struct, frozen=True, omit_defaults=True):
    """One result."""

    rank: float
    result: msgspec.Raw
    context: ContextShown | None = None


class Group(msgspec.Struct, frozen=True):
    """The results of one room or sender."""

    results: list[str]
    order: int


class RoomResults(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was found in rooms."""

    count: int
    highlights: list[str]
    results: list[Result]
    state: dict[str, list[msgspec.Raw]] | None = None
    groups: dict[str, dict[str, Group]] | None = None
    next_batch: str | None = None


class CategoriesFound(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was found where."""

    room_events: RoomResults | None = None


class SearchAnswer(msgspec.Struct, frozen=True):
    """The answer of `/search`."""

    search_categories: CategoriesFound
