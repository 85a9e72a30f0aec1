"""Pure parts of reading a timeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from teahouse.chat.event_store.types import StoredEvent, decode_content
from teahouse.chat.filters.rules import matches_event
from teahouse.chat.filters.types import FilteredEvent, RoomEventFilter
from teahouse.chat.history.types import Direction, Span
from teahouse.chat.rooms.rules import LAST, Stretch
from teahouse.chat.sync.types import parse_room_token
from teahouse.platform.errors import InvalidParam

# Everything comes after it.
BEGINNING: Final = -1


def read_direction(text: str) -> Direction:
    """`b` or `f`.

    Raises:
        InvalidParam: anything else.
    """
    if text == "b":
        return "b"
    if text == "f":
        return "f"
    raise InvalidParam("`dir` must be `b` or `f`.")


def read_span(direction: Direction, *, start: str | None, stop: str | None) -> Span:
    """The part of a timeline between two tokens.

    Args:
        direction: which way it is read.
        start: token where reading starts; None for the end or the beginning.
        stop: token where it stops at the latest.

    Raises:
        InvalidParam: not tokens of ours.
    """
    begin = parse_room_token(start) if start else None
    end = parse_room_token(stop) if stop else None
    if direction == "b":
        begin, end = end, begin
    return Span(
        after=BEGINNING if begin is None else begin,
        up_to=LAST if end is None else end,
        direction=direction,
    )


def clip(stretches: Sequence[Stretch], span: Span) -> list[Stretch]:
    """What may be seen of a span, in the order of reading."""
    clipped = [
        Stretch(max(stretch.first, span.after + 1), min(stretch.last, span.up_to))
        for stretch in stretches
        if stretch.first <= span.up_to and stretch.last > span.after
    ]
    return clipped[::-1] if span.direction == "b" else clipped


def is_visible(stretches: Sequence[Stretch], position: int) -> bool:
    """Whether a position lies in any of the stretches."""
    return any(position in stretch for stretch in stretches)


def go_on_from(position: int, direction: Direction) -> int:
    """The place beyond an event, in the direction of reading."""
    return position - 1 if direction == "b" else position


def may_pass(wanted: RoomEventFilter, *, room_id: str, event_type: str, sender: str) -> bool:
    """Whether an event passes a filter, as far as its content does not matter."""
    return matches_event(wanted_without_url(wanted), FilteredEvent(event_type, sender, room_id))


def wanted_without_url(wanted: RoomEventFilter) -> RoomEventFilter:
    """A filter without its condition on contents, which need decoding."""
    if wanted.contains_url is None:
        return wanted
    return RoomEventFilter(
        types=wanted.types,
        not_types=wanted.not_types,
        senders=wanted.senders,
        not_senders=wanted.not_senders,
        rooms=wanted.rooms,
        not_rooms=wanted.not_rooms,
    )


def has_wanted_url(wanted: RoomEventFilter, event: StoredEvent) -> bool:
    """Whether an event's content passes a filter."""
    if wanted.contains_url is None:
        return True
    has_url = isinstance(decode_content(event.json).get("url"), str)
    return has_url == wanted.contains_url


def is_selective(wanted: RoomEventFilter) -> bool:
    """Whether a filter leaves any event out."""
    return bool(
        wanted.types is not None
        or wanted.not_types
        or wanted.senders is not None
        or wanted.not_senders
        or wanted.rooms is not None
        or wanted.not_rooms
        or wanted.contains_url is not None
    )
