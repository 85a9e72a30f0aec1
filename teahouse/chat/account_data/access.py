"""Who may touch account data: its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse.chat.account_data.errors import NotYourAccountData

if TYPE_CHECKING:
    from teahouse.platform.requester import Requester


def access_own_account_data(requester: Requester, user_id: str) -> None:
    """Check that a requester asks for their own.

    Raises:
        NotYourAccountData: for anybody else's, who may or may not exist.
    """
    if requester.user_id != user_id:
        raise NotYourAccountData
