"""The life of a charge: whatever happens to it, in whatever order, its amounts stay right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.platform.errors import Refusal
from teahouse.platform.money import Currency, Money
from teahouse.wallet.charges.errors import (
    CaptureTooLarge,
    InvalidCharge,
    NoTipWanted,
    RefundTooLarge,
    WrongChargeStatus,
)
from teahouse.wallet.charges.rules import (
    CODE_ALPHABET,
    NEXT_STATUSES,
    authorise,
    capture,
    check_new_charge,
    compute_fee_return,
    compute_total,
    end,
    pay_directly,
    refund,
    tip_later,
)
from teahouse.wallet.charges.types import NewCharge, Standing

CNY = Currency("CNY")
_PAID = {"captured", "refunded"}

_steps = st.one_of(
    st.tuples(st.just("pay"), st.integers(0, 150)),
    st.tuples(st.just("authorise"), st.just(0)),
    st.tuples(st.just("capture"), st.integers(-5, 150)),
    st.tuples(st.just("refund"), st.integers(-5, 300)),
    st.tuples(st.just("tip"), st.integers(-5, 150)),
    st.tuples(st.sampled_from(["voided", "cancelled", "declined", "expired"]), st.just(0)),
)


def _take(standing: Standing, step: str, amount: int) -> Standing:
    match step:
        case "pay":
            compute_total(standing, tip=amount, tip_mode="ask")
            return pay_directly(standing, tip=amount)
        case "authorise":
            return authorise(standing)
        case "capture":
            return capture(standing, amount)
        case "refund":
            return refund(standing, amount)
        case "tip":
            return tip_later(standing, amount, tip_mode="ask")
        case _:
            return end(standing, step)  # type: ignore[arg-type]  # drawn from the statuses


@given(
    first=st.sampled_from(["open", "awaiting_member"]),
    steps=st.lists(_steps, max_size=12),
)
def test_amounts_stay_within_each_other(first: str, steps: list[tuple[str, int]]) -> None:
    standing = Standing(status=first, amount=100)  # type: ignore[arg-type]  # drawn above
    for step, amount in steps:
        before = standing
        try:
            standing = _take(standing, step, amount)
        except Refusal:
            continue
        if standing.status != before.status:
            assert standing.status in NEXT_STATUSES[before.status]
        assert 0 <= standing.refunded <= standing.captured <= standing.amount + standing.tip
        assert (standing.captured > 0) == (standing.status in _PAID)
        assert (standing.status == "refunded") == (0 < standing.captured == standing.refunded)
        assert standing.refunded >= before.refunded
        assert not before.captured or standing.captured == before.captured
        assert not (standing.tip and standing.later_tip)
        assert 0 <= standing.later_tip <= standing.amount


def test_what_has_ended_stays_ended() -> None:
    for status in ("refunded", "voided", "cancelled", "declined", "expired"):
        assert NEXT_STATUSES[status] == frozenset()


def test_captures_and_refunds_have_their_bounds() -> None:
    held = authorise(Standing(status="open", amount=100))
    for amount in (101, 0, -1):
        with pytest.raises(CaptureTooLarge):
            capture(held, amount)
    paid = capture(held, 60)
    with pytest.raises(WrongChargeStatus):
        capture(paid, 1)
    for amount in (61, 0, -1):
        with pytest.raises(RefundTooLarge):
            refund(paid, amount)
    assert refund(refund(paid, 59), 1).status == "refunded"


def test_tips_are_for_those_who_ask() -> None:
    asked = Standing(status="open", amount=100)
    with pytest.raises(NoTipWanted):
        compute_total(asked, tip=1, tip_mode="none")
    with pytest.raises(NoTipWanted):
        compute_total(asked, tip=101, tip_mode="ask")
    assert compute_total(asked, tip=100, tip_mode="ask") == 200
    with pytest.raises(NoTipWanted):
        tip_later(pay_directly(asked, tip=5), 5, tip_mode="ask")


@given(
    fee=st.integers(0, 1000),
    captured=st.integers(1, 10_000),
    parts=st.lists(st.integers(1, 3000), max_size=8),
)
def test_a_whole_refund_returns_the_whole_fee(fee: int, captured: int, parts: list[int]) -> None:
    refunded = returned = 0
    for part in [*parts, captured]:
        amount = min(part, captured - refunded)
        if amount == 0:
            break
        refunded += amount
        back = compute_fee_return(fee=fee, captured=captured, refunded=refunded, returned=returned)
        assert back >= 0
        returned += back
        assert returned <= fee * refunded / captured
    assert refunded < captured or returned == fee


@pytest.mark.parametrize(
    "wrong",
    [
        {"description": "a\nb"},
        {"reference": "\u202e"},
        {"return_url": "http://shop.example/"},
        {"return_url": "javascript:alert(1)"},
        {"return_url": "https://user@shop.example/"},
        {"return_url": "https://"},
        {"return_url": "https://[::1"},
        {"return_url": "https:\\\\shop.example"},
    ],
)
def test_texts_and_addresses_that_cannot_be_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidCharge):
        check_new_charge(NewCharge(amount=Money(1, CNY), **wrong))  # type: ignore[arg-type]


def test_codes_have_no_letters_that_look_alike() -> None:
    assert len(CODE_ALPHABET) == 32
    assert not set("ILOU") & set(CODE_ALPHABET)
