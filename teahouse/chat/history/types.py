"""Pages of events."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from teahouse.chat.event_store.types import StoredEvent

Direction: TypeAlias = Literal["b", "f"]


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a timeline, and which way it is read.

    Attributes:
        after: position before it.
        up_to: its last position.
        direction: `b` from its end backwards, `f` from its beginning forwards.
    """

    after: int
    up_to: int
    direction: Direction


class Slice(msgspec.Struct, frozen=True):
    """Events of a span in the order they were read.

    Attributes:
        rest: where to go on; None where nothing is left.
    """

    events: list[StoredEvent]
    rest: int | None


class MessagesAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer of `/messages`."""

    chunk: list[msgspec.Raw]
    start: str
    end: str | None = None
    state: list[msgspec.Raw] = []


class ContextAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `/context`."""

    start: str
    end: str
    events_before: list[msgspec.Raw]
    event: msgspec.Raw
    events_after: list[msgspec.Raw]
    state: list[msgspec.Raw]


class EventAtAnswer(msgspec.Struct, frozen=True):
    """The answer of `/timestamp_to_event`."""

    event_id: str
    origin_server_ts: int
