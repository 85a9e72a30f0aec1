"""Refusals of limits.

Refusal
    LimitReached         a rule of the house or the law allows no more (422)
    SecondFactorNeeded   the payment is unusual: it must be confirmed (403)
    PayerFrozen          the payer's wallet is frozen (403)
"""

from __future__ import annotations

from teahouse.platform.errors import Refusal


class LimitReached(Refusal):
    """The payment would go beyond a limit.

    `data`: `rule`, `limit`, `used`, `left`, `explanation` and `how_to_raise` (in English and
    Chinese).
    """

    status, code, errcode = 422, "limit-reached", "ORG.TEAHOUSE.LIMIT_REACHED"
    message = "This payment would go beyond a limit."


class SecondFactorNeeded(Refusal):
    """The payment must be confirmed first, at `/api/v1/wallet/confirmations`.

    `data`: `reasons`, each explained in English and Chinese, and `factors`, those that would do.
    """

    status, code = 403, "payment-confirmation-needed"
    errcode = "ORG.TEAHOUSE.PAYMENT_CONFIRMATION_NEEDED"
    message = "This payment must be confirmed with a second factor first."


class PayerFrozen(Refusal):
    """Nothing can be paid from a frozen wallet."""

    status, code, errcode = 403, "payer-frozen", "ORG.TEAHOUSE.PAYER_FROZEN"
    message = "This wallet is frozen: nothing can be paid from it."
