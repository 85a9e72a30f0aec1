"""The nouns of filters, as the specification shapes them. Unknown members are ignored.

An absent list of what to include includes everything; an empty one nothing. What a `not_` list
names is excluded even where it is included too.

Source: Client-Server API, section "Filtering" (`sync_filter.yaml`, `room_event_filter.yaml`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Protocol

import msgspec

# The most events of one room in one answer, whatever a filter asks for.
LIMIT_MAX = 1000

_Limit = Annotated[int, msgspec.Meta(ge=0)]


class EventFilter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What passes, of events that belong to no room.

    Attributes:
        limit: the most events; None leaves it to the server. See `limit_or`.
        types: `*` stands for any characters.
        not_types: the same.
        senders: full user ids.
        not_senders: the same.
    """

    limit: _Limit | None = None
    types: tuple[str, ...] | None = None
    not_types: tuple[str, ...] = ()
    senders: frozenset[str] | None = None
    not_senders: frozenset[str] = frozenset()

    def limit_or(self, default: int) -> int:
        """The most events, 1 to `LIMIT_MAX`; `default` where the client did not say."""
        # The specification wants more than 0; clients that ask for 0 get the least there is.
        return default if self.limit is None else max(1, min(self.limit, LIMIT_MAX))


class RoomEventFilter(EventFilter, frozen=True, kw_only=True, omit_defaults=True):
    """What passes, of events of rooms.

    Attributes:
        rooms: room ids.
        not_rooms: the same.
        contains_url: whether `content` must have a `url`, or must not; None for either.
        lazy_load_members: send only members that the sent events need.
        include_redundant_members: send those again that were sent before.
        unread_thread_notifications: count unread messages for each thread.
    """

    rooms: frozenset[str] | None = None
    not_rooms: frozenset[str] = frozenset()
    contains_url: bool | None = None
    lazy_load_members: bool = False
    include_redundant_members: bool = False
    unread_thread_notifications: bool = False


ALL_EVENTS = EventFilter()
ALL_ROOM_EVENTS = RoomEventFilter()


class RoomFilter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What passes, of rooms and what is in them.

    Attributes:
        rooms: room ids; applied before the filters below.
        not_rooms: the same.
        include_leave: also rooms that were left.
        ephemeral: typing and receipts.
        state: state events.
        timeline: messages and changes of state.
        account_data: what the member's clients keep about the room.
    """

    rooms: frozenset[str] | None = None
    not_rooms: frozenset[str] = frozenset()
    include_leave: bool = False
    ephemeral: RoomEventFilter = ALL_ROOM_EVENTS
    state: RoomEventFilter = ALL_ROOM_EVENTS
    timeline: RoomEventFilter = ALL_ROOM_EVENTS
    account_data: RoomEventFilter = ALL_ROOM_EVENTS


class Filter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a client wants of `/sync`.

    Attributes:
        event_fields: dotted paths of the parts of an event; None for all.
        event_format: the form of events.
        presence: presence events.
        account_data: what belongs to no room.
        room: rooms and what is in them.
    """

    event_fields: tuple[str, ...] | None = None
    event_format: Literal["client", "federation"] = "client"
    presence: EventFilter = ALL_EVENTS
    account_data: EventFilter = ALL_EVENTS
    room: RoomFilter = RoomFilter()


EVERYTHING = Filter()


class EventView(Protocol):
    """What a filter looks at in an event."""

    @property
    def type(self) -> str:
        """Such as `m.room.message`."""
        ...

    @property
    def sender(self) -> str:
        """The full user id."""
        ...

    @property
    def room_id(self) -> str:
        """Empty for what belongs to no room."""
        ...

    @property
    def content(self) -> Mapping[str, Any]:
        """What clients wrote."""
        ...


class FilteredEvent(msgspec.Struct, frozen=True):
    """An `EventView` of what is no event, such as receipts or account data.

    Attributes:
        type: such as `m.receipt`.
        sender: empty where there is none; passes any `senders`.
        room_id: empty where there is none.
        content: as clients see it.
    """

    type: str
    sender: str = ""
    room_id: str = ""
    content: Mapping[str, Any] = {}
