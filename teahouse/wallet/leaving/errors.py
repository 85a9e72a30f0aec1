"""What is refused of members who go.

Refusal
└── MoneyLeft    409  an account with money is not erased
"""

from __future__ import annotations

from teahouse.platform.errors import Refusal


class MoneyLeft(Refusal):
    """There is money in a wallet of the member, or on its way; `obstacles` in `data`."""

    status, code, errcode = 409, "money-left", "ORG.TEAHOUSE.MONEY_LEFT"
    message = (
        "There is still money in the wallet or on its way. Take it out first: whose account is "
        "erased could never claim it again."
    )
