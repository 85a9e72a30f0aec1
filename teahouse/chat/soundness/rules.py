"""What holds of a stored event by itself, and of it and the one before. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from teahouse.chat.events.errors import NotCanonical
from teahouse.chat.events.rules import check_hash, check_signature, compute_event_id
from teahouse.chat.events.types import ROOM_VERSIONS, SigningKey
from teahouse.chat.soundness.types import LineEnd, StoredRow
from teahouse.platform.json import JsonObject

_decoder = msgspec.json.Decoder(JsonObject)
_COLUMNS = ("type", "state_key", "sender", "origin_server_ts")


def find_event_problems(row: StoredRow, key: SigningKey | None) -> Iterator[str]:
    """What is wrong with an event by itself.

    Args:
        row: as it is stored.
        key: of this server, which has signed every event; None where it was not found.
    """
    pdu = _decode(row.pdu)
    if pdu is None or row.version not in ROOM_VERSIONS:
        yield "cannot be read"
        return
    version = ROOM_VERSIONS[row.version]
    try:
        if compute_event_id(pdu, version) != row.event_id:
            yield "has not the id that follows from what it says"
        if key is None or not check_signature(
            pdu,
            version,
            server_name=key.server_name,
            key_id=key.key_id,
            public_key=key.public_key,
        ):
            yield "is not signed by this server"
        if not row.is_emptied and not check_hash(pdu):
            yield "has another content hash than it claims"
    except NotCanonical:
        yield "is not canonical JSON"
    for column in _COLUMNS:
        if pdu.get(column) != getattr(row, column):
            yield f"says another {column} than its column"


def follow_line(row: StoredRow, before: LineEnd | None) -> tuple[LineEnd, str | None]:
    """Follow a room's line by one event.

    Args:
        row: the next event of the room, by position.
        before: the end so far; None before the first event.

    Returns:
        The new end, and what is wrong.
    """
    pdu = _decode(row.pdu) or {}
    depth = pdu.get("depth")
    end = LineEnd(row.event_id, depth if type(depth) is int else -1, row.position)
    expected: list[str] = [] if before is None else [before.event_id]
    if pdu.get("prev_events") != expected:
        return end, "does not follow the event before it"
    if end.depth != (0 if before is None else before.depth) + 1:
        return end, "has a depth that does not follow from the event before it"
    return end, None


def is_gap(row: StoredRow, before: LineEnd | None) -> bool:
    """Whether events are missing between this one and the one before."""
    depth = (_decode(row.pdu) or {}).get("depth")
    return type(depth) is int and depth > (0 if before is None else before.depth) + 1


def read_membership_of(pdu: bytes) -> str | None:
    """The membership that a stored membership event sets."""
    content = (_decode(pdu) or {}).get("content")
    membership = content.get("membership") if isinstance(content, dict) else None
    return membership if isinstance(membership, str) else None


def _decode(pdu: bytes) -> JsonObject | None:
    try:
        return _decoder.decode(pdu)
    except (msgspec.DecodeError, RecursionError):
        return None
