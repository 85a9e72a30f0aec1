"""The nouns of key backups."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec

from teahouse.chat.events.types import JsonObject

# Canonical JSON knows no larger integers.
_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]

SessionId: TypeAlias = tuple[str, str]
"""Room id and Megolm session id."""


class SessionKey(msgspec.Struct, frozen=True, kw_only=True):
    """A room key in a backup.

    Attributes:
        first_message_index: the first message it can read.
        forwarded_count: how often it was passed on.
        is_verified: whether it came from a verified device.
        session_data: sealed; JSON as it was uploaded.
    """

    first_message_index: _Count
    forwarded_count: _Count
    is_verified: bool
    session_data: msgspec.Raw


class RoomKeys(msgspec.Struct, frozen=True):
    """Keys of one room by session."""

    sessions: dict[str, SessionKey]


class BackupKeys(msgspec.Struct, frozen=True):
    """Keys of many rooms."""

    rooms: dict[str, RoomKeys]

    def by_id(self) -> dict[SessionId, SessionKey]:
        """The keys in one map."""
        return {
            (room_id, session_id): key
            for room_id, room in self.rooms.items()
            for session_id, key in room.sessions.items()
        }


class NewVersion(msgspec.Struct, frozen=True):
    """What a client says of a new backup."""

    algorithm: str
    auth_data: JsonObject


class ChangedVersion(msgspec.Struct, frozen=True):
    """What a client changes of a backup: only `auth_data` can change."""

    algorithm: str
    auth_data: JsonObject
    version: str | None = None


class BackupVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A backup as its member sees it."""

    version: str
    algorithm: str
    auth_data: msgspec.Raw
    etag: str
    count: int


class BackupState(msgspec.Struct, frozen=True):
    """What a change of keys answers."""

    etag: str
    count: int


class Place(msgspec.Struct, frozen=True):
    """What part of a backup is meant.

    Attributes:
        version: of the backup, as the client wrote it.
        room_id: one room, or None for all.
        session_id: one session of the room, or None for all.
    """

    version: str
    room_id: str | None = None
    session_id: str | None = None
