"""What is told of rooms and people to those who look for them."""

from __future__ import annotations

import msgspec

from teahouse.platform.json import JsonObject


class RoomFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a room says of itself now.

    Attributes:
        joined_count: how many are in it.
        contents: of the state events that describe it, by type.
    """

    room_id: str
    version: str
    is_blocked: bool
    joined_count: int
    contents: dict[str, JsonObject]


class SpaceChild(msgspec.Struct, frozen=True, kw_only=True):
    """A room that a space names, by an `m.space.child` event.

    Attributes:
        order: where the space wants it; None where it does not say (validly).
        origin_server_ts: when it was named, milliseconds since the epoch.
        stripped: the event as clients see it.
    """

    room_id: str
    order: str | None
    is_suggested: bool
    origin_server_ts: int
    stripped: JsonObject


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who looks at a room from outside or inside.

    Attributes:
        memberships: their membership by room; rooms they never met are left out.
    """

    user_id: str | None
    memberships: dict[str, str]

    def is_in(self, room_id: str) -> bool:
        """Whether they are in a room."""
        return self.memberships.get(room_id) == "join"


# Answers


class PublicRoom(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A room in the public directory.

    Source:
        Client-Server API, `PublishedRoomsChunk`.
    """

    room_id: str
    num_joined_members: int
    world_readable: bool
    guest_can_join: bool
    join_rule: str | None = None
    name: str | None = None
    topic: str | None = None
    canonical_alias: str | None = None
    avatar_url: str | None = None
    room_type: str | None = None


class RoomSummary(PublicRoom, frozen=True, kw_only=True, omit_defaults=True):
    """A room as those see it who may join it or look into it.

    Source:
        Client-Server API, `RoomSummary`.
    """

    allowed_room_ids: list[str] = []
    encryption: str | None = None
    room_version: str | None = None


class MemberSummary(RoomSummary, frozen=True, kw_only=True, omit_defaults=True):
    """A room's summary, and the asking member's own membership."""

    membership: str | None = None


class HierarchyRoom(RoomSummary, frozen=True, kw_only=True, omit_defaults=True):
    """A room of a space, with the rooms it names in turn."""

    children_state: list[JsonObject]


class PublicRoomsPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page of the public directory."""

    chunk: list[PublicRoom]
    total_room_count_estimate: int
    next_batch: str | None = None
    prev_batch: str | None = None


class HierarchyPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page of a space's tree."""

    rooms: list[HierarchyRoom]
    next_batch: str | None = None


class FoundUser(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A member found by name."""

    user_id: str
    display_name: str | None = None
    avatar_url: str | None = None


class FoundUsers(msgspec.Struct, frozen=True, kw_only=True):
    """Members found by name; `limited` where there are more."""

    results: list[FoundUser]
    limited: bool


class MutualRooms(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The rooms that two members share; `count` is of all of them."""

    joined: list[str]
    count: int
    next_batch: str | None = None


# Questions


class RoomFilter(msgspec.Struct, frozen=True):
    """Which rooms of the public directory are wanted."""

    generic_search_term: str | None = None
    room_types: list[str | None] | None = None


class UserQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST user_directory/search`."""

    search_term: str
    limit: int = 10


class PublicRoomsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST publicRooms`; see the specification."""

    limit: int | None = None
    since: str | None = None
    filter: RoomFilter | None = None
    include_all_networks: bool = False
    third_party_instance_id: str | None = None


class HierarchyQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of a space's tree is wanted.

    Attributes:
        resume_after: the last room of the page before.
    """

    room_id: str
    suggested_only: bool
    max_depth: int
    limit: int
    resume_after: str | None = None
