"""Who may type where: a member of the room, and only as themself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse.chat.rooms.access import access_joined_room
from teahouse.chat.typing.errors import NotYourTyping

if TYPE_CHECKING:
    from teahouse.platform.db import Read
    from teahouse.platform.requester import Requester


def access_own_typing(read: Read, requester: Requester, *, room_id: str, user_id: str) -> None:
    """Check that the requester may say that `user_id` types in a room.

    Raises:
        NotYourTyping: that is someone else.
        Forbidden: not joined to the room.
    """
    if requester.user_id != user_id:
        raise NotYourTyping
    access_joined_room(read, requester, room_id)
