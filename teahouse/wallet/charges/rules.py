"""What may follow what in the life of a charge, and how much. Pure.

open, awaiting_member -> captured, authorised, cancelled, expired
awaiting_member       -> declined
authorised            -> captured, voided, expired
captured              -> refunded
"""

from __future__ import annotations

import string
from typing import Final
from urllib.parse import urlsplit

import msgspec

from teahouse.wallet.charges.errors import (
    CaptureTooLarge,
    ChargeExpired,
    InvalidCharge,
    NoTipWanted,
    RefundTooLarge,
    WrongChargeStatus,
)
from teahouse.wallet.charges.types import ChargeStatus, NewCharge, Standing, TipMode

# Capital letters and digits without those that look alike (Crockford's base 32); 16 of them are 80
# bits: nobody finds a charge by trying.
CODE_ALPHABET: Final = "".join(sorted(set(string.digits + string.ascii_uppercase) - set("ILOU")))
CODE_LENGTH: Final = 16
# How long held money can be captured: what card networks allow shops that ship.
AUTHORISED_MS: Final = 7 * 86_400_000
# How long a member has to confirm on their phone while they stand at the till.
CONFIRM_MS: Final = 300_000
# A tip can still be given until the next morning.
TIP_UNTIL_MS: Final = 86_400_000
# Beside a small bill a large tip is a slip of the finger.
TIP_FACTOR_MAX: Final = 1

NEXT_STATUSES: Final[dict[ChargeStatus, frozenset[ChargeStatus]]] = {
    "open": frozenset({"authorised", "captured", "cancelled", "expired"}),
    "awaiting_member": frozenset({"authorised", "captured", "declined", "cancelled", "expired"}),
    "authorised": frozenset({"captured", "voided", "expired"}),
    "captured": frozenset({"refunded"}),
    "refunded": frozenset(),
    "voided": frozenset(),
    "cancelled": frozenset(),
    "declined": frozenset(),
    "expired": frozenset(),
}
PAYABLE: Final[frozenset[ChargeStatus]] = frozenset({"open", "awaiting_member"})


def check_new_charge(wish: NewCharge) -> None:
    """Check what a shop asks for, but for its amount.

    Raises:
        InvalidCharge: a text that cannot be printed, an address that is none.
    """
    for name in ("description", "reference", "terminal"):
        if not getattr(wish, name).isprintable():
            raise InvalidCharge(f"`{name}` has signs that cannot be printed.")
    if wish.return_url:
        _check_return_url(wish.return_url)


def _check_return_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        is_whole = False
    if not is_whole or not url.isascii() or not url.isprintable() or "\\" in url:
        raise InvalidCharge("`return_url` begins with https:// and names a host.")


def _step(standing: Standing, status: ChargeStatus) -> None:
    if status not in NEXT_STATUSES[standing.status]:
        kind = ChargeExpired if standing.status == "expired" else WrongChargeStatus
        raise kind(
            None
            if kind is ChargeExpired
            else f"A charge that is {standing.status} stays so: it cannot become {status}.",
            charge_status=standing.status,
        )


def compute_total(standing: Standing, *, tip: int, tip_mode: TipMode) -> int:
    """What a payer pays: the amount and their tip.

    Raises:
        NoTipWanted: the shop asked for none, or it is more than the amount.
    """
    assert tip >= 0
    if tip and tip_mode == "none":
        raise NoTipWanted
    if tip > standing.amount * TIP_FACTOR_MAX:
        raise NoTipWanted("A tip can be at most as much as the amount itself.")
    return standing.amount + tip


def authorise(standing: Standing) -> Standing:
    """Hold the money.

    Raises:
        WrongChargeStatus: it was paid before, or has ended.
    """
    _step(standing, "authorised")
    return msgspec.structs.replace(standing, status="authorised")


def pay_directly(standing: Standing, *, tip: int) -> Standing:
    """Pay and capture in one step.

    Raises:
        WrongChargeStatus: it was paid before, or has ended.
    """
    if standing.status == "authorised":
        raise WrongChargeStatus("This charge is paid already.", charge_status="authorised")
    _step(standing, "captured")
    return msgspec.structs.replace(
        standing, status="captured", tip=tip, captured=standing.amount + tip
    )


def capture(standing: Standing, amount: int) -> Standing:
    """Capture what is held, in full or part.

    Raises:
        WrongChargeStatus: nothing is held (any more).
        CaptureTooLarge: more than is held, or nothing.
    """
    if standing.status != "authorised":
        raise WrongChargeStatus(
            f"Nothing is held for a charge that is {standing.status}.",
            charge_status=standing.status,
        )
    if not 0 < amount <= standing.amount:
        raise CaptureTooLarge(authorised=standing.amount)
    return msgspec.structs.replace(standing, status="captured", captured=amount)


def end(standing: Standing, status: ChargeStatus) -> Standing:
    """Let a charge end unpaid.

    Raises:
        WrongChargeStatus: it is paid, or has ended.
    """
    assert status in {"voided", "cancelled", "declined", "expired"}
    _step(standing, status)
    return msgspec.structs.replace(standing, status=status)


def refund(standing: Standing, amount: int) -> Standing:
    """Give back a part of what was paid, or all that is left.

    Raises:
        WrongChargeStatus: it was not paid, or all of it was given back.
        RefundTooLarge: more than is left, or nothing.
    """
    if standing.status != "captured":
        raise WrongChargeStatus(
            f"Nothing can be refunded of a charge that is {standing.status}.",
            charge_status=standing.status,
        )
    left = standing.captured - standing.refunded
    if not 0 < amount <= left:
        raise RefundTooLarge(left=left)
    return msgspec.structs.replace(
        standing,
        status="refunded" if amount == left else "captured",
        refunded=standing.refunded + amount,
    )


def tip_later(standing: Standing, amount: int, *, tip_mode: TipMode) -> Standing:
    """Add a tip after the payment, once.

    Raises:
        WrongChargeStatus: it was not paid, or given back.
        NoTipWanted: the shop asked for none, one was given, or it is more than the amount.
    """
    if standing.status != "captured":
        raise WrongChargeStatus(charge_status=standing.status)
    if tip_mode == "none" or standing.tip or standing.later_tip:
        raise NoTipWanted
    if not 0 < amount <= standing.amount * TIP_FACTOR_MAX:
        raise NoTipWanted("A tip can be at most as much as the amount itself.")
    return msgspec.structs.replace(standing, later_tip=amount)


def compute_fee_return(*, fee: int, captured: int, refunded: int, returned: int) -> int:
    """What the house gives back of its fee with a refund.

    It gives back its share in proportion to all that was refunded so far, rounded down, less what
    it gave back before; so a charge that is refunded whole costs the shop nothing, in however
    many steps.

    Args:
        fee: what it took.
        captured: what was paid.
        refunded: what was given back, this refund included.
        returned: what it gave back before.
    """
    assert 0 < refunded <= captured
    due = fee * refunded // captured
    assert due >= returned
    return due - returned
