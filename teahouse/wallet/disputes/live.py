"""Tells both sides of a dispute while things happen: a message to each of their devices."""

from __future__ import annotations

from typing import Final

from teahouse.platform.db import Tx
from teahouse.wallet.disputes.announcements import DisputeMoved, DisputeOpened
from teahouse.wallet.in_chat.live import Teller
from teahouse.wallet.parties.queries import user_of
from teahouse.wallet.shops.queries import list_owners

NOTICE: Final = "org.teahouse.dispute"


class DisputeTeller:
    """Writes to the devices of the payer and of the shop's owners.

    What is said in the dispute is not in it: it says that there is something to read.

    Args:
        teller: the account that tells of payments.
    """

    def __init__(self, teller: Teller) -> None:
        self._teller = teller

    def follow(self, tx: Tx, told: DisputeOpened | DisputeMoved) -> None:
        """Tell of a step."""
        sides = {*list_owners(tx, told.shop_id), user_of(tx, told.payer)}
        self._teller.voice.tell_devices(
            tx,
            NOTICE,
            to=sorted(side for side in sides if side is not None),
            content={
                "dispute_id": told.dispute_id,
                "shop_id": told.shop_id,
                "status": "open" if isinstance(told, DisputeOpened) else told.status,
            },
        )
