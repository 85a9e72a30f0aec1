"""What passes a filter. Pure."""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64encode
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import msgspec

from teahouse.chat.filters.errors import FilterTooLarge, InvalidFilter
from teahouse.chat.filters.types import EventFilter, Filter, RoomEventFilter
from teahouse.chat.patterns.rules import split_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from teahouse.chat.filters.types import EventView, RoomFilter
    from teahouse.platform.json import JsonObject

# A filter that names 500 rooms takes about 25 kB.
FILTER_BYTES_MAX = 65_536
# Clients store a handful for each release of theirs.
FILTERS_MAX = 1000

T = TypeVar("T")

_canonical = msgspec.json.Encoder(order="sorted")
_filter = msgspec.json.Decoder(Filter)
_room_event_filter = msgspec.json.Decoder(RoomEventFilter)


def matches_event(event_filter: EventFilter, event: EventView) -> bool:
    """Whether an event passes.

    Args:
        event_filter: one for events of rooms also looks at the room and at `content.url`.
        event: an event without a sender passes whatever the filter says of senders.
    """
    return (
        _matches_sender(event_filter, event.sender)
        and matches_type(event_filter, event.type)
        and (
            not isinstance(event_filter, RoomEventFilter)
            or _matches_room_event(event_filter, event)
        )
    )


def matches_type(event_filter: EventFilter, event_type: str) -> bool:
    """Whether any event of a type can pass."""
    if event_filter.types is not None and not _is_any_of(event_filter.types, event_type):
        return False
    return not _is_any_of(event_filter.not_types, event_type)


def matches_room(room_filter: RoomFilter | RoomEventFilter, room_id: str) -> bool:
    """Whether anything of a room can pass."""
    if room_filter.rooms is not None and room_id not in room_filter.rooms:
        return False
    return room_id not in room_filter.not_rooms


def pick_fields(event: JsonObject, fields: Iterable[str]) -> JsonObject:
    """The parts of an event that `event_fields` names.

    Args:
        event: in the form for clients; shared, so it stays as it is.
        fields: dot-separated paths to properties.
    """
    picked: JsonObject = {}
    for field in fields:
        _pick(event, split_path(field), picked)
    return picked


def decode_filter(text: str | bytes) -> Filter:
    """A filter from JSON that someone sent.

    Raises:
        FilterTooLarge: more than `FILTER_BYTES_MAX`.
        InvalidFilter: no JSON, or JSON of another shape.
    """
    return _decode(_filter, text)


def decode_room_event_filter(text: str | None) -> RoomEventFilter:
    """The `filter` of `/messages`, `/context` and `/search`, which is always JSON.

    Raises:
        FilterTooLarge: more than `FILTER_BYTES_MAX`.
        InvalidFilter: no JSON, or JSON of another shape.
    """
    return RoomEventFilter() if text is None else _decode(_room_event_filter, text)


def encode_canonical(definition: JsonObject) -> str:
    """A filter's one text, however it was written; keeps members that we do not know.

    Raises:
        FilterTooLarge: more than `FILTER_BYTES_MAX`.
    """
    encoded = _canonical.encode(definition)
    if len(encoded) > FILTER_BYTES_MAX:
        raise FilterTooLarge(limit=FILTER_BYTES_MAX)
    return encoded.decode()


def compute_filter_id(canonical: str) -> str:
    """The id of a filter: equal filters have the same, and none starts with a brace.

    It need not be secret, for everybody finds only their own. 120 bits of SHA-256 do not
    collide by accident, and who makes them collide spoils nothing but their own filters.
    """
    digest = hashlib.sha256(canonical.encode()).digest()
    return urlsafe_b64encode(digest[:15]).decode()


def _decode(decoder: msgspec.json.Decoder[T], text: str | bytes) -> T:
    if len(text) > FILTER_BYTES_MAX:
        raise FilterTooLarge(limit=FILTER_BYTES_MAX)
    try:
        return decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise InvalidFilter(f"The filter cannot be read: {error}") from None


def _matches_sender(event_filter: EventFilter, sender: str) -> bool:
    if not sender:
        return True
    if event_filter.senders is not None and sender not in event_filter.senders:
        return False
    return sender not in event_filter.not_senders


def _matches_room_event(event_filter: RoomEventFilter, event: EventView) -> bool:
    if not matches_room(event_filter, event.room_id):
        return False
    wanted = event_filter.contains_url
    return wanted is None or isinstance(event.content.get("url"), str) == wanted


def _is_any_of(patterns: Collection[str], event_type: str) -> bool:
    return event_type in patterns or any(
        "*" in pattern and _expression(pattern).fullmatch(event_type) is not None
        for pattern in patterns
    )


# A client's patterns come with each of its requests.
@lru_cache(maxsize=4096)
def _expression(pattern: str) -> re.Pattern[str]:
    """The pattern as an expression that takes time linear in the text for each `*`.

    The first place where what follows a `*` matches is as good as any later one, so an atomic
    group may keep it.
    """
    first, *others = map(re.escape, pattern.split("*"))
    groups = "".join(f"(?>.*?{part})" for part in others[:-1])
    return re.compile(f"{first}{groups}.*{others[-1]}", re.DOTALL)


def _pick(source: JsonObject, path: tuple[str, ...], picked: JsonObject) -> None:
    *parents, last = path
    for name in parents:
        inner = source.get(name)
        if not isinstance(inner, dict):
            return
        # A path to the whole object may have been picked before: then there is nothing to add.
        target = picked.get(name)
        if target is inner:
            return
        if target is None:
            target = picked[name] = {}
        assert isinstance(target, dict)
        source, picked = inner, target
    if last in source:
        picked[last] = source[last]
