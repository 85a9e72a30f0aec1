"""What a sliding sync client asks for.

Source: MSC4186, "Simplified Sliding Sync"; both forms of `required_state` and of ranges.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

_Limit = Annotated[int, msgspec.Meta(ge=0)]
_Name = Annotated[str, msgspec.Meta(max_length=64)]


class StateElement(msgspec.Struct, frozen=True):
    """A pattern of state events."""

    type: str = "*"
    state_key: str = "*"


class StateRequest(msgspec.Struct, frozen=True):
    """The newer form of `required_state`."""

    include: list[StateElement] = []
    exclude: list[StateElement] = []
    lazy_members: bool = False


class RoomConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a room to send."""

    timeline_limit: _Limit = 0
    required_state: list[tuple[str, str]] | StateRequest = []


class ListFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Which rooms a list holds."""

    is_dm: bool | None = None
    is_encrypted: bool | None = None
    is_invite: bool | None = None
    spaces: list[str] | None = None
    room_types: list[str | None] | None = None
    not_room_types: list[str | None] | None = None
    tags: list[str] | None = None
    not_tags: list[str] | None = None
    room_name_like: str | None = None


class ListConfig(RoomConfig, frozen=True, kw_only=True):
    """A list of rooms, the most active first, of which windows are shown."""

    ranges: list[tuple[_Limit, _Limit]] | None = None
    range: tuple[_Limit, _Limit] | None = None
    filters: ListFilters = ListFilters()


class Extension(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the answer beside the rooms."""

    enabled: bool = False


class ToDeviceExtension(Extension, frozen=True, kw_only=True):
    """To-device messages after `since`."""

    since: str | None = None
    limit: _Limit = 100


class RoomsExtension(Extension, frozen=True, kw_only=True):
    """A part that may be limited to some lists and rooms; `*` is all that are asked for."""

    lists: tuple[str, ...] = ("*",)
    rooms: tuple[str, ...] = ("*",)


class Extensions(msgspec.Struct, frozen=True, kw_only=True):
    """Which parts beside the rooms."""

    to_device: ToDeviceExtension = ToDeviceExtension()
    e2ee: Extension = Extension()
    account_data: RoomsExtension = RoomsExtension()
    receipts: RoomsExtension = RoomsExtension()
    typing: RoomsExtension = RoomsExtension()


class SlidingRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a request."""

    conn_id: _Name = ""
    txn_id: str | None = None
    lists: Annotated[dict[_Name, ListConfig], msgspec.Meta(max_length=100)] = {}
    room_subscriptions: Annotated[dict[str, RoomConfig], msgspec.Meta(max_length=1000)] = {}
    extensions: Extensions = Extensions()


class Wanted(msgspec.Struct, frozen=True):
    """What is wanted of one room, by all lists and subscriptions together.

    Attributes:
        state: pairs of type and state key; `*`, `$ME` and `$LAZY` have their meaning.
    """

    timeline_limit: int
    state: frozenset[tuple[str, str]]

    def merged(self, other: Wanted) -> Wanted:
        """What either wants."""
        return Wanted(max(self.timeline_limit, other.timeline_limit), self.state | other.state)


class SentRoom(msgspec.Struct, frozen=True):
    """What a connection has been sent of a room."""

    position: int
    wanted: Wanted
    membership: str


class Seen(msgspec.Struct, frozen=True):
    """How far a connection is.

    Attributes:
        position, ephemeral: the view of the last answer.
        rooms: what was sent of each room.
    """

    position: int
    ephemeral: int
    rooms: dict[str, SentRoom]


NOTHING_SEEN = Seen(-1, 0, {})
