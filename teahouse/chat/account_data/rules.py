"""What must hold of account data. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from teahouse.chat.account_data.errors import (
    AccountDataTooLarge,
    InvalidDataType,
    InvalidRoomId,
    InvalidTag,
    KeptByTheServer,
    TooManyTags,
)
from teahouse.chat.account_data.types import FULLY_READ, PUSH_RULES
from teahouse.platform.errors import BadJson
from teahouse.platform.json import encode_json

if TYPE_CHECKING:
    from teahouse.platform.json import Json, JsonObject

# `m.direct` of 2,000 direct rooms takes about 200 kB.
CONTENT_BYTES_MAX = 262_144
# A tag and a fully-read marker in each of 4,000 rooms, and what clients keep besides.
ENTRIES_MAX = 10_000
TAGS_MAX = 100
# Client-Server API, section "Size limits": so has an event's type.
_NAME_BYTES_MAX = 255
_KEPT_BY_SERVER = frozenset({FULLY_READ, PUSH_RULES})


def check_type(data_type: str) -> None:
    """Check that account data can have a type.

    Raises:
        InvalidDataType: empty or too long.
    """
    if not 0 < len(data_type.encode()) <= _NAME_BYTES_MAX:
        raise InvalidDataType


def check_client_may_change(data_type: str) -> None:
    """Check that a client may change a type by itself.

    Raises:
        InvalidDataType: empty or too long.
        KeptByTheServer: there is another endpoint for it.
    """
    check_type(data_type)
    if data_type in _KEPT_BY_SERVER:
        raise KeptByTheServer(f"{data_type} can't be set through this endpoint.")


def check_room_id(room_id: str) -> None:
    """Check the form of a room id; the room need not exist.

    Raises:
        InvalidRoomId: it has another form.
    """
    if not room_id.startswith("!") or len(room_id.encode()) > _NAME_BYTES_MAX:
        raise InvalidRoomId


def encode_content(content: JsonObject) -> str:
    """The JSON text that is stored.

    Raises:
        AccountDataTooLarge: more than `CONTENT_BYTES_MAX`.
    """
    encoded = encode_json(content)
    if len(encoded) > CONTENT_BYTES_MAX:
        raise AccountDataTooLarge(limit=CONTENT_BYTES_MAX)
    return encoded.decode()


def add_tag(content: JsonObject, tag: str, details: JsonObject) -> JsonObject:
    """The content of `m.tag` with a tag more, or with other details of it.

    Args:
        content: of `m.tag` as it is.
        tag: its name, 1 to 255 bytes.
        details: `order` and whatever else a client keeps.

    Raises:
        InvalidTag: a name or an order that a tag cannot have.
        TooManyTags: more than `TAGS_MAX`.
    """
    if not 0 < len(tag.encode()) <= _NAME_BYTES_MAX:
        raise InvalidTag
    _check_order(details)
    tags = list_tags(content)
    if tag not in tags and len(tags) >= TAGS_MAX:
        raise TooManyTags
    return content | {"tags": tags | {tag: details}}


def remove_tag(content: JsonObject, tag: str) -> JsonObject:
    """The content of `m.tag` without a tag, whether it was there or not."""
    tags = {name: details for name, details in list_tags(content).items() if name != tag}
    return content | {"tags": tags}


def list_tags(content: JsonObject) -> dict[str, Json]:
    """The tags in the content of `m.tag`, which clients may have written in any shape."""
    tags = content.get("tags")
    return tags if isinstance(tags, dict) else {}


def list_ignored(content: JsonObject, *, of: str) -> frozenset[str]:
    """Who is in the content of `m.ignored_user_list`; nobody can ignore themself."""
    ignored = content.get("ignored_users")
    return frozenset(ignored) - {of} if isinstance(ignored, dict) else frozenset()


def _check_order(details: JsonObject) -> None:
    order = details.get("order")
    if order is None:
        return
    if isinstance(order, bool) or not isinstance(order, int | float):
        raise BadJson("The order of a tag must be a number.")
    if not math.isfinite(order):
        raise InvalidTag
