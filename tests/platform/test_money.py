"""Money: whole units, exact shares, decimals by ISO 4217."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.platform.money import (
    MINOR_MAX,
    AmountTooLarge,
    Currency,
    InvalidAmount,
    Money,
    UnknownCurrency,
    allocate,
    exponent_of,
    format_money,
    list_currencies,
    parse_amount,
    parse_currency,
    plain_amount,
    split_evenly,
)

CNY, EUR, JPY, KWD, XAF = (Currency(code) for code in ("CNY", "EUR", "JPY", "KWD", "XAF"))
amounts = st.integers(-MINOR_MAX, MINOR_MAX)
totals = st.integers(0, MINOR_MAX)
currencies = st.sampled_from(list_currencies())


@given(total=totals, shares=st.integers(1, 500))
def test_a_split_loses_no_unit_and_is_fair(total: int, shares: int) -> None:
    parts = split_evenly(total, shares)
    assert sum(parts) == total
    assert len(parts) == shares
    assert max(parts) - min(parts) <= 1
    assert parts == sorted(parts, reverse=True)


@given(
    total=totals,
    weights=st.lists(st.integers(0, 10**9), min_size=1, max_size=50).filter(any),
)
def test_an_allocation_loses_no_unit_and_is_near_the_exact_proportion(
    total: int, weights: list[int]
) -> None:
    shares = allocate(total, weights)
    assert sum(shares) == total
    whole = sum(weights)
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share * whole - total * weight) < whole
        assert share >= 0


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (0, [1, 2], [0, 0]),
        (10, [0, 1], [0, 10]),
        (7, [3, 3, 1], [3, 3, 1]),
        (5, [1, 1], [3, 2]),
    ],
)
def test_allocations_give_what_is_left_to_the_largest_remainders(
    total: int, weights: list[int], shares: list[int]
) -> None:
    assert allocate(total, weights) == shares


@pytest.mark.parametrize(
    ("code", "exponent"),
    [("CNY", 2), ("EUR", 2), ("USD", 2), ("XAF", 0), ("JPY", 0), ("KWD", 3), ("CLF", 4)],
)
def test_the_decimals_are_those_of_iso_4217(code: str, exponent: int) -> None:
    assert exponent_of(parse_currency(code)) == exponent


@pytest.mark.parametrize("code", ["", "cny", "XAU", "XXX", "EURO", "12", "C\0Y", "ＣＮＹ", "DEM"])
def test_what_is_no_currency_is_refused(code: str) -> None:
    with pytest.raises(UnknownCurrency):
        parse_currency(code)


@given(minor=totals, currency=currencies)
def test_an_amount_in_plain_text_is_read_back(minor: int, currency: Currency) -> None:
    text = plain_amount(Money(minor, currency))
    assert Decimal(text).scaleb(exponent_of(currency)) == minor
    assert parse_amount(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-1",
        "+1",
        "1.",
        ".5",
        "1,5",
        "1.234",
        "1e3",
        " 1",
        "1 ",
        "1\n",
        "１",
        "0x1",
        "NaN",
        "1_0",
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(InvalidAmount):
        parse_amount(text, CNY)


def test_an_amount_has_no_more_decimals_than_its_currency() -> None:
    assert parse_amount("1.234", KWD) == Money(1234, KWD)
    with pytest.raises(InvalidAmount):
        parse_amount("1.0", JPY)


def test_an_amount_beyond_the_largest_is_refused() -> None:
    assert parse_amount("10000000000000.00", CNY).minor == MINOR_MAX
    with pytest.raises(AmountTooLarge):
        parse_amount("10000000000000.01", CNY)


@given(minor=amounts, currency=currencies)
def test_money_goes_through_json_and_back(minor: int, currency: Currency) -> None:
    money = Money(minor, currency)
    assert msgspec.json.decode(msgspec.json.encode(money), type=Money) == money


@pytest.mark.parametrize(
    "raw",
    [
        b'{"minor":1.0,"currency":"CNY"}',
        b'{"minor":1e2,"currency":"CNY"}',
        b'{"minor":"1","currency":"CNY"}',
        b'{"minor":true,"currency":"CNY"}',
        b'{"minor":null,"currency":"CNY"}',
        b'{"minor":1000000000000001,"currency":"CNY"}',
        b'{"minor":99999999999999999999999999,"currency":"CNY"}',
        b'{"currency":"CNY"}',
        b'{"minor":1}',
    ],
)
def test_money_of_another_shape_is_refused(raw: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(raw, type=Money)


def test_money_in_no_currency_is_refused() -> None:
    with pytest.raises(UnknownCurrency):
        msgspec.json.decode(b'{"minor":1,"currency":"XXX"}', type=Money)


@given(left=amounts, right=amounts)
def test_arithmetic_is_that_of_whole_numbers(left: int, right: int) -> None:
    one, other = Money(left, CNY), Money(right, CNY)
    assert one + other == Money(left + right, CNY)
    assert one - other == Money(left - right, CNY)
    assert -one == Money(-left, CNY)
    assert (one < other, one <= other, one > other, one >= other) == (
        left < right,
        left <= right,
        left > right,
        left >= right,
    )
    assert bool(one) == (left != 0)


def test_amounts_in_different_currencies_do_not_add_up() -> None:
    for calculate in (Money.__add__, Money.__sub__, Money.__lt__, Money.__le__):
        with pytest.raises(AssertionError):
            calculate(Money(1, CNY), Money(1, EUR))


@pytest.mark.parametrize(
    ("money", "locale", "text"),
    [
        (Money(123456, CNY), "zh-CN", "¥1,234.56"),
        (Money(123456, EUR), "de", "1.234,56\xa0€"),
        (Money(-5, EUR), "en", "-€0.05"),
        (Money(1234, JPY), "ja", "￥1,234"),
        (Money(1234567, KWD), "en", "KWD\xa01,234.567"),
        (Money(5000, XAF), "en", "FCFA\xa05,000"),
        (Money(5, CNY), "xx", "CN¥0.05"),
        (Money(5, CNY), "", "CN¥0.05"),
        (Money(5, CNY), "en_US_" + "x" * 500, "CN¥0.05"),
        # Out of use in daily life, yet in the books (CLDR would leave them out).
        (Money(5, Currency("IQD")), "en", "IQD\xa00.005"),
    ],
)
def test_amounts_are_written_as_people_do(money: Money, locale: str, text: str) -> None:
    assert format_money(money, locale) == text


@given(minor=amounts, currency=currencies)
def test_every_amount_can_be_written(minor: int, currency: Currency) -> None:
    digits = "".join(c for c in format_money(Money(minor, currency), "en") if c in "0123456789")
    assert int(digits) == abs(minor)
