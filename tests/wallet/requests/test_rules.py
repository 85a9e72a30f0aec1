"""Bills are divided exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.platform.errors import Refusal
from teahouse.platform.money import Currency, Money
from teahouse.wallet.requests.errors import InvalidSplit, SplitMismatch
from teahouse.wallet.requests.rules import asked_of, divide
from teahouse.wallet.requests.types import Division, ShareBody, SplitBody

CNY = Currency("CNY")


def bill(total: int, division: Division, *shares: ShareBody) -> SplitBody:
    return SplitBody(room_id="!r", total=Money(total, CNY), division=division, shares=[*shares])


def share(number: int, **more: int) -> ShareBody:
    return ShareBody(user_id=f"@{number}:tea", **more)


@given(total=st.integers(100, 10**15), count=st.integers(2, 100))
def test_an_even_split_sums_and_differs_by_one(total: int, count: int) -> None:
    parts = divide(bill(total, "even", *map(share, range(count))))
    assert sum(parts) == total
    assert max(parts) - min(parts) <= 1


@given(
    total=st.integers(10**6, 10**15),
    weights=st.lists(st.integers(1, 10_000), min_size=2, max_size=100),
)
def test_a_split_by_weights_sums_and_is_in_proportion(total: int, weights: list[int]) -> None:
    shares = [share(number, weight=weight) for number, weight in enumerate(weights)]
    parts = divide(bill(total, "weights", *shares))
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


@given(parts=st.lists(st.integers(1, 10**12), min_size=2, max_size=100))
def test_a_split_by_amounts_is_as_told(parts: list[int]) -> None:
    shares = [share(number, minor=part) for number, part in enumerate(parts)]
    assert divide(bill(sum(parts), "amounts", *shares)) == parts


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (bill(1, "even", share(1), share(2)), InvalidSplit),
        (bill(10, "even", share(1), share(1)), InvalidSplit),
        (bill(10, "even", share(1, minor=5), share(2)), InvalidSplit),
        (bill(10, "even", share(1, weight=5), share(2)), InvalidSplit),
        (bill(10, "weights", share(1, weight=5), share(2)), InvalidSplit),
        (bill(10, "weights", share(1, weight=1), share(2, weight=10_000)), InvalidSplit),
        (bill(10, "amounts", share(1, minor=5), share(2)), InvalidSplit),
        (bill(10, "amounts", share(1, minor=11), share(2, minor=-1)), InvalidSplit),
        (bill(10, "amounts", share(1, minor=10), share(2, minor=0)), InvalidSplit),
        (bill(10, "amounts", share(1, minor=5), share(2, minor=6)), SplitMismatch),
    ],
)
def test_shares_that_make_no_sense_are_refused(body: SplitBody, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        divide(body)


def test_a_bill_is_split_with_somebody() -> None:
    body = bill(10, "even", share(1), share(2))
    assert asked_of(body, [5, 5], "@1:tea") == [(share(2), 5)]
    with pytest.raises(InvalidSplit):
        asked_of(bill(10, "even", share(1)), [10], "@1:tea")
