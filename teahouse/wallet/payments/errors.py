"""What payments refuse. Nothing has moved where one of these is raised.

Refusal
├── PaymentNotFound      404  none of the requester's
├── InvalidPayment       400  amounts out of bounds, texts too long
│   └── SelfPayment           payer and payee are the same
├── CurrencyMismatch     400  (ledger) wallets and amount are in different currencies
├── WalletFrozen, WalletClosed          403, 409  the payer's (wallets)
├── PayeeUnavailable, PayerUnavailable  409  the other side cannot take part now
├── PaymentNotPending    409  it was settled, voided or has expired
├── LimitReached, SecondFactorNeeded, PayerFrozen    422, 403, 403  (limits)
├── InsufficientFunds    409  (ledger)
└── IdempotencyConflict  409  (ledger)
"""

from __future__ import annotations

from teahouse.platform.errors import NotFound, Refusal


class PaymentNotFound(NotFound):
    """No such payment, or one between others."""

    code = "payment-not-found"
    message = "You have no such payment."


class InvalidPayment(Refusal):
    """An amount out of bounds, or a text that is too long."""

    code, errcode = "invalid-payment", "M_INVALID_PARAM"
    message = "This payment is not valid."


class SelfPayment(InvalidPayment):
    """Nobody can pay themself."""

    code = "self-payment"
    message = "You cannot pay yourself."


class PayeeUnavailable(Refusal):
    """The payee's wallet is frozen or closed; which of the two is their own matter."""

    status, code, errcode = 409, "payee-unavailable", "ORG.TEAHOUSE.PAYEE_UNAVAILABLE"
    message = "The payee cannot be paid now."


class PayerUnavailable(Refusal):
    """The payer's wallet was frozen since they asked for the payment."""

    status, code, errcode = 409, "payer-unavailable", "ORG.TEAHOUSE.PAYER_UNAVAILABLE"
    message = "The payer cannot pay now."


class PaymentNotPending(Refusal):
    """Only a pending payment can be settled or voided; `payment_status` in `data`."""

    status, code, errcode = 409, "payment-not-pending", "ORG.TEAHOUSE.PAYMENT_NOT_PENDING"
    message = "This payment is no longer pending."
