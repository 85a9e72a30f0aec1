"""What wallets refuse.

Refusal
├── WalletNotFound      404  none of the requester's
├── WalletFrozen        403  nothing can be paid from it
├── WalletClosed        409
├── WalletNotEmpty      409  it cannot be closed
├── NoWallet            409  the member has none in the currency
└── CurrencyNotOffered  400  this house has no wallets in it
"""

from __future__ import annotations

from teahouse.platform.errors import NotFound, Refusal


class WalletNotFound(NotFound):
    """No such wallet, or another's."""

    code = "wallet-not-found"
    message = "You have no such wallet."


class WalletFrozen(Refusal):
    """Members can neither pay from the wallet nor to it."""

    status, code, errcode = 403, "wallet-frozen", "ORG.TEAHOUSE.WALLET_FROZEN"
    message = "This wallet is frozen: nothing can be paid from it. Ask the staff of this house."


class WalletClosed(Refusal):
    """The wallet takes no payments any more."""

    status, code, errcode = 409, "wallet-closed", "ORG.TEAHOUSE.WALLET_CLOSED"
    message = "This wallet is closed."


class WalletNotEmpty(Refusal):
    """There is money in the wallet, or reserved; `posted` and `pending` in `data`."""

    status, code, errcode = 409, "wallet-not-empty", "ORG.TEAHOUSE.WALLET_NOT_EMPTY"
    message = "There is still money in this wallet or on its way: take it out first."


class NoWallet(Refusal):
    """The member has no wallet in the currency; `currency` in `data`."""

    status, code, errcode = 409, "no-wallet", "ORG.TEAHOUSE.NO_WALLET"
    message = "You have no wallet in this currency: open one first."


class CurrencyNotOffered(Refusal):
    """This house has no wallets in the currency; `currencies` in `data` says in which it has."""

    code, errcode = "currency-not-offered", "M_INVALID_PARAM"
    message = "This house has no wallets in this currency."
