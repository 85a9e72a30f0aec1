"""Pure rules of finding: what a room says of itself, who may see it, and in what order."""

from __future__ import annotations

import re
from typing import Final, TypeVar

import msgspec

from teahouse.chat.directory.types import (
    HierarchyQuery,
    PublicRoom,
    RoomFacts,
    RoomFilter,
    SpaceChild,
    Visitor,
)
from teahouse.platform.errors import InvalidParam
from teahouse.platform.json import JsonObject

# The state events that describe a room; all have an empty state key.
DESCRIBING_TYPES: Final = (
    "m.room.avatar",
    "m.room.canonical_alias",
    "m.room.create",
    "m.room.encryption",
    "m.room.guest_access",
    "m.room.history_visibility",
    "m.room.join_rules",
    "m.room.name",
    "m.room.topic",
)
SPACE: Final = "m.space"
_RESTRICTED: Final = frozenset({"restricted", "knock_restricted"})
_KNOCKABLE: Final = frozenset({"knock", "knock_restricted"})
# Client-Server API, "Ordering of children within a space".
_ORDER: Final = re.compile(r"[\x20-\x7e]{1,50}")


R = TypeVar("R", bound=PublicRoom)

# What a room says


def describe(facts: RoomFacts, kind: type[R], **further: object) -> R:
    """A room in one of the forms in which it is told.

    Args:
        facts: what it says.
        kind: the form; members that it does not have are left out.
        further: members that the form adds.
    """
    return msgspec.convert(
        {
            "room_id": facts.room_id,
            "num_joined_members": facts.joined_count,
            "world_readable": is_world_readable(facts),
            "guest_can_join": _text(facts, "m.room.guest_access", "guest_access") == "can_join",
            "join_rule": join_rule(facts),
            "name": _text(facts, "m.room.name", "name"),
            "topic": plain_topic(facts.contents.get("m.room.topic", {})),
            "canonical_alias": _text(facts, "m.room.canonical_alias", "alias"),
            "avatar_url": _text(facts, "m.room.avatar", "url"),
            "room_type": room_type(facts),
            "allowed_room_ids": sorted(allowed_rooms(facts)),
            "encryption": _text(facts, "m.room.encryption", "algorithm"),
            "room_version": facts.version,
            **further,
        },
        kind,
    )


def _text(facts: RoomFacts, event_type: str, key: str) -> str | None:
    value = facts.contents.get(event_type, {}).get(key)
    return value if isinstance(value, str) and value else None


def plain_topic(content: JsonObject) -> str | None:
    """The topic as plain text.

    Source:
        Client-Server API, `m.room.topic`: the `text/plain` representation in `m.topic`, which is
        also what a representation without a type is; `topic` for clients older than that.
    """
    block = content.get("m.topic")
    texts = block.get("m.text") if isinstance(block, dict) else None
    for text in texts if isinstance(texts, list) else []:
        if not isinstance(text, dict) or text.get("mimetype", "text/plain") != "text/plain":
            continue
        body = text.get("body")
        if isinstance(body, str) and body:
            return body
    topic = content.get("topic")
    return topic if isinstance(topic, str) and topic else None


def join_rule(facts: RoomFacts) -> str:
    """The join rule; `invite` where the room says none."""
    return _text(facts, "m.room.join_rules", "join_rule") or "invite"


def room_type(facts: RoomFacts) -> str | None:
    """The type of the room, such as `m.space`; None of an ordinary one."""
    return _text(facts, "m.room.create", "type")


def is_world_readable(facts: RoomFacts) -> bool:
    """Whether anybody may read the room."""
    visibility = _text(facts, "m.room.history_visibility", "history_visibility")
    return visibility == "world_readable"


def allowed_rooms(facts: RoomFacts) -> set[str]:
    """The rooms whose members a restricted room lets in."""
    if join_rule(facts) not in _RESTRICTED:
        return set()
    allowed = facts.contents.get("m.room.join_rules", {}).get("allow")
    found: set[str] = set()
    for condition in allowed if isinstance(allowed, list) else []:
        if isinstance(condition, dict) and condition.get("type") == "m.room_membership":
            room_id = condition.get("room_id")
            if isinstance(room_id, str):
                found.add(room_id)
    return found


