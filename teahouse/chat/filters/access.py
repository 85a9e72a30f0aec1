"""Who may touch filters: their owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse.chat.filters.errors import NotYourFilter

if TYPE_CHECKING:
    from teahouse.platform.requester import Requester


def access_own_filters(requester: Requester, user_id: str) -> None:
    """Check that a requester asks for their own.

    Raises:
        NotYourFilter: for anybody else's, who may or may not exist.
    """
    if requester.user_id != user_id:
        raise NotYourFilter
