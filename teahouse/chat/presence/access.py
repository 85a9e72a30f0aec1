"""Who may set and who may see presence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse.chat.presence.errors import NotYourPresence
from teahouse.chat.rooms.queries import find_peers

if TYPE_CHECKING:
    from teahouse.platform.db import Read
    from teahouse.platform.requester import Requester


def access_own_presence(requester: Requester, user_id: str) -> None:
    """Check that a requester sets their own.

    Raises:
        NotYourPresence: that is someone else.
    """
    if requester.user_id != user_id:
        raise NotYourPresence


def may_see_presence(read: Read, requester: Requester, user_id: str) -> bool:
    """Whether a member may see another's presence: their own, or that of who shares a room.

    To anybody else everybody looks offline, whether they exist or not.
    """
    return user_id in find_peers(read, requester.user_id)
