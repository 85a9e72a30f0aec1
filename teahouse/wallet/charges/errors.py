"""What is refused about charges.

Refusal
    InvalidCharge           400 M_INVALID_PARAM
    ChargeNotFound          404 M_NOT_FOUND
    RefundNotFound          404 M_NOT_FOUND
    CurrencyNotTaken        400 M_INVALID_PARAM
    WrongChargeStatus       409 M_UNKNOWN
        ChargeExpired       409 M_UNKNOWN
        ChargeOfAnother     409 M_UNKNOWN
    CaptureTooLarge         422 M_INVALID_PARAM
    RefundTooLarge          422 M_INVALID_PARAM
    NoTipWanted             422 M_INVALID_PARAM
"""

from __future__ import annotations

from teahouse.platform.errors import InvalidParam, NotFound, Refusal


class InvalidCharge(InvalidParam):
    """A part of a charge that cannot be."""

    code = "invalid-charge"
    message = "A part of the charge is not valid."


class ChargeNotFound(NotFound):
    """No such charge, or none that the caller may know of."""

    code = "charge-not-found"
    message = "There is no such charge."


class RefundNotFound(NotFound):
    """No such refund of this shop."""

    code = "refund-not-found"
    message = "There is no such refund."


class CurrencyNotTaken(InvalidParam):
    """The shop has no wallet in the currency."""

    code = "currency-not-taken"
    message = "The shop takes no payments in this currency."


class WrongChargeStatus(Refusal):
    """What is asked for cannot follow on what happened; `charge_status` in `data`."""

    status, code = 409, "wrong-charge-status"
    message = "This cannot be done to a charge in its present status."


class ChargeExpired(WrongChargeStatus):
    """Its time is over."""

    code = "charge-expired"
    message = "This charge has expired."


class ChargeOfAnother(WrongChargeStatus):
    """The charge waits for one certain member, who is not the requester."""

    code = "charge-of-another"
    message = "This charge is for somebody else."


class CaptureTooLarge(Refusal):
    """More than was authorised; `authorised` in `data`."""

    status, code, errcode = 422, "capture-too-large", "M_INVALID_PARAM"
    message = "More than was authorised cannot be captured."


class RefundTooLarge(Refusal):
    """More than is left of what was paid; `left` in `data`."""

    status, code, errcode = 422, "refund-too-large", "M_INVALID_PARAM"
    message = "More than is left of the payment cannot be refunded."


class NoTipWanted(Refusal):
    """The shop asked for no tip, or one was given."""

    status, code, errcode = 422, "no-tip-wanted", "M_INVALID_PARAM"
    message = "This charge takes no tip (any more)."
