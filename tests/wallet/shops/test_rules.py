"""Fees, powers, and what may follow what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.platform.money import Currency, Money
from teahouse.wallet.shops.errors import InvalidShop, WrongShopStatus
from teahouse.wallet.shops.rules import (
    NEXT_STATUSES,
    ROLE_POWERS,
    SCOPE_POWERS,
    check_change,
    check_shop,
    check_step,
    compute_fee,
    find_category,
    powers_of_scopes,
)
from teahouse.wallet.shops.types import FeeRate, OpeningHours, ShopChange, ShopStatus

CNY = Currency("CNY")


def _rate(basis_points: int, fixed: int = 0) -> FeeRate:
    return FeeRate(currency=CNY, basis_points=basis_points, fixed=fixed, valid_from=0)


@pytest.mark.parametrize(
    ("minor", "basis_points", "fixed", "fee"),
    [
        (10_000, 60, 0, 60),
        # 0.6 % of 1.00 is 0.6 of a fen.
        (100, 60, 0, 1),
        # Half a fen is rounded up, and less is rounded down.
        (50, 100, 0, 1),
        (49, 100, 0, 0),
        (10_000, 290, 30, 320),
        (20, 0, 30, 19),
        (1, 10_000, 0, 0),
        (0, 60, 0, 0),
    ],
)
def test_fees_are_rounded_half_up(minor: int, basis_points: int, fixed: int, fee: int) -> None:
    assert compute_fee(Money(minor, CNY), _rate(basis_points, fixed)) == Money(fee, CNY)
    assert compute_fee(Money(minor, CNY), None) == Money(0, CNY)


@given(
    minor=st.integers(0, 10**15), basis_points=st.integers(0, 10_000), fixed=st.integers(0, 10**9)
)
def test_a_fee_leaves_something_of_the_payment(minor: int, basis_points: int, fixed: int) -> None:
    fee = compute_fee(Money(minor, CNY), _rate(basis_points, fixed)).minor
    assert 0 <= fee < max(1, minor)
    assert fee == max(0, minor - 1) or abs(fee - fixed - minor * basis_points / 10_000) < 1


def test_roles_grow_and_no_key_touches_people_keys_or_payouts() -> None:
    assert ROLE_POWERS["cashier"] < ROLE_POWERS["manager"] < ROLE_POWERS["owner"]
    assert "refunds.create" not in ROLE_POWERS["cashier"]
    everything = powers_of_scopes(SCOPE_POWERS)
    assert everything <= ROLE_POWERS["owner"]
    assert not everything & {"staff.change", "keys.change", "payouts.change", "shop.change"}


def test_a_status_follows_only_on_some() -> None:
    check_step("applied", "verified")
    check_step("suspended", "verified")
    impossible: list[tuple[ShopStatus, ShopStatus]] = [
        ("refused", "verified"),
        ("closed", "verified"),
        ("applied", "applied"),
    ]
    for before, after in impossible:
        with pytest.raises(WrongShopStatus):
            check_step(before, after)
    assert not NEXT_STATUSES["closed"]


def test_what_was_verified_stays() -> None:
    assert check_change("applied", ShopChange(name="Other")) == "applied"
    assert check_change("refused", ShopChange(city="Suzhou")) == "applied"
    assert check_change("verified", ShopChange(city="Suzhou")) == "verified"
    statuses: list[ShopStatus] = ["verified", "suspended"]
    for status in statuses:
        with pytest.raises(WrongShopStatus):
            check_change(status, ShopChange(category_code="5812"))
    with pytest.raises(WrongShopStatus):
        check_change("closed", ShopChange(city="Suzhou"))


@pytest.mark.parametrize(
    "change",
    [
        ShopChange(name="Tea\u200bHouse"),
        ShopChange(name=" Tea"),
        ShopChange(city="Hang\nzhou"),
        ShopChange(category_code="0000"),
        ShopChange(country="ZZ"),
        ShopChange(country="EU"),
        ShopChange(logo="https://elsewhere.example/logo.png"),
        ShopChange(opening_hours=[OpeningHours(1, "18:00", "09:00")]),
        ShopChange(opening_hours=[OpeningHours(1, "09:00", "09:00")]),
        ShopChange(
            opening_hours=[OpeningHours(1, "09:00", "12:00"), OpeningHours(1, "11:00", "15:00")]
        ),
    ],
)
def test_profiles_that_cannot_be_are_refused(change: ShopChange) -> None:
    with pytest.raises(InvalidShop):
        check_shop(change)


def test_a_profile_that_can_be_is_taken() -> None:
    hours = [OpeningHours(1, "13:00", "24:00"), OpeningHours(1, "09:00", "13:00")]
    check_shop(ShopChange(name="Café", name_zh="茶庄", country="CM", opening_hours=hours))
    assert find_category("5812") == "Eating places and restaurants"
