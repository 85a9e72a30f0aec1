"""What is asked and answered of members."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

StateFormat: TypeAlias = Literal["content", "event"]


class MembersWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which members are asked for.

    Attributes:
        at: position of the state; None for now.
        membership: only these.
        not_membership: not these; given both, one of the two conditions is enough.
    """

    at: int | None = None
    membership: str | None = None
    not_membership: str | None = None


class MembersAnswer(msgspec.Struct, frozen=True):
    """The answer of `/members`."""

    chunk: list[msgspec.Raw]


class JoinedMember(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a member shows in a room."""

    display_name: str | None = None
    avatar_url: str | None = None


class JoinedMembersAnswer(msgspec.Struct, frozen=True):
    """The answer of `/joined_members`."""

    joined: dict[str, JoinedMember]


class JoinedRoomsAnswer(msgspec.Struct, frozen=True):
    """The answer of `/joined_rooms`."""

    joined_rooms: list[str]
