"""Bodies and answers, in Synapse's form.

Source: Synapse, docs/admin_api/rooms.md and docs/admin_api/media_admin_api.md.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

DeletionStatus: TypeAlias = Literal["scheduled", "active", "complete", "failed"]


class RoomRow(msgspec.Struct, frozen=True, kw_only=True):
    """A room in the list of rooms."""

    room_id: str
    name: str | None
    canonical_alias: str | None
    joined_members: int
    joined_local_members: int
    version: str
    creator: str
    encryption: str | None
    federatable: bool
    public: bool
    join_rules: str | None
    guest_access: str | None
    history_visibility: str | None
    state_events: int
    room_type: str | None


class RoomDetails(RoomRow, frozen=True, kw_only=True):
    """A room by itself."""

    avatar: str | None
    topic: str | None
    joined_local_devices: int
    forgotten: bool
    tombstoned: bool
    replacement_room: str | None


class RoomList(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page of rooms; `next_batch` and `prev_batch` are numbers for `from`."""

    rooms: list[RoomRow]
    offset: int
    total_rooms: int
    next_batch: int | None = None
    prev_batch: int | None = None


class RoomListQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which rooms are wanted, and in what order."""

    start: int
    limit: int
    order_by: str
    is_backwards: bool
    search_term: str | None
    public_rooms: bool | None
    empty_rooms: bool | None


class DeleteRoom(msgspec.Struct, frozen=True, kw_only=True):
    """The body of DELETE rooms."""

    block: bool = False
    purge: bool = True
    force_purge: bool = False
    message: str | None = None
    new_room_user_id: str | None = None
    room_name: str | None = None


class ShutDown(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a room that was shut down."""

    kicked_users: list[str] = []
    failed_to_kick_users: list[str] = []
    local_aliases: list[str] = []
    new_room_id: str | None = None


class DeletionJob(msgspec.Struct, frozen=True, kw_only=True):
    """What the job that deletes a room is told."""

    delete_id: str
    room_id: str
    closes: bool
    purges: bool
    message: str | None = None


class Deletion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far the deletion of a room has come."""

    delete_id: str
    room_id: str
    status: DeletionStatus
    shutdown_room: ShutDown
    error: str | None = None


class BlockRoom(msgspec.Struct, frozen=True, kw_only=True):
    """The body of PUT block."""

    block: bool
