"""The ways from a stranger's room id to a room."""

from __future__ import annotations

from teahouse.chat.event_store.queries import find_membership
from teahouse.chat.rooms.errors import NotJoined
from teahouse.chat.rooms.queries import find_visible_stretches
from teahouse.chat.rooms.rules import LAST, Stretch
from teahouse.platform.db import Read
from teahouse.platform.requester import Requester


def access_joined_room(read: Read, requester: Requester, room_id: str) -> None:
    """Check that the requester is in a room.

    Raises:
        NotJoined: they are not, or there is no such room.
    """
    membership = find_membership(read, requester.user_id, room_id)
    if membership is None or membership.membership != "join":
        raise NotJoined


def access_history(read: Read, requester: Requester, room_id: str) -> list[Stretch]:
    """What of a room's history the requester may see: as a member, a former one, or anybody.

    Raises:
        NotJoined: nothing of it, or there is no such room.
    """
    stretches = find_visible_stretches(read, room_id, requester.user_id)
    membership = find_membership(read, requester.user_id, room_id)
    if membership is not None and membership.membership == "join":
        return stretches
    was_in = membership is not None and not membership.is_forgotten
    if not stretches or not (was_in or stretches[-1].last == LAST):
        raise NotJoined
    return stretches
