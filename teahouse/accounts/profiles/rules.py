"""What a profile may hold."""

from __future__ import annotations

import re

import msgspec

from teahouse.accounts.errors import KeyTooLarge
from teahouse.platform.errors import InvalidParam
from teahouse.platform.json import Json

# Client-Server API, PUT /profile/{userId}/{keyName}; the dash is of the Common Namespaced
# Identifier Grammar (Appendices).
_FIELD = re.compile(r"avatar_url|displayname|m\.tz|[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+")
FIELD_BYTES_MAX = 255
PROFILE_BYTES_MAX = 65_536
# What fits a line of a list; Synapse has the same bound.
DISPLAYNAME_CHARACTERS_MAX = 256
AVATAR_URL_CHARACTERS_MAX = 1000
TIME_ZONE_CHARACTERS_MAX = 255
_TEXT_LIMITS = {
    "displayname": DISPLAYNAME_CHARACTERS_MAX,
    "avatar_url": AVATAR_URL_CHARACTERS_MAX,
    "m.tz": TIME_ZONE_CHARACTERS_MAX,
}


def check_field(field: str) -> None:
    """Refuse names that profile fields cannot have.

    Raises:
        KeyTooLarge: more than 255 bytes.
        InvalidParam: neither defined by Matrix nor namespaced.
    """
    if len(field.encode()) > FIELD_BYTES_MAX:
        raise KeyTooLarge
    if not _FIELD.fullmatch(field):
        raise InvalidParam(
            "A profile field is displayname, avatar_url, m.tz or namespaced like `org.example.x`."
        )


def check_value(field: str, value: Json) -> None:
    """Refuse values that a field cannot have.

    Raises:
        InvalidParam: not a text where one is needed, too long, or no content URI.
    """
    limit = _TEXT_LIMITS.get(field)
    if limit is None:
        return
    if not isinstance(value, str) or len(value) > limit:
        raise InvalidParam(f"`{field}` must be a text of at most {limit} characters.")
    if field == "avatar_url" and value and not value.startswith("mxc://"):
        raise InvalidParam("`avatar_url` must begin with mxc://.")


def compute_field_bytes(field: str, value: Json) -> int:
    """What a field adds to the size of a profile: its JSON, with the key, colon and comma."""
    return len(msgspec.json.encode({field: value}))
