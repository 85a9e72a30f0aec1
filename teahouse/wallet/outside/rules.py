"""What an order becomes, and what an account number can be. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime

from teahouse.iso20022 import AccountNumber
from teahouse.platform.errors import Refusal
from teahouse.platform.money import Currency, parse_currency
from teahouse.wallet.outside.errors import (
    BadAccountNumber,
    BadHouseAccount,
    NameNotDecided,
    OutsideAccountNotVerified,
)
from teahouse.wallet.outside.types import (
    NAME_DOUBTED,
    OUTGOING,
    Effect,
    FileKind,
    OrderEvent,
    OrderKind,
    OrderStatus,
    OutsideAccount,
    Step,
)

# Accounts and bank cards in China have 8 to 30 digits and no check that all banks share.
_DIGITS = re.compile(r"[0-9]{8,30}")
_LAST = 4
# Reasons that say: we have had this already. What was sent first counts.
DUPLICATES = frozenset({"DU01", "DU02", "DU03", "DU04", "DU05", "DUPL", "AM05"})
ACCEPTED = frozenset({"ACCP", "ACTC", "ACSP", "ACSC", "ACCC", "ACWC", "ACWP", "ACFC"})
REJECTED = frozenset({"RJCT", "CANC"})


def check_account_number(text: str) -> AccountNumber:
    """Read the number of an account as people write it.

    Args:
        text: an IBAN or digits; spaces and dashes do not matter.

    Raises:
        BadAccountNumber: neither; or an IBAN whose country, length or check digits are wrong.

    Source:
        ISO 13616 (IBAN) and ISO/IEC 7064 (mod 97-10), by the registry of SWIFT.
    """
    from schwifty import IBAN  # its registry of banks takes 70 ms: only where numbers are read
    from schwifty.exceptions import SchwiftyException

    clean = re.sub(r"[\s-]", "", text).upper()
    if not clean.isascii():
        raise BadAccountNumber
    if _DIGITS.fullmatch(clean):
        return AccountNumber(clean, is_iban=False)
    try:
        return AccountNumber(IBAN(clean).compact, is_iban=True)
    except (SchwiftyException, ValueError):
        raise BadAccountNumber from None


def last4_of(number: AccountNumber) -> str:
    """The end of a number, which names it to who knows it, and to nobody else."""
    return number.number[-_LAST:]


def check_usable(account: OutsideAccount) -> None:
    """Refuse to move money from or to an account that is not proven, or whose name is in doubt.

    Raises:
        OutsideAccountNotVerified: its holder has not proven to be that.
        NameNotDecided: its bank has doubted the name, and nothing was said to it.
    """
    if account.status != "verified":
        raise OutsideAccountNotVerified
    if account.name_check in NAME_DOUBTED:
        raise NameNotDecided


def parse_house_accounts(told: Iterable[str]) -> dict[Currency, AccountNumber]:
    """The house's accounts, from the setting: `EUR:DE89…`.

    Raises:
        BadHouseAccount: another form, or a currency twice.
    """
    accounts: dict[Currency, AccountNumber] = {}
    for one in told:
        code, _, number = one.partition(":")
        try:
            currency = parse_currency(code)
            account = check_account_number(number)
        except Refusal as refusal:
            raise BadHouseAccount(f"`partner_bank_accounts`: {one}: {refusal.text}") from None
        if currency in accounts:
            raise BadHouseAccount(f"`partner_bank_accounts` lists {currency} twice.")
        accounts[currency] = account
    return accounts


def advance(kind: OrderKind, status: OrderStatus, event: OrderEvent) -> Step:
    """What an event makes of an order.

    The bank's messages may come twice and in any order: what is told again changes nothing, and
    what is told late neither. Only what contradicts what was told before needs a person.

    Args:
        kind: of the order.
        status: as it is.
        event: what is told of it.
    """
    if event in {"sent", "accepted"}:
        return _go_on(status, event)
    if status in {"requested", "sent", "accepted"}:
        return Step(event, _first_effect(kind, event))
    if status == "booked" and event == "returned":
        return Step("returned", "give_back" if kind in OUTGOING else "take_back")
    # Told twice; or, of what came back, that it was booked before or rejected.
    if status in {event, "returned"}:
        return Step(status, "none")
    # Booked and rejected, or rejected and yet moved: a person must look.
    return Step(status, "report")


def _go_on(status: OrderStatus, event: OrderEvent) -> Step:
    order: tuple[OrderStatus, ...] = ("requested", "sent", "accepted")
    later = status not in order or order.index(status) > order.index(event)
    return Step(status if later else event, "none")


def _first_effect(kind: OrderKind, event: OrderEvent) -> Effect:
    if event == "booked":
        return "none" if kind in OUTGOING else "credit"
    # Rejected; or it came back before anybody told that it was booked.
    return "give_back" if kind in OUTGOING else "void"


def file_kind_of(kind: OrderKind) -> FileKind:
    """In which kind of file an order goes to the bank."""
    return "transfers" if kind in OUTGOING else "debits"


def reference_of(own_id: str) -> str:
    """An id as banks accept it: they know no `_`."""
    return own_id.replace("_", "-")


def id_of(reference: str) -> str:
    """The id behind a reference that came back from a bank."""
    return reference.strip().replace("-", "_")


def day_of(at: int) -> date:
    """The day (UTC) of an instant in milliseconds."""
    return datetime.fromtimestamp(at / 1000, UTC).date()