# Who may see it


def is_open(facts: RoomFacts) -> bool:
    """Whether anybody on the server may be found by being in the room.

    Source:
        Client-Server API, `POST user_directory/search`.
    """
    return join_rule(facts) == "public" or is_world_readable(facts)


def may_see(facts: RoomFacts, visitor: Visitor) -> bool:
    """Whether somebody may see a room's summary: who is in, may join or knock, or may read it.

    Source:
        Client-Server API, `GET rooms/{roomId}/hierarchy` and `GET room_summary`.
    """
    if facts.is_blocked:
        return False
    if is_world_readable(facts):
        return True
    membership = visitor.memberships.get(facts.room_id, "leave")
    if membership == "ban":
        return False
    if membership in {"join", "invite"}:
        return True
    if join_rule(facts) == "public" or join_rule(facts) in _KNOCKABLE:
        return True
    return any(visitor.is_in(room_id) for room_id in allowed_rooms(facts))


# The public directory


def matches(room: PublicRoom, wanted: RoomFilter | None) -> bool:
    """Whether a room of the directory is wanted.

    Every word of the search term must stand somewhere in name, topic or alias; their case does
    not matter.
    """
    if wanted is None:
        return True
    if wanted.room_types is not None and room.room_type not in wanted.room_types:
        return False
    text = "\n".join(filter(None, (room.name, room.topic, room.canonical_alias))).casefold()
    return all(word in text for word in (wanted.generic_search_term or "").casefold().split())


# Pages: a token names the room at a page's edge, so that rooms that come and go shift nothing.


def to_page_token(direction: str, joined_count: int, room_id: str) -> str:
    """A token for the page after (`n`) or before (`p`) a room of the directory."""
    return f"{direction}{joined_count}_{room_id}"


def parse_page_token(token: str) -> tuple[str, tuple[int, str]]:
    """The direction of a token, and the place of its room in the order of the directory.

    Raises:
        InvalidParam: not a token of the directory.
    """
    found = re.fullmatch(r"([np])([0-9]{1,9})_(!.+)", token)
    if found is None:
        raise InvalidParam("`since` is not a token of this directory.")
    return found[1], directory_place(int(found[2]), found[3])


def directory_place(joined_count: int, room_id: str) -> tuple[int, str]:
    """Where a room stands in the directory: the fullest first."""
    return (-joined_count, room_id)


# Spaces


def read_child(content: JsonObject, *, room_id: str, sender: str, ts: int) -> SpaceChild | None:
    """A room that a space names; None where the event names none (any more).

    Source:
        Client-Server API, `m.space.child`: without `via` the room is no child.
    """
    via = content.get("via")
    if not isinstance(via, list) or not via or not room_id.startswith("!"):
        return None
    order = content.get("order")
    return SpaceChild(
        room_id=room_id,
        order=order if isinstance(order, str) and _ORDER.fullmatch(order) else None,
        is_suggested=content.get("suggested") is True,
        origin_server_ts=ts,
        stripped={
            "type": "m.space.child",
            "state_key": room_id,
            "content": content,
            "sender": sender,
            "origin_server_ts": ts,
        },
    )


def sort_children(children: list[SpaceChild]) -> list[SpaceChild]:
    """Children in the order of their space.

    Source:
        Client-Server API, "Ordering of children within a space".
    """
    return sorted(
        children,
        key=lambda c: (c.order is None, c.order or "", c.origin_server_ts, c.room_id),
    )


def to_hierarchy_token(query: HierarchyQuery, last_room_id: str) -> str:
    """A token for the rest of a space's tree."""
    return f"h{query.max_depth}_{int(query.suggested_only)}_{last_room_id}"


def parse_hierarchy_token(token: str, *, max_depth: int, suggested_only: bool) -> str:
    """The last room of the page before.

    Raises:
        InvalidParam: not such a token, or the question has changed since.
    """
    found = re.fullmatch(r"h([0-9]{1,9})_([01])_(!.+)", token)
    if found is None:
        raise InvalidParam("`from` is not a token of this hierarchy.")
    if (int(found[1]), found[2] == "1") != (max_depth, suggested_only):
        raise InvalidParam("`max_depth` and `suggested_only` cannot change between pages.")
    return found[3]
