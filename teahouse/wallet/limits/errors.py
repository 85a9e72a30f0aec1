"""Refusals of limits. Each is a decision, and is logged when it is refused.

Refusal
    Judged
        LimitReached         a rule of the house or the law allows no more (422)
        SecondFactorNeeded   the payment is unusual: it must be confirmed (403)
        PayerFrozen          the payer's wallet is frozen (403)
"""

from __future__ import annotations

from teahouse.platform.errors import Refusal
from teahouse.wallet.limits.types import Entry, Reached, Verdict


class Judged(Refusal):
    """A payment that was judged and may not pass.

    Args:
        entry: the decision, to be logged once the payment was rolled back.
        message: the sentence shown to people.
        data: further members of the answer's body.
    """

    def __init__(self, entry: Entry, message: str | None = None, **data: object) -> None:
        super().__init__(message, decision_id=entry.decision_id, **data)
        self.entry = entry


class LimitReached(Judged):
    """The payment would go beyond a limit.

    `data`: `rule`, `article`, `limit`, `used`, `left`, `explanation` and `how_to_raise` (in
    English and Chinese), `decision_id`.
    """

    status, code, errcode = 422, "limit-reached", "ORG.TEAHOUSE.LIMIT_REACHED"
    message = "This payment would go beyond a limit."

    @classmethod
    def by(cls, reached: Reached, entry: Entry) -> LimitReached:
        """The refusal by a limit."""
        told = f"{reached.explanation.en} {reached.how_to_raise.en}"
        return cls(
            entry,
            told,
            rule=reached.rule,
            article=reached.article,
            limit=reached.limit,
            used=reached.used,
            left=reached.left,
            explanation=reached.explanation,
            how_to_raise=reached.how_to_raise,
        )


class SecondFactorNeeded(Judged):
    """The payment must be confirmed first, at `/api/v1/wallet/confirmations`.

    `data`: `reasons`, each explained in English and Chinese; `factors`, the sets of factors that
    would do (none: the member has to set one up first); `decision_id`.
    """

    status, code = 403, "payment-confirmation-needed"
    errcode = "ORG.TEAHOUSE.PAYMENT_CONFIRMATION_NEEDED"
    message = "This payment must be confirmed first."

    @classmethod
    def by(cls, verdict: Verdict, entry: Entry) -> SecondFactorNeeded:
        """The refusal until certain factors confirm the payment."""
        told = " ".join(reason.en for reason in verdict.reasons)
        hint = (
            "Confirm it with one of the listed sets of factors."
            if verdict.factors
            else "Set up one-time codes or a passkey first, then confirm it."
        )
        return cls(entry, f"{told} {hint}", reasons=verdict.reasons, factors=verdict.factors)


class PayerFrozen(Judged):
    """Nothing can be paid from a frozen wallet. `data`: `since`, `reason`, `decision_id`."""

    status, code, errcode = 403, "payer-frozen", "ORG.TEAHOUSE.PAYER_FROZEN"
    message = "This wallet is frozen: nothing can be paid from it."
