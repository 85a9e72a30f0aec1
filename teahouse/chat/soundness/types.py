"""Nouns of the checks."""

from __future__ import annotations

import msgspec


class StoredRow(msgspec.Struct, frozen=True):
    """A row of an event, as it stands.

    Attributes:
        version: of its room.
        is_emptied: redacted, expired or erased, so that its content hash no longer fits.
    """

    position: int
    event_id: str
    room_id: str
    type: str
    state_key: str | None
    sender: str
    origin_server_ts: int
    pdu: bytes
    version: str
    is_emptied: bool


class LineEnd(msgspec.Struct, frozen=True):
    """Where the line of a room's events ends, as far as it was followed."""

    event_id: str
    depth: int
    position: int
