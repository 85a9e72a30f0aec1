"""Nouns of retention."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

# `expired`: a disappearing message; `lifetime`: the room's or the house's rule; `erased`: its
# sender's account was erased.
Reason: TypeAlias = Literal["expired", "lifetime", "erased"]


class RoomLifetime(msgspec.Struct, frozen=True):
    """How long messages of a room live, milliseconds."""

    room_id: str
    lifetime_ms: int


class Destroyed(msgspec.Struct, frozen=True):
    """How many events of a room were emptied at once, when and why."""

    run_id: str
    room_id: str
    reason: Reason
    at: int
    event_count: int
