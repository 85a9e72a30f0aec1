"""Pure rules of messages."""

from __future__ import annotations

from typing import Final

from teahouse.chat.event_store.types import RoomState, StoredEvent, decode_content
from teahouse.chat.events.rules import NAME_BYTES_LIMIT
from teahouse.chat.events.types import ROOM_REDACTION
from teahouse.chat.messages.types import Message
from teahouse.platform.errors import BadJson, InvalidParam
from teahouse.platform.json import JsonObject


def check_message(message: Message) -> None:
    """Check what the room's rules do not look at.

    Raises:
        InvalidParam: an empty type, or a transaction id over 255 bytes.
        BadJson: a relation of the wrong shape.
    """
    if not message.type:
        raise InvalidParam("An event needs a type.")
    if message.client_txn_id is not None and len(message.client_txn_id.encode()) > NAME_BYTES_LIMIT:
        raise InvalidParam("A transaction id has at most 255 bytes.")
    relation = message.content.get("m.relates_to")
    if isinstance(relation, dict):
        key = relation.get("key")
        if isinstance(key, str) and len(key.encode()) > NAME_BYTES_LIMIT:
            raise BadJson("A reaction's key has at most 255 bytes.")


def read_redaction(event_type: str, content: JsonObject) -> tuple[str | None, JsonObject]:
    """The target of a redaction that is sent like a message, and the content without it.

    Where the target stands in the event depends on the room's version.

    Raises:
        BadJson: a redaction that names no target.

    Source:
        Client-Server API, `PUT /send`, as of version 1.18.
    """
    if event_type != ROOM_REDACTION:
        return None, content
    target = content.get("redacts")
    if not isinstance(target, str) or not target:
        raise BadJson("A redaction names in `redacts` the event that it empties.")
    return target, {name: value for name, value in content.items() if name != "redacts"}


def expiry_of(state: RoomState, *, now: int) -> int | None:
    """When a message is to be destroyed, by the room's rule for disappearing messages.

    Returns:
        Milliseconds since the epoch, or None.
    """
    rule = state.others.get(("org.teahouse.disappearing", ""))
    if rule is None:
        return None
    seconds = state.content("org.teahouse.disappearing").get("seconds")
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds <= 0:
        return None
    return now + seconds * 1000


SLOW_MODE: Final = "org.teahouse.slow_mode"
# A day: whoever wants more does not want a conversation.
SLOW_MODE_SECONDS_MAX: Final = 86_400
# What the members' programs send by themselves, or what takes no room in the timeline.
_UNSLOWED_PREFIXES: Final = ("m.reaction", "m.call.", "m.key.verification.")


def slow_mode_ms(state: RoomState) -> int:
    """How long a member waits between two messages, by the room's rule, in milliseconds.

    Returns:
        0 where the room has no such rule.
    """
    if (SLOW_MODE, "") not in state.others:
        return 0
    seconds = state.content(SLOW_MODE).get("seconds")
    if type(seconds) is not int or seconds <= 0:
        return 0
    return min(seconds, SLOW_MODE_SECONDS_MAX) * 1000


def is_slowed(event_type: str) -> bool:
    """Whether slow mode counts an event of this type."""
    return not event_type.startswith(_UNSLOWED_PREFIXES)


def is_valid_edit(original: StoredEvent, edit: StoredEvent) -> bool:
    """Whether an edit takes the place of an event's content.

    Source:
        Client-Server API, "Validity of replacement events".
    """
    if original.room_id != edit.room_id or original.sender != edit.sender:
        return False
    if original.type != edit.type or original.rel_type == "m.replace":
        return False
    if original.state_key is not None or edit.state_key is not None:
        return False
    # Of an encrypted edit only its readers can see the new content.
    return edit.type == "m.room.encrypted" or isinstance(
        decode_content(edit.json).get("m.new_content"), dict
    )
