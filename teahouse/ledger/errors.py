"""What the books refuse. Nothing has changed where one of these is raised.

Refusal
├── UnknownAccount, UnknownTransaction, UnknownHold      404
├── BadTransaction                                       400  shape: keys, texts, number of legs
│   ├── Unbalanced, CurrencyMismatch
├── AmountTooLarge, InvalidAmount                        400  (platform/money)
├── IdempotencyConflict                                  409
├── InsufficientFunds                                    409
├── AccountFrozen, AccountClosed, AccountNotEmpty        409
├── HeadingInUse                                         409
├── HoldNotPending, HoldExpired                          409
└── AlreadyReversed, NotReversible                       409
"""

from __future__ import annotations

from teahouse.platform.errors import NotFound, Refusal
from teahouse.platform.money import AmountTooLarge, InvalidAmount

__all__ = [
    "AccountClosed",
    "AccountFrozen",
    "AccountNotEmpty",
    "AlreadyReversed",
    "AmountTooLarge",
    "BadTransaction",
    "CurrencyMismatch",
    "HeadingInUse",
    "HoldExpired",
    "HoldNotPending",
    "IdempotencyConflict",
    "InsufficientFunds",
    "InvalidAmount",
    "NotReversible",
    "Unbalanced",
    "UnknownAccount",
    "UnknownHold",
    "UnknownTransaction",
]


class UnknownAccount(NotFound):
    """No such account."""

    code = "unknown-account"
    message = "There is no such account."


class UnknownTransaction(NotFound):
    """No such transaction."""

    code = "unknown-transaction"
    message = "There is no such transaction."


class UnknownHold(NotFound):
    """No such hold."""

    code = "unknown-hold"
    message = "There is no such hold."


class BadTransaction(Refusal):
    """Not the shape of a transaction."""

    code, errcode = "bad-transaction", "M_INVALID_PARAM"
    message = "A transaction has a key, a kind, and two or more postings that are not zero."


class Unbalanced(BadTransaction):
    """The postings do not sum to zero."""

    code = "unbalanced"
    message = "The postings of a transaction must sum to zero in each currency."


class CurrencyMismatch(BadTransaction):
    """The postings sum to zero only across currencies."""

    code = "currency-mismatch"
    message = "The accounts of a transaction are in different currencies."


class IdempotencyConflict(Refusal):
    """The key was used before, for something else."""

    status, code, errcode = 409, "idempotency-conflict", "M_INVALID_PARAM"
    message = "This idempotency key was used before for another transaction."


class InsufficientFunds(Refusal):
    """The available balance does not reach.

    `available` and `overdraft` in `data`, minor units of `currency`.
    """

    status, code, errcode = 409, "insufficient-funds", "M_FORBIDDEN"
    message = "There is not enough money available in the account."


class AccountFrozen(Refusal):
    """The account takes no transactions for now."""

    status, code, errcode = 409, "account-frozen", "M_FORBIDDEN"
    message = "The account is frozen: nothing can be paid from it or to it."


class AccountClosed(Refusal):
    """The account takes no transactions any more."""

    status, code, errcode = 409, "account-closed", "M_FORBIDDEN"
    message = "The account is closed."


class AccountNotEmpty(Refusal):
    """Only an account without a balance or holds can be closed."""

    status, code, errcode = 409, "account-not-empty", "M_FORBIDDEN"
    message = "The account still has a balance or a hold: empty it first."


class HeadingInUse(Refusal):
    """The heading's accounts are of another kind."""

    status, code, errcode = 409, "heading-in-use", "M_INVALID_PARAM"
    message = "This heading of the chart has accounts of another kind."


class HoldNotPending(Refusal):
    """The hold was posted, voided or has expired."""

    status, code, errcode = 409, "hold-not-pending", "M_FORBIDDEN"
    message = "The hold has ended: it was posted or voided, or has expired."


class HoldExpired(Refusal):
    """The hold's time is over; it can no longer be posted."""

    status, code, errcode = 409, "hold-expired", "M_FORBIDDEN"
    message = "The hold has expired."


class AlreadyReversed(Refusal):
    """The transaction was reversed before."""

    status, code, errcode = 409, "already-reversed", "M_FORBIDDEN"
    message = "The transaction was reversed before."


class NotReversible(Refusal):
    """A hold is voided, not reversed; what gave a hold back moved nothing."""

    status, code, errcode = 409, "not-reversible", "M_FORBIDDEN"
    message = "This transaction moved no money that could be moved back: a hold is voided instead."
