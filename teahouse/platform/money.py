"""Money: a whole number of minor units, and the currency they are units of. Never a float.

Its JSON form is `{"minor": 2000, "currency": "CNY"}` everywhere.

Source: ISO 4217, whose exponent says how many decimals a currency has (0, 2, 3 or 4).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, NewType

import babel
import iso4217
import msgspec
from babel.numbers import NumberPattern

from teahouse.platform.errors import Refusal

Currency = NewType("Currency", str)

# A thousand billions of minor units: more than anybody pays at once, in any currency, and far
# enough from the 2**63 of a column that sums of thousands of amounts fit.
MINOR_MAX = 10**15
_AMOUNT = re.compile(r"(?P<whole>[0-9]{1,16})(?:\.(?P<part>[0-9]{1,4}))?")
# Metals, funds' units and codes for tests have no minor unit: nobody pays with them.
_EXPONENTS: dict[str, int] = {
    one.code: one.exponent for one in iso4217.Currency if one.exponent is not None
}
# CLDR parts a currency that is written in letters from the digits (`currencySpacing`).
_TOO_CLOSE = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_LOCALES_REMEMBERED_MAX = 256
_DEFAULT_LOCALE = "en"


class UnknownCurrency(Refusal):
    """No currency of ISO 4217 that has a minor unit."""

    code, errcode = "unknown-currency", "M_INVALID_PARAM"
    message = "This is not the code of a currency (ISO 4217)."


class InvalidAmount(Refusal):
    """Text that is no amount of the currency, or an amount where none can be."""

    code, errcode = "invalid-amount", "M_INVALID_PARAM"
    message = "This is not an amount in this currency."


class AmountTooLarge(Refusal):
    """More than one amount may be."""

    code, errcode = "amount-too-large", "M_INVALID_PARAM"
    message = "The amount is larger than this server accepts."


def parse_currency(code: str) -> Currency:
    """The currency of a code.

    Raises:
        UnknownCurrency: ISO 4217 has no such code (in capitals), or it has no minor unit.
    """
    if code not in _EXPONENTS:
        raise UnknownCurrency(f"{code[:8]!r} is not the code of a currency (ISO 4217).")
    return Currency(code)


def list_currencies() -> list[Currency]:
    """Every currency there is, by code."""
    return [Currency(code) for code in sorted(_EXPONENTS)]


def exponent_of(currency: Currency) -> int:
    """How many decimals a currency has: 0 for JPY and XAF, 2 for CNY, 3 for KWD, 4 for CLF.

    Source:
        ISO 4217, list one.
    """
    return _EXPONENTS[currency]


class Money(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An amount in one currency.

    Attributes:
        minor: minor units, for example cents; negative where something is owed.
        currency: the ISO 4217 code.
    """

    # The bound holds for what comes from outside (it is checked in decoding); sums of our own may
    # go beyond it.
    minor: Annotated[int, msgspec.Meta(ge=-MINOR_MAX, le=MINOR_MAX, examples=[2000])]
    currency: Annotated[Currency, msgspec.Meta(examples=["CNY"])]

    def __post_init__(self) -> None:
        parse_currency(self.currency)

    def __add__(self, other: Money) -> Money:
        assert self.currency == other.currency
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        assert self.currency == other.currency
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        assert self.currency == other.currency
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        assert self.currency == other.currency
        return self.minor <= other.minor

    def __gt__(self, other: Money) -> bool:
        return other < self

    def __ge__(self, other: Money) -> bool:
        return other <= self

    def __bool__(self) -> bool:
        return self.minor != 0


def split_evenly(total: int, shares: int) -> list[int]:
    """Split an amount so that shares differ by at most one unit and sum exactly.

    The larger shares come first, so that the same split always has the same order.

    Args:
        total: minor units, not negative.
        shares: how many, at least one.

    Returns:
        `shares` amounts in minor units, largest first, summing to `total`.
    """
    assert total >= 0
    assert shares >= 1
    base, left_over = divmod(total, shares)
    return [base + 1] * left_over + [base] * (shares - left_over)


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Share an amount out in proportion to weights; the shares sum exactly.

    Each share is the exact proportion, rounded down; what is left over goes, a unit each, to the
    largest remainders, and of equal ones to the earlier.

    Args:
        total: minor units, not negative.
        weights: whole numbers, not negative, not all zero.

    Returns:
        One amount for each weight; each within one unit of its exact proportion.

    Source:
        The method of largest remainders (Hamilton).
    """
    assert total >= 0
    whole = sum(weights)
    assert whole > 0
    assert min(weights) >= 0
    parts = [divmod(total * weight, whole) for weight in weights]
    shares = [share for share, _ in parts]
    by_remainder = sorted(range(len(parts)), key=lambda index: -parts[index][1])
    for index in by_remainder[: total - sum(shares)]:
        shares[index] += 1
    return shares


def parse_amount(text: str, currency: Currency) -> Money:
    """Read an amount such as `12.34`, as forms and files write it: no sign, no grouping.

    Raises:
        InvalidAmount: no such number, or more decimals than the currency has.
        AmountTooLarge: more than `MINOR_MAX` minor units.
    """
    match = _AMOUNT.fullmatch(text)
    exponent = exponent_of(currency)
    if match is None or len(match["part"] or "") > exponent:
        raise InvalidAmount(f"An amount in {currency} has at most {exponent} decimals.")
    minor = int(match["whole"] + (match["part"] or "").ljust(exponent, "0"))
    if minor > MINOR_MAX:
        raise AmountTooLarge
    return Money(minor, currency)


def plain_amount(money: Money) -> str:
    """The amount as files and standards write it: `12.34`, a point and all decimals."""
    exponent = exponent_of(money.currency)
    return f"{Decimal(money.minor).scaleb(-exponent):.{exponent}f}"


def format_money(money: Money, locale: str) -> str:
    """An amount as people in some place write it, with its currency.

    Args:
        money: any amount.
        locale: a language tag such as `zh-CN` or `fr_CH`; English where nobody knows it.

    Source:
        Unicode CLDR, but with the decimals of ISO 4217: CLDR leaves out those that are out of use
        in daily life, and books cannot.
    """
    known = _find_locale(locale)
    exponent = exponent_of(money.currency)
    text: str = _pattern(known, exponent).apply(
        Decimal(money.minor).scaleb(-exponent),
        known,
        currency=money.currency,
        currency_digits=False,
    )
    return _TOO_CLOSE.sub("\N{NO-BREAK SPACE}", text)


@lru_cache(_LOCALES_REMEMBERED_MAX)
def _find_locale(tag: str) -> babel.Locale:
    parts = tag.replace("-", "_").split("_")
    # From the narrowest to the widest: zh_Hans_CN, zh_Hans, zh.
    for length in range(len(parts), 0, -1):
        try:
            return babel.Locale.parse("_".join(parts[:length]))
        except (ValueError, babel.UnknownLocaleError):
            continue
    return babel.Locale.parse(_DEFAULT_LOCALE)


@lru_cache(_LOCALES_REMEMBERED_MAX)
def _pattern(locale: babel.Locale, exponent: int) -> NumberPattern:
    pattern: NumberPattern = copy.copy(locale.currency_formats["standard"])
    pattern.frac_prec = (exponent, exponent)
    return pattern
