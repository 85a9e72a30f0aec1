"""Searching: only rooms the member is in, only what they may see there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec
import sqlalchemy as sa

from teahouse.chat.account_data.queries import find_ignored
from teahouse.chat.event_store.queries import find_events_at
from teahouse.chat.event_store.types import StoredEvent, decode_content
from teahouse.chat.filters.rules import matches_room
from teahouse.chat.history.queries import find_around, find_senders, render
from teahouse.chat.history.rules import has_wanted_url, is_visible, may_pass
from teahouse.chat.room_state.queries import read_state
from teahouse.chat.room_state.rules import read_profile
from teahouse.chat.rooms.queries import find_joined_rooms, find_visible_stretches
from teahouse.chat.rooms.rules import LAST, Stretch
from teahouse.chat.search.rules import (
    compute_rank,
    is_among_keys,
    list_highlights,
    list_terms,
    list_words,
    rank_token,
    read_token,
    recent_token,
    searched_text,
)
from teahouse.chat.search.tables import chat_search_word
from teahouse.chat.search.types import (
    ContextShown,
    ContextWanted,
    Criteria,
    Group,
    ProfileShown,
    Result,
    RoomResults,
    Term,
)
from teahouse.chat.sync.types import room_token

if TYPE_CHECKING:
    from teahouse.platform.db import Read
    from teahouse.platform.requester import Requester

LIMIT_DEFAULT: Final = 10
LIMIT_MAX: Final = 100
CONTEXT_MAX: Final = 20
# So many of the latest matches are ranked; nobody pages further.
MATCHES_MAX: Final = 500
# How many places of words are looked at, where most of them are not for the member.
SCANNED_MAX: Final = 2000
_BATCH: Final = 200
_COUNTED_MAX: Final = 1000


class _Match(msgspec.Struct, frozen=True):
    event: StoredEvent
    rank: float


def search_rooms(
    read: Read, requester: Requester, criteria: Criteria, *, next_batch: str | None
) -> RoomResults:
    """Find events by the words in them. All words must occur.

    Args:
        read: the view.
        requester: who searches.
        criteria: what for, where, and what is to be shown.
        next_batch: where an earlier answer left off.

    Raises:
        InvalidParam: a token that is none.

    Source:
        Client-Server API, `POST /search`.
    """
    found = _Finder(read, requester, criteria)
    matches, rest = _find_page(found, criteria, next_batch)
    shown = [match.event for match in matches]
    return RoomResults(
        count=found.count,
        highlights=list_highlights(criteria.search_term),
        results=_show(read, requester, matches, found=found, wanted=criteria.event_context),
        state=_find_states(read, requester, shown) if criteria.include_state else None,
        groups=_group(shown, criteria) if criteria.groupings.group_by else None,
        next_batch=rest,
    )


def _find_page(
    found: _Finder, criteria: Criteria, next_batch: str | None
) -> tuple[list[_Match], str | None]:
    limit = min(criteria.filter.limit_or(LIMIT_DEFAULT), LIMIT_MAX)
    if criteria.order_by == "recent":
        before = read_token(next_batch, kind="p", default=LAST)
        matches = found.matches(before=before)
        page = matches[:limit]
        is_last = len(matches) <= limit
        return page, None if is_last else recent_token(page[-1].event.position)
    offset = read_token(next_batch, kind="r", default=0)
    # The sort keeps the later of equals before the earlier.
    matches = sorted(found.matches(before=LAST), key=lambda match: -match.rank)
    end = offset + limit
    return matches[offset:end], rank_token(end) if len(matches) > end else None


class _Finder:
    """Looks up matches, and remembers what the member may see of each room."""

    def __init__(self, read: Read, requester: Requester, criteria: Criteria) -> None:
        self._read = read
        self._user_id = requester.user_id
        self._criteria = criteria
        self._terms = list_terms(criteria.search_term)
        self._ignored = find_ignored(read, requester.user_id)
        self._stretches: dict[str, list[Stretch]] = {}
        self.count = 0

    def stretches(self, room_id: str) -> list[Stretch]:
        """What the member may see of a room."""
        if room_id not in self._stretches:
            self._stretches[room_id] = find_visible_stretches(self._read, room_id, self._user_id)
        return self._stretches[room_id]

    def matches(self, *, before: int) -> list[_Match]:
        """The latest matches before a position, the latest first."""
        wanted = self._criteria.filter
        rooms = [
            room_id
            for room_id in find_joined_rooms(self._read, self._user_id)
            if matches_room(wanted, room_id)
        ]
        if not rooms or not self._terms:
            return []
        found: list[_Match] = []
        for event in _scan(self._read, rooms, self._terms, before=before):
            if self._is_wanted(event):
                found.append(_Match(event, self._rank(event)))
                if len(found) == MATCHES_MAX:
                    break
        self.count = len(found)
        return found

    def _is_wanted(self, event: StoredEvent) -> bool:
        wanted = self._criteria.filter
        return (
            event.sender not in self._ignored
            and is_among_keys(self._criteria.keys, event.type)
            and may_pass(wanted, room_id=event.room_id, event_type=event.type, sender=event.sender)
            and has_wanted_url(wanted, event)
            and is_visible(self.stretches(event.room_id), event.position)
        )

    def _rank(self, event: StoredEvent) -> float:
        text = searched_text(event.type, decode_content(event.json))
        return round(compute_rank(list_words(text), self._terms), 4)


def _scan(
    read: Read, rooms: Sequence[str], terms: Sequence[Term], *, before: int
) -> Iterator[StoredEvent]:
    """The events of some rooms that hold all words, the latest first, within bounds."""
    terms = _sort_by_rarity(read, rooms, terms)
    for _ in range(SCANNED_MAX // _BATCH):
        select = select_places(rooms, terms, before=before).limit(_BATCH)
        positions = [row.position for row in read.conn.execute(select)]
        events = find_events_at(read, positions)
        for position in positions:
            if position in events:
                yield events[position]
        if len(positions) < _BATCH:
            return
        before = positions[-1]


def _sort_by_rarity(read: Read, rooms: Sequence[str], terms: Sequence[Term]) -> list[Term]:
    """The rarest word first; beyond `_COUNTED_MAX` all count as equally common."""
    if len(terms) == 1:
        return list(terms)
    counts: dict[Term, int] = {}
    for term in terms:
        some = (
            sa.select(chat_search_word.c.position)
            .where(chat_search_word.c.room_id.in_(rooms), _is_word(chat_search_word, term))
            .limit(_COUNTED_MAX)
            .subquery()
        )
        select = sa.select(sa.func.count()).select_from(some)
        counts[term] = read.conn.execute(select).scalar_one()
    return sorted(terms, key=lambda term: counts[term])


def select_places(rooms: Sequence[str], terms: Sequence[Term], *, before: int) -> sa.Select[Any]:
    """A SELECT of the positions where all words occur, the latest first; add a limit.

    Args:
        rooms: ids.
        terms: the rarest first: the others are only looked up where it occurs.
        before: only places before this position.
    """
    first, *others = terms
    place = chat_search_word
    select = (
        sa.select(place.c.position)
        .distinct()
        .where(place.c.room_id.in_(rooms), _is_word(place, first), place.c.position < before)
        .order_by(place.c.position.desc())
    )
    for term in others:
        other = chat_search_word.alias()
        occurs = sa.select(other.c.position).where(
            other.c.room_id == place.c.room_id,
            _is_word(other, term),
            other.c.position == place.c.position,
        )
        select = select.where(occurs.exists())
    return select


def _is_word(place: sa.FromClause, term: Term) -> sa.ColumnElement[bool]:
    if not term.is_prefix:
        return place.c.word == term.word
    beyond = term.word[:-1] + chr(ord(term.word[-1]) + 1)
    return sa.and_(place.c.word >= term.word, place.c.word < beyond)


# Showing


def _show(
    read: Read,
    requester: Requester,
    matches: Sequence[_Match],
    *,
    found: _Finder,
    wanted: ContextWanted | None,
) -> list[Result]:
    rendered = render(read, requester, [match.event for match in matches])
    return [
        Result(
            match.rank,
            event,
            None
            if wanted is None
            else _show_context(
                read, requester, match.event, found.stretches(match.event.room_id), wanted
            ),
        )
        for match, event in zip(matches, rendered, strict=True)
    ]


def _show_context(
    read: Read,
    requester: Requester,
    event: StoredEvent,
    stretches: Sequence[Stretch],
    wanted: ContextWanted,
) -> ContextShown:
    ignored = find_ignored(read, requester.user_id)
    before, after = find_around(
        read,
        event,
        stretches,
        before=min(wanted.before_limit, CONTEXT_MAX),
        after=min(wanted.after_limit, CONTEXT_MAX),
        passes=lambda row: row.state_key is not None or row.sender not in ignored,
    )
    shown = [*reversed(before.events), event, *after.events]
    return ContextShown(
        start=room_token(shown[0].position - 1),
        end=room_token(shown[-1].position),
        events_before=render(read, requester, before.events),
        events_after=render(read, requester, after.events),
        profile_info=_find_profiles(read, shown) if wanted.include_profile else None,
    )


def _find_profiles(read: Read, shown: Sequence[StoredEvent]) -> dict[str, ProfileShown]:
    profiles: dict[str, ProfileShown] = {}
    for member in find_senders(read, shown):
        profile = read_profile(member.json)
        assert member.state_key is not None
        profiles[member.state_key] = ProfileShown(profile.display_name, profile.avatar_url)
    return profiles


def _find_states(
    read: Read, requester: Requester, shown: Sequence[StoredEvent]
) -> dict[str, list[msgspec.Raw]]:
    return {
        room_id: read_state(read, requester, room_id=room_id)
        for room_id in dict.fromkeys(event.room_id for event in shown)
    }


def _group(shown: Sequence[StoredEvent], criteria: Criteria) -> dict[str, dict[str, Group]]:
    groups: dict[str, dict[str, Group]] = {}
    for asked in criteria.groupings.group_by:
        by_value: dict[str, Group] = {}
        for event in shown:
            value = event.room_id if asked.key == "room_id" else event.sender
            group = by_value.setdefault(value, Group([], len(by_value)))
            group.results.append(event.event_id)
        groups[asked.key] = by_value
    return groups
