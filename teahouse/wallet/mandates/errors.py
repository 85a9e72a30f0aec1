"""What can be refused of mandates.

Refusal
├── UnknownMandate       none there, or not this member's or payee's
├── InvalidTerms         nobody could consent to that
├── MandateNotProposed   it was answered, or the time to answer is over
├── MandateNotActive     it is not in force (any more)
├── ChargeBeyondMandate  more than the payer consented to; `data` says how much is left
├── ChargeOutOfTime      a day outside of the mandate, or too soon after the notice
├── ConsentNeeded        the payer must confirm with a second factor
├── MandateKeyReused     the payee used the key for something else
└── TooManyOpen          so many proposals or charges wait already
"""

from __future__ import annotations

from teahouse.platform.errors import Refusal


class UnknownMandate(Refusal):
    """None there, or somebody else's."""

    status, code, errcode = 404, "unknown-mandate", "M_NOT_FOUND"
    message = "There is no such mandate of yours."


class InvalidTerms(Refusal):
    """Terms that contradict themselves or go beyond what a mandate may be."""

    code, errcode = "invalid-mandate-terms", "M_INVALID_PARAM"
    message = "A mandate can't be like that."


class MandateNotProposed(Refusal):
    """Only a proposal can be accepted or declined, and only while it stands."""

    status, code, errcode = 409, "mandate-not-proposed", "M_UNKNOWN"
    message = "This mandate has been answered, or the time to answer is over."


class MandateNotActive(Refusal):
    """Nothing may be charged by it."""

    status, code, errcode = 409, "mandate-not-active", "M_UNKNOWN"
    message = "This mandate is not in force: nothing can be charged by it."


class ChargeBeyondMandate(Refusal):
    """`data`: `bound` (`charge_max` or `period_max`), `limit`, `left`."""

    status, code, errcode = 422, "charge-beyond-mandate", "M_UNKNOWN"
    message = "This is more than the payer has consented to."


class ChargeOutOfTime(Refusal):
    """`data`: `first_on` and `last_on`, the days on which a charge could fall due."""

    status, code, errcode = 422, "charge-out-of-time", "M_UNKNOWN"
    message = "No charge can fall due on that day."


class ConsentNeeded(Refusal):
    """Consent to future charges is worth a second factor, whatever the amount.

    `data`: `factors`, those that would do, and what the confirmation must be bound to.
    """

    status, code = 403, "mandate-confirmation-needed"
    errcode = "ORG.TEAHOUSE.PAYMENT_CONFIRMATION_NEEDED"
    message = "Confirm this mandate with a second factor first."


class MandateKeyReused(Refusal):
    """The same key must ask for the same thing."""

    status, code, errcode = 409, "mandate-key-reused", "M_INVALID_PARAM"
    message = "This key was used for another mandate or charge: take a new one."


class TooManyOpen(Refusal):
    """What waits must be answered, collected or taken back first; `limit` in `data`."""

    status, code, errcode = 409, "too-many-open", "M_LIMIT_EXCEEDED"
    message = "So many wait already: take some back, or wait."
