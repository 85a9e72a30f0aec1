"""Pure rules of moderation: what an event says of what was done with power."""

from __future__ import annotations

import re
from typing import Final

from teahouse.chat.event_store.rules import read_membership
from teahouse.chat.event_store.types import ROOM_MEMBER, StoredEvent, decode_content
from teahouse.chat.messages.rules import SLOW_MODE
from teahouse.chat.moderation.types import Deed, LogEntry, PowerChange
from teahouse.platform.errors import InvalidParam
from teahouse.platform.json import JsonObject

# A page of text says it; more would be a way to store things.
REASON_LENGTH_MAX: Final = 2000
SETTINGS: Final[dict[str, tuple[Deed, str]]] = {
    "m.room.join_rules": ("join_rule", "join_rule"),
    SLOW_MODE: ("slow_mode", "seconds"),
}
_REMOVALS: Final[dict[str, Deed]] = {
    "join": "kick",
    "invite": "invite_withdrawn",
    "knock": "knock_refused",
    "ban": "unban",
}


def check_reason(reason: str) -> None:
    """Check the length of a reason.

    Raises:
        InvalidParam: it is too long.
    """
    if len(reason) > REASON_LENGTH_MAX:
        raise InvalidParam(f"A reason has at most {REASON_LENGTH_MAX} characters.")


def read_cursor(cursor: str | None, *, default: int) -> int:
    """The position in a cursor of the log.

    Raises:
        InvalidParam: not such a cursor.
    """
    if cursor is None:
        return default
    if not re.fullmatch(r"[0-9]{1,18}", cursor):
        raise InvalidParam("The cursor is not one of this list.")
    return int(cursor)


def log_entry(event: StoredEvent) -> LogEntry | None:
    """What was done with power, by a state event that has its predecessor beside it.

    Returns:
        The entry; None where nothing was done to anybody else.
    """
    content = decode_content(event.json)
    if event.type == ROOM_MEMBER:
        return _membership_entry(event, content)
    if event.type in SETTINGS:
        return _setting_entry(event, content)
    if event.replaced_json is None:
        # As the room was made.
        return None
    before = decode_content(event.replaced_json)
    return LogEntry(
        event_id=event.event_id,
        at=event.origin_server_ts,
        by=event.sender,
        deed="power_change",
        changes=list_power_changes(before, content),
    )


def _setting_entry(event: StoredEvent, content: JsonObject) -> LogEntry | None:
    deed, key = SETTINGS[event.type]
    value = content.get(key)
    if event.replaced_json is None and deed == "join_rule":
        # As the room was made.
        return None
    return LogEntry(
        event_id=event.event_id,
        at=event.origin_server_ts,
        by=event.sender,
        deed=deed,
        value=value if isinstance(value, str | int) else None,
    )


def _membership_entry(event: StoredEvent, content: JsonObject) -> LogEntry | None:
    membership = content.get("membership")
    if event.state_key == event.sender or membership not in {"leave", "ban", "invite"}:
        return None
    before = "leave" if event.replaced_json is None else read_membership(event.replaced_json)
    deed: Deed | None = "ban" if membership == "ban" else _REMOVALS.get(before)
    if membership == "invite":
        deed = "knock_accepted" if before == "knock" else None
    if deed is None:
        return None
    return LogEntry(
        event_id=event.event_id,
        at=event.origin_server_ts,
        by=event.sender,
        deed=deed,
        about=event.state_key,
        reason=reason_of(content),
    )


def redaction_entry(redaction: StoredEvent, target: StoredEvent | None) -> LogEntry | None:
    """A redaction of what somebody else had sent; None of one's own."""
    if target is None or target.sender == redaction.sender:
        return None
    return LogEntry(
        event_id=redaction.event_id,
        at=redaction.origin_server_ts,
        by=redaction.sender,
        deed="redaction",
        about=target.sender,
        reason=reason_of(decode_content(redaction.json)),
        target_event_id=target.event_id,
    )


def reason_of(content: JsonObject) -> str | None:
    """The reason that an event gives."""
    reason = content.get("reason")
    return reason if isinstance(reason, str) and reason else None


def list_power_changes(before: JsonObject, after: JsonObject) -> list[PowerChange]:
    """Whose power level has changed."""
    old, new = _users(before), _users(after)
    return [
        PowerChange(user_id=user_id, before=old.get(user_id), after=new.get(user_id))
        for user_id in sorted(old.keys() | new.keys())
        if old.get(user_id) != new.get(user_id)
    ]


def _users(content: JsonObject) -> dict[str, int]:
    users = content.get("users")
    if not isinstance(users, dict):
        return {}
    return {user_id: level for user_id, level in users.items() if type(level) is int}
