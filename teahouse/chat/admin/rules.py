"""Pure rules of the list of rooms: its order, and what is found in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from teahouse.chat.admin.types import RoomListQuery, RoomRow
from teahouse.platform.errors import InvalidParam

# The orders that tools ask for; `alphabetical` and `size` are old names. Numbers begin with the
# largest, as in Synapse.
_ORDERS: Final[dict[str, tuple[Callable[[RoomRow], Any], bool]]] = {
    "name": (lambda room: (room.name or "").casefold(), False),
    "alphabetical": (lambda room: (room.name or "").casefold(), False),
    "canonical_alias": (lambda room: room.canonical_alias or "", False),
    "joined_members": (lambda room: room.joined_members, True),
    "joined_local_members": (lambda room: room.joined_local_members, True),
    "size": (lambda room: room.joined_members, True),
    "version": (lambda room: room.version, False),
    "creator": (lambda room: room.creator, False),
    "encryption": (lambda room: room.encryption or "", False),
    "federatable": (lambda room: room.federatable, False),
    "public": (lambda room: room.public, False),
    "join_rules": (lambda room: room.join_rules or "", False),
    "guest_access": (lambda room: room.guest_access or "", False),
    "history_visibility": (lambda room: room.history_visibility or "", False),
    "state_events": (lambda room: room.state_events, True),
}


def check_order(order_by: str, direction: str) -> None:
    """Check the order that a tool asks for.

    Raises:
        InvalidParam: an unknown order or direction.
    """
    if order_by not in _ORDERS:
        raise InvalidParam(f"`order_by` must be one of {', '.join(sorted(_ORDERS))}.")
    if direction not in {"f", "b"}:
        raise InvalidParam("`dir` must be `f` or `b`.")


def sort_rooms(rooms: list[RoomRow], query: RoomListQuery) -> list[RoomRow]:
    """Rooms in the order asked for; equal ones by their id."""
    key, is_largest_first = _ORDERS[query.order_by]
    by_id = sorted(rooms, key=lambda room: room.room_id)
    return sorted(by_id, key=key, reverse=is_largest_first != query.is_backwards)


def is_wanted(room: RoomRow, query: RoomListQuery) -> bool:
    """Whether a room is looked for: by a part of its name or alias, or by its id."""
    if query.public_rooms is not None and room.public != query.public_rooms:
        return False
    if query.empty_rooms is not None and (room.joined_members == 0) != query.empty_rooms:
        return False
    if query.search_term is None:
        return True
    if room.room_id == query.search_term:
        return True
    term = query.search_term.casefold()
    local_part = (room.canonical_alias or "").partition(":")[0]
    return term in (room.name or "").casefold() or term in local_part.casefold()
