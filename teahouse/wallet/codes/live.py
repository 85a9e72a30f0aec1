"""Tells payers of their charges while things happen: a message to each of their devices.

So a phone asks for a confirmation while its owner stands at the till, also where the app that
showed the code is on another device.
"""

from __future__ import annotations

from typing import Final

import msgspec

from teahouse.platform.db import Tx
from teahouse.platform.json import JsonObject
from teahouse.platform.services import Services
from teahouse.wallet.charges.announcements import ChargeAwaitsMember, ChargeMoved, RefundMade
from teahouse.wallet.charges.queries import find_charge
from teahouse.wallet.charges.types import Charge
from teahouse.wallet.in_chat.live import Teller
from teahouse.wallet.parties.queries import user_of
from teahouse.wallet.shops.queries import find_shop

# The type of the to-device message.
NOTICE: Final = "org.teahouse.charge"


class ChargeTeller:
    """Follows charges, in their own transactions.

    Args:
        services: of the server; who speaks for the wallet is there before the first charge.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def follow_question(self, tx: Tx, asked: ChargeAwaitsMember) -> None:
        """Ask a member's devices for a confirmation."""
        self._tell(tx, asked.charge_id, "awaits_you")

    def follow_move(self, tx: Tx, moved: ChargeMoved) -> None:
        """Tell of what a till did with a code that the member has shown."""
        if moved.status in {"captured", "authorised", "cancelled", "expired"}:
            charge = find_charge(tx, moved.charge_id)
            if charge is not None and charge.origin == "payment_code":
                self._tell(tx, moved.charge_id, moved.status)

    def follow_refund(self, tx: Tx, made: RefundMade) -> None:
        """Tell that a shop gave money back."""
        self._tell(tx, made.charge_id, "refunded", refund=made)

    def _tell(self, tx: Tx, charge_id: str, what: str, *, refund: RefundMade | None = None) -> None:
        charge = find_charge(tx, charge_id)
        assert charge is not None
        user_id = None if charge.payer is None else user_of(tx, charge.payer)
        if user_id is None:
            return
        content = _describe(tx, charge, what)
        if refund is not None:
            content |= {
                "refund_id": refund.refund_id,
                "refund": msgspec.to_builtins(refund.amount),
            }
        voice = self._services.get(Teller).voice
        voice.tell_devices(tx, NOTICE, to=[user_id], content=content)


def _describe(tx: Tx, charge: Charge, what: str) -> JsonObject:
    shop = find_shop(tx, charge.shop_id)
    return {
        "what": what,
        "charge_id": charge.charge_id,
        "shop_id": shop.shop_id,
        "shop_name": shop.name,
        "shop_name_zh": shop.name_zh,
        "amount": msgspec.to_builtins(charge.amount),
        "status": charge.status,
        "expires_at": charge.expires_at,
    }
