"""What must hold of key backups. Pure: no database, no clock, no chance."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from teahouse.chat.events.errors import NotCanonical
from teahouse.chat.events.rules import encode_canonical
from teahouse.chat.events.types import JsonObject
from teahouse.chat.key_backup.errors import BackupNotFound
from teahouse.chat.key_backup.types import SessionId, SessionKey
from teahouse.platform.errors import BadJson, InvalidParam, TooLarge

AUTH_DATA_BYTES_LIMIT: Final = 65_536
"""A public key and its signatures: real ones have under 2,000 bytes."""

SESSION_DATA_BYTES_LIMIT: Final = 32_768
"""A sealed room key: real ones have under 1,000 bytes."""

NAME_BYTES_LIMIT: Final = 255
"""Room and session ids, as for every other Matrix identifier."""

SESSIONS_MAX: Final = 1_000_000
"""Keys in one backup: a key for every 100 messages of somebody who writes and reads a lot."""


def is_better(new: SessionKey, stored: SessionKey) -> bool:
    """Whether a key replaces the one stored for the same session.

    Source:
        Client-Server API, "Server-side key backups": a verified key goes before one that is not;
        then the one that reads from an earlier message on; then the one passed on less often.
        The stored one stays where all is equal.
    """
    return _rank(new) < _rank(stored)


def _rank(key: SessionKey) -> tuple[bool, int, int]:
    return not key.is_verified, key.first_message_index, key.forwarded_count


def check_sessions(keys: Mapping[SessionId, SessionKey]) -> None:
    """Check keys as far as the server understands them.

    Raises:
        InvalidParam: an id that is empty or too long.
        BadJson: session data that is no object.
        TooLarge: session data over the limit.
    """
    for names, key in keys.items():
        if not all(0 < len(name.encode()) <= NAME_BYTES_LIMIT for name in names):
            raise InvalidParam("Room and session ids must have 1 to 255 bytes.")
        raw = bytes(key.session_data)
        _check_object(raw)
        if len(raw) > SESSION_DATA_BYTES_LIMIT:
            raise TooLarge(f"`session_data` may have at most {SESSION_DATA_BYTES_LIMIT} bytes.")


def _check_object(raw: bytes) -> None:
    # It was cut out of the body undecoded, so its text was not looked at yet.
    try:
        msgspec.json.decode(raw, type=dict)
    except (msgspec.DecodeError, UnicodeDecodeError) as trouble:
        raise BadJson(f"`session_data` must be an object: {trouble}") from None


def check_new_version(algorithm: str, auth_data: JsonObject) -> bytes:
    """Check what a backup says of itself.

    Algorithms this server does not know are accepted: it only stores what clients sealed.

    Returns:
        `auth_data` as canonical JSON: clients sign it.

    Raises:
        InvalidParam: the name of the algorithm is empty or too long.
        BadJson: `auth_data` cannot be signed.
        TooLarge: `auth_data` over the limit.
    """
    if not 0 < len(algorithm.encode()) <= NAME_BYTES_LIMIT:
        raise InvalidParam("`algorithm` must have 1 to 255 bytes.")
    try:
        encoded = encode_canonical(auth_data)
    except NotCanonical as trouble:
        raise BadJson(trouble.reason) from None
    if len(encoded) > AUTH_DATA_BYTES_LIMIT:
        raise TooLarge(f"`auth_data` may have at most {AUTH_DATA_BYTES_LIMIT} bytes.")
    return encoded


def parse_version(text: str) -> int:
    """The number of a backup version.

    Raises:
        BackupNotFound: it is none of ours.
    """
    if not re.fullmatch(r"[1-9][0-9]{0,17}", text):
        raise BackupNotFound
    return int(text)
