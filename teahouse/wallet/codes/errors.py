"""What is refused about payment codes.

Refusal
    UnreadableCode          400 M_INVALID_PARAM
        CodeOfOthers        422 M_INVALID_PARAM
    PaymentCodeUnknown      404 M_NOT_FOUND
    PaymentCodeExpired      409 M_UNKNOWN
    PaymentCodeUsed         409 M_UNKNOWN
    PayerCannotPay          409 M_UNKNOWN
    TooManyPaymentCodes     429 M_LIMIT_EXCEEDED
    TooManyMisses           429 M_LIMIT_EXCEEDED
"""

from __future__ import annotations

from teahouse.platform.errors import LimitExceeded, NotFound, Refusal


class UnreadableCode(Refusal):
    """Text that is no merchant-presented code, or a damaged one."""

    code, errcode = "unreadable-code", "M_INVALID_PARAM"
    message = "This is not a payment code."


class CodeOfOthers(UnreadableCode):
    """A sound code of a shop that takes no money here."""

    status, code = 422, "code-of-others"
    message = "This is a payment code, but of other networks: nobody here can be paid by it."


class PaymentCodeUnknown(NotFound):
    """No member has shown this code, or it is long gone."""

    code = "payment-code-unknown"
    message = "This payment code is not known: ask the payer to show a new one."

    def __init__(self, shop_id: str = "") -> None:
        super().__init__()
        # Who tried it, for the count of misses; not told.
        self.shop_id = shop_id


class PaymentCodeExpired(Refusal):
    """The code was shown too long ago."""

    status, code = 409, "payment-code-expired"
    message = "This payment code has expired: ask the payer to show a new one."


class PaymentCodeUsed(Refusal):
    """The code has paid already, or its member took it back."""

    status, code = 409, "payment-code-used"
    message = "This payment code was used before: ask the payer to show a new one."


class PayerCannotPay(Refusal):
    """The payer has not got it, or may not pay it; which of them is no matter of the shop's."""

    status, code = 409, "payer-cannot-pay"
    message = "The payer cannot pay this now. Their own wallet tells them why."


class TooManyPaymentCodes(LimitExceeded):
    """A member asks for codes faster than anybody pays."""

    code = "too-many-payment-codes"
    message = "You have asked for many payment codes: wait a little."


class TooManyMisses(LimitExceeded):
    """A shop tries many codes that nobody has shown."""

    code = "too-many-misses"
    message = "Too many codes were tried that nobody has shown: wait a little."
