"""What the link to outside banks refuses.

NoPartnerBank, CurrencyNotAtBank            what the house can do
BadAccountNumber, TooManyOutsideAccounts    linking
AlreadyLinked
UnknownOutsideAccount, OutsideAccountNotVerified, NameNotDecided, DebitsNotAllowed
WrongCode, CodeExpired                      verifying
UnknownOrder, TooMuchOnItsWay               moving money
BadHouseAccount                             settings
"""

from __future__ import annotations

from teahouse.platform.errors import Refusal


class NoPartnerBank(Refusal):
    """The house has no link to outside banks."""

    status, code, errcode = 503, "no-partner-bank", "M_UNKNOWN"
    message = "This house has no link to outside banks."


class CurrencyNotAtBank(Refusal):
    """The house has no account in that currency."""

    status, code, errcode = 422, "currency-not-at-bank", "M_INVALID_PARAM"
    message = "This house has no bank account in that currency."


class BadAccountNumber(Refusal):
    """A number that no account can have."""

    code, errcode = "bad-account-number", "M_INVALID_PARAM"
    message = "This is not the number of a bank account: an IBAN, or 8 to 30 digits."


class TooManyOutsideAccounts(Refusal):
    """More linked accounts than anybody needs."""

    status, code, errcode = 409, "too-many-outside-accounts", "M_LIMIT_EXCEEDED"
    message = "Too many outside accounts were linked: remove one, or wait."


class AlreadyLinked(Refusal):
    """The same number once more."""

    status, code, errcode = 409, "already-linked", "M_INVALID_PARAM"
    message = "This account is linked already."


class UnknownOutsideAccount(Refusal):
    """No account of this requester's."""

    status, code, errcode = 404, "unknown-outside-account", "M_NOT_FOUND"
    message = "There is no such outside account."


class OutsideAccountNotVerified(Refusal):
    """Its holder has not proven to be that."""

    status, code, errcode = 409, "outside-account-not-verified", "M_FORBIDDEN"
    message = "Tell the code that came with the small credit first."


class NameNotDecided(Refusal):
    """Its bank does not know the holder by that name, and the holder has not said what is right."""

    status, code, errcode = 409, "name-not-decided", "M_FORBIDDEN"
    message = "The bank knows the holder by another name: say which one is right first."


class DebitsNotAllowed(Refusal):
    """Its holder has not let the house collect."""

    status, code, errcode = 409, "debits-not-allowed", "M_FORBIDDEN"
    message = "You have not allowed to collect from this account: link it anew to do so."


class WrongCode(Refusal):
    """Not the code that was sent; `tries_left` in the data."""

    status, code, errcode = 403, "wrong-code", "M_FORBIDDEN"
    message = "This is not the code that came with the small credit."


class CodeExpired(Refusal):
    """Too late, or tried too often."""

    status, code, errcode = 409, "code-expired", "M_FORBIDDEN"
    message = "This code can no longer be used: remove the account and link it anew."


class UnknownOrder(Refusal):
    """No order of this requester's."""

    status, code, errcode = 404, "unknown-order", "M_NOT_FOUND"
    message = "There is no such top-up or withdrawal."


class TooMuchOnItsWay(Refusal):
    """More unfinished top-ups than are allowed at once."""

    status, code, errcode = 409, "too-much-on-its-way", "M_LIMIT_EXCEEDED"
    message = "Too many top-ups are on their way: wait until the bank has booked some."


class BadHouseAccount(Refusal):
    """A setting that names no account."""

    code, errcode = "bad-house-account", "M_INVALID_PARAM"
    message = "`partner_bank_accounts` lists accounts as `EUR:DE89…`, one for each currency."
