"""What keeps an account from being erased."""

from __future__ import annotations

from typing import Literal

import msgspec

from teahouse.platform.money import Money


class Obstacle(msgspec.Struct, frozen=True):
    """Something that must be settled before a member is erased.

    Attributes:
        code: `money-left`: money in a wallet or reserved; `red-packet-open`: what is left in one
            that they gave; `bank-order-open`: a top-up or withdrawal that the bank has not done;
            `dispute-open`: a purchase that they dispute and that nobody has decided yet.
        amount: how much.
    """

    code: Literal["money-left", "red-packet-open", "bank-order-open", "dispute-open"]
    amount: Money
