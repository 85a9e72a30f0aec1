"""Why a bank rejects or returns a payment, in words.

Source: ISO 20022 external code sets, ExternalStatusReason1Code and ExternalReturnReason1Code; of
the several hundred those that customers' payments meet.
"""

from __future__ import annotations

_REASONS = {
    "AC01": "There is no account of that number.",
    "AC04": "The account is closed.",
    "AC06": "The account is blocked.",
    "AC13": "The account cannot be debited: it is a consumer's, and the order was for businesses.",
    "AG01": "Payments of this kind are not allowed on the account.",
    "AG02": "The bank does not know this kind of order.",
    "AM02": "The amount is not allowed.",
    "AM03": "The account is kept in another currency.",
    "AM04": "There is not enough money in the account.",
    "AM05": "The payment was made already.",
    "AM09": "The amount is wrong.",
    "AM10": "The sum in the file is wrong.",
    "AM18": "The number of orders in the file is wrong.",
    "BE01": "Name and number of the account do not fit each other.",
    "CUST": "The customer asked for it.",
    "DT01": "The date is not valid.",
    "DU01": "The bank has had a file of that name already.",
    "DU04": "The bank has had an order of that name already.",
    "DUPL": "The payment was made already.",
    "ED05": "The banks could not settle the payment.",
    "FF01": "The bank could not read the file.",
    "FOCR": "The payment came back after it had been recalled.",
    "MD01": "There is no mandate.",
    "MD02": "Something is missing in the mandate.",
    "MD06": "The payer asked for the money back.",
    "MD07": "The holder of the account has died.",
    "MS02": "The customer refused the payment; no reason was given.",
    "MS03": "The bank gave no reason.",
    "NARR": "The bank told the reason in words only.",
    "NOAS": "The customer did not answer the bank.",
    "RC01": "The bank's own code (BIC) is wrong.",
    "RR04": "The bank refused the payment by law.",
    "SL01": "The bank refused the payment for a service it offers its customer.",
    "TM01": "The file came too late for its day.",
}
_UNKNOWN = "The bank gave no reason that is known here."


def describe_reason(code: str) -> str:
    """A reason's code as a sentence for the person whose payment it was."""
    return _REASONS.get(code, _UNKNOWN)
