"""Dates, bounds and tries of mandates."""

from datetime import date, timedelta

import msgspec
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.platform.money import Currency, Money
from teahouse.wallet.mandates.errors import ChargeBeyondMandate, ChargeOutOfTime, InvalidTerms
from teahouse.wallet.mandates.rules import (
    DAY_MS,
    RETRY_DAYS,
    add_months,
    check_amount,
    check_terms,
    compute_due,
    day_of,
    next_planned,
    next_try,
    period_of,
    period_start,
    start_of_day,
)
from teahouse.wallet.mandates.types import Period, Terms

CNY = Currency("CNY")
TODAY = date(2026, 11, 24)
NOW = start_of_day(TODAY) + 10 * 3_600_000

days = st.dates(date(1990, 1, 1), date(2100, 12, 31))
periods = st.sampled_from(["week", "month", "year"])


def cny(minor: int) -> Money:
    return Money(minor, CNY)


def terms(**changes: object) -> Terms:
    usual = Terms(
        charge_max=cny(3000),
        period="month",
        amount=cny(2500),
        start_on=TODAY,
        notice_days=3,
        description_en="Cinema",
    )
    return msgspec.structs.replace(usual, **changes)


# Days


@pytest.mark.parametrize(
    ("day", "count", "then"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-01-31", 2, "2026-03-31"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-03-30", -1, "2026-02-28"),
        ("2100-01-29", 1, "2100-02-28"),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last(day: str, count: int, then: str) -> None:
    assert add_months(date.fromisoformat(day), count) == date.fromisoformat(then)


@given(day=days, count=st.integers(-600, 600))
def test_months_are_added_as_another_library_does(day: date, count: int) -> None:
    assert add_months(day, count) == day + relativedelta(months=count)


@given(anchor=days, period=periods, index=st.integers(0, 400))
def test_periods_follow_one_another_without_gap_or_overlap(
    anchor: date, period: Period, index: int
) -> None:
    first, following = (period_start(anchor, period, index + n) for n in range(2))
    assert first < following
    assert period_of(anchor, period, first) == index
    assert period_of(anchor, period, following - timedelta(days=1)) == index
    assert period_of(anchor, period, following) == index + 1


@given(anchor=days, period=periods, day=days)
def test_every_day_falls_into_its_period(anchor: date, period: Period, day: date) -> None:
    index = period_of(anchor, period, day)
    assert period_start(anchor, period, index) <= day < period_start(anchor, period, index + 1)
    assert (index >= 0) == (day >= anchor)


@given(day=days, ms=st.integers(0, DAY_MS - 1))
def test_an_instant_knows_its_day(day: date, ms: int) -> None:
    assert day_of(start_of_day(day) + ms) == day


# Terms


@pytest.mark.parametrize(
    "changes",
    [
        {"charge_max": cny(0), "amount": None},
        {"charge_max": cny(-1), "amount": None},
        {"amount": cny(3001)},
        {"amount": cny(0)},
        {"amount": Money(2500, Currency("EUR"))},
        {"period_max": cny(2999)},
        {"period_max": Money(9000, Currency("EUR"))},
        {"period": "irregular"},
        {"period": "irregular", "amount": None, "period_max": cny(9000)},
        {"start_on": TODAY - timedelta(days=1)},
        {"start_on": TODAY + timedelta(days=367)},
        {"end_on": TODAY - timedelta(days=1)},
        {"end_on": date(2056, 11, 25)},
        {"notice_days": -1},
        {"notice_days": 28},
        {"period": "week", "notice_days": 7},
        {"description_en": "  "},
    ],
)
def test_terms_nobody_could_consent_to_are_refused(changes: dict[str, object]) -> None:
    check_terms(terms(), TODAY)
    with pytest.raises(InvalidTerms):
        check_terms(terms(**changes), TODAY)


def test_terms_of_each_kind_pass() -> None:
    check_terms(terms(period_max=cny(6000), end_on=date(2056, 11, 24)), TODAY)
    check_terms(terms(period="irregular", amount=None, notice_days=30), TODAY)
    check_terms(terms(start_on=TODAY + timedelta(days=366), end_on=None), TODAY)


# Charges


@pytest.mark.parametrize("minor", [0, -1, 3001])
def test_a_charge_beyond_one_charge_is_refused(minor: int) -> None:
    with pytest.raises(ChargeBeyondMandate) as refused:
        check_amount(terms(), cny(minor), [])
    assert refused.value.data["bound"] == "charge_max"


def test_a_charge_in_another_currency_is_refused() -> None:
    with pytest.raises(ChargeBeyondMandate):
        check_amount(terms(), Money(1, Currency("EUR")), [])


@given(
    ceiling=st.integers(3000, 20_000),
    asked=st.lists(st.integers(1, 3000), max_size=20),
)
@settings(max_examples=60)
def test_no_order_of_charges_gets_beyond_the_ceiling(ceiling: int, asked: list[int]) -> None:
    passed: list[Money] = []
    for minor in asked:
        try:
            check_amount(terms(period_max=cny(ceiling)), cny(minor), passed)
        except ChargeBeyondMandate as refused:
            left = refused.data["left"]
            assert isinstance(left, Money)
            assert left.minor < minor
            assert sum(one.minor for one in passed) + left.minor == ceiling
        else:
            passed.append(cny(minor))
    assert sum(one.minor for one in passed) <= ceiling


def test_irregular_charges_are_bound_one_by_one() -> None:
    agreed = terms(period="irregular", amount=None)
    check_amount(agreed, cny(3000), [cny(3000)] * 100)


def test_a_charge_waits_for_the_notice_and_for_the_start() -> None:
    assert compute_due(terms(), None, NOW) == NOW + 3 * DAY_MS
    assert compute_due(terms(), TODAY + timedelta(days=3), NOW) == NOW + 3 * DAY_MS
    next_week = TODAY + timedelta(days=7)
    assert compute_due(terms(), next_week, NOW) == start_of_day(next_week)
    with pytest.raises(ChargeOutOfTime) as refused:
        compute_due(terms(), TODAY + timedelta(days=2), NOW)
    assert refused.value.data["first_on"] == "2026-11-27"
    later = terms(start_on=TODAY + timedelta(days=20))
    assert compute_due(later, None, NOW) == start_of_day(TODAY + timedelta(days=20))
    with pytest.raises(ChargeOutOfTime):
        compute_due(later, TODAY + timedelta(days=19), NOW)


def test_no_charge_falls_due_after_the_end_or_years_ahead() -> None:
    agreed = terms(end_on=TODAY + timedelta(days=10))
    compute_due(agreed, TODAY + timedelta(days=10), NOW)
    for day in (TODAY + timedelta(days=11), TODAY - timedelta(days=1), date.max):
        with pytest.raises(ChargeOutOfTime) as refused:
            compute_due(agreed, day, NOW)
        assert refused.value.data["last_on"] == "2026-12-04"
    compute_due(terms(), TODAY + timedelta(days=366), NOW)
    with pytest.raises(ChargeOutOfTime):
        compute_due(terms(), TODAY + timedelta(days=367), NOW)
    over = terms(end_on=TODAY + timedelta(days=2))
    with pytest.raises(ChargeOutOfTime):
        compute_due(over, None, NOW)


@given(
    day=st.none() | st.dates(TODAY - timedelta(days=400), TODAY + timedelta(days=400)),
    start=st.integers(0, 366),
    length=st.none() | st.integers(0, 800),
    notice=st.integers(0, 30),
    now=st.integers(NOW, NOW + 500 * DAY_MS),
)
def test_what_is_due_was_noticed_long_enough_and_lies_within_the_mandate(
    day: date | None, start: int, length: int | None, notice: int, now: int
) -> None:
    start_on = TODAY + timedelta(days=start)
    end_on = None if length is None else start_on + timedelta(days=length)
    agreed = terms(start_on=start_on, end_on=end_on, notice_days=notice)
    try:
        due_at = compute_due(agreed, day, now)
    except ChargeOutOfTime:
        return
    assert due_at >= now + notice * DAY_MS
    assert start_on <= day_of(due_at) <= (end_on or date.max)
    assert day is None or day_of(due_at) == day


def test_planned_charges_come_at_the_beginning_of_each_period_until_the_end() -> None:
    agreed = terms(start_on=date(2027, 1, 31), end_on=date(2027, 4, 29))
    planned = [next_planned(agreed, index) for index in range(5)]
    assert planned == [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31), None, None]
    assert next_planned(terms(amount=None), 0) is None


def test_tries_end_after_eleven_days() -> None:
    instant, tried = NOW, [NOW]
    while (following := next_try(len(tried), instant)) is not None:
        instant = following
        tried.append(instant)
    assert len(tried) == 1 + len(RETRY_DAYS)
    assert instant - NOW == 11 * DAY_MS
