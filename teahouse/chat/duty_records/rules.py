"""How a duty record is signed, and how anybody verifies it. Pure."""

from __future__ import annotations

import msgspec

from teahouse.chat.duty_records.types import FORMAT, Duty, DutyRecord
from teahouse.chat.events import (
    ROOM_VERSIONS,
    NotCanonical,
    RoomVersion,
    SigningKey,
    check_hash,
    check_json_signature,
    check_signature,
    compute_event_id,
    sign_json,
)
from teahouse.platform.json import JsonObject


class BadRecord(Exception):
    """A record that does not prove what it says."""


def sign_record(record: DutyRecord, key: SigningKey) -> JsonObject:
    """The record with the server's signature over its canonical JSON."""
    told: JsonObject = msgspec.to_builtins(record)
    return sign_json(told, key)


def verify_record(signed: JsonObject, public_key: str | None = None) -> DutyRecord:
    """A record, if signatures, hashes and order prove all of it.

    Args:
        signed: untrusted.
        public_key: of the server, from elsewhere; None: the one in the record.

    Raises:
        BadRecord: with what is wrong.
    """
    try:
        told = {name: value for name, value in signed.items() if name != "signatures"}
        record = msgspec.convert(told, DutyRecord)
    except msgspec.ValidationError as trouble:
        raise BadRecord(f"It is no duty record: {trouble}") from None
    version = ROOM_VERSIONS.get(record.room_version)
    if record.format != FORMAT or version is None:
        raise BadRecord("It is no duty record that this program knows.")
    key = public_key or record.public_key
    if not check_json_signature(
        signed, server_name=record.server_name, key_id=record.key_id, public_key=key
    ):
        raise BadRecord(f"{record.server_name} has not signed this record.")
    depth = -1
    for duty in record.duties:
        _verify_duty(record, duty, version, key)
        found = duty.event.get("depth")
        if not isinstance(found, int) or found <= depth:
            raise BadRecord(f"{duty.event_id} is not behind the one before it.")
        depth = found
    return record


def _verify_duty(record: DutyRecord, duty: Duty, version: RoomVersion, key: str) -> None:
    """Verify one event by itself.

    Raises:
        BadRecord: with what is wrong.
    """
    try:
        is_its_id = compute_event_id(duty.event, version) == duty.event_id
        is_its_content = duty.is_emptied or check_hash(duty.event)
        is_signed = check_signature(
            duty.event,
            version,
            server_name=record.server_name,
            key_id=record.key_id,
            public_key=key,
        )
    except NotCanonical:
        raise BadRecord(f"{duty.event_id} is not canonical JSON.") from None
    if duty.event.get("room_id") != record.room_id or not (is_its_id and is_its_content):
        raise BadRecord(f"{duty.event_id} is not the event of this id.")
    if not is_signed:
        raise BadRecord(f"{duty.event_id} is not signed by {record.server_name}.")
