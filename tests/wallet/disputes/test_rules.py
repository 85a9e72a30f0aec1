"""The machine of a dispute's statuses, without a database."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.platform.errors import Refusal
from teahouse.wallet.disputes import rules
from teahouse.wallet.disputes.errors import (
    AnotherOfficerNeeded,
    NothingToAppeal,
    WrongDisputeStatus,
)
from teahouse.wallet.disputes.types import Standing

DAY_MS = 86_400_000
Step = Callable[[Standing, int], Standing]
officers = st.sampled_from(["fern", "moss", "ash"])


def settled(refund: int, *, claim: int = 1000) -> Standing:
    answered = rules.answer(rules.begin(claim, 0), 1)
    return rules.decide(answered, refund, "fern", 2)


def step(draw: st.DrawFn) -> tuple[str, Step]:
    by, refund = draw(officers), draw(st.integers(-1, 1_200))
    steps: dict[str, Step] = {
        "answer": rules.answer,
        "concede": rules.concede,
        "withdraw": rules.withdraw,
        "decide": lambda standing, now: rules.decide(standing, refund, by, now),
        "approve": lambda standing, now: rules.approve(standing, by, now),
        "reject": lambda standing, now: rules.reject(standing, by, now),
        "appeal_payer": lambda standing, now: rules.appeal(standing, "payer", now),
        "appeal_shop": lambda standing, now: rules.appeal(standing, "shop", now),
    }
    name = draw(st.sampled_from(sorted(steps)))
    return name, steps[name]


@given(
    st.sampled_from([1, 999, 1000]),
    st.lists(st.tuples(st.composite(step)(), st.integers(0, 20)), max_size=14),
    st.booleans(),
)
def test_every_dispute_ends_and_never_gives_more_than_was_claimed(
    claim: int,
    taken: list[tuple[tuple[str, Step], int]],
    is_large: bool,  # noqa: FBT001 - drawn
) -> None:
    claim *= rules.FOUR_EYES_FROM if is_large else 1
    now = 0
    standing = rules.begin(claim, now)
    appeals = 0
    for (name, act), days in taken:
        now += days * DAY_MS
        standing = lapse_all(standing, now)
        before = standing
        try:
            standing = act(standing, now)
        except Refusal:
            continue
        appeals += name.startswith("appeal")
        assert not rules.is_over(before), "what has ended stays ended"
        check(before, standing, name, is_large=is_large)
    for _ in range(6):
        if standing.deadline is not None:
            now = max(now, standing.deadline)
            standing = rules.lapse(standing, now)
    assert rules.is_over(standing), "time alone ends every dispute"
    assert standing.refund is not None
    assert 0 <= standing.refund <= claim
    assert appeals <= 1


def lapse_all(standing: Standing, now: int) -> Standing:
    while standing.deadline is not None and standing.deadline <= now:
        standing = rules.lapse(standing, now)
    return standing


def check(before: Standing, after: Standing, name: str, *, is_large: bool) -> None:
    if rules.is_over(after):
        assert after.deadline is None
    if name == "decide" and is_large:
        assert after.status == "proposed"
        assert after.refund == before.refund, "nothing is decided yet"
    if name == "approve":
        assert after.decided_by[-1] not in before.decided_by
    if name == "decide" and before.appealed_by is not None:
        assert after.decided_by[-1] not in before.decided_by


def test_a_shop_that_does_not_answer_loses_and_can_appeal() -> None:
    begun = rules.begin(1000, 0)
    late = rules.lapse(begun, rules.ANSWER_MS)
    assert (late.status, late.refund) == ("decided", 1000)
    with pytest.raises(WrongDisputeStatus):
        rules.answer(begun, rules.ANSWER_MS)
    with pytest.raises(NothingToAppeal):
        rules.appeal(late, "payer", rules.ANSWER_MS)
    appealed = rules.appeal(late, "shop", rules.ANSWER_MS)
    again = rules.decide(appealed, 0, "moss", rules.ANSWER_MS)
    assert (again.status, again.refund) == ("closed", 0), "there is one appeal"


def test_a_house_that_does_not_decide_pays_itself() -> None:
    answered = rules.answer(rules.begin(1000, 0), 1)
    late = rules.lapse(answered, 1 + rules.DECIDE_MS)
    assert (late.status, late.refund, late.is_borne_by_house) == ("closed", 1000, True)
    # Of an appeal the first decision stands.
    appealed = rules.appeal(settled(400), "payer", 3)
    assert appealed.deadline is not None
    kept = rules.lapse(appealed, appealed.deadline)
    assert (kept.refund, kept.is_borne_by_house) == (400, False)


def test_an_appeal_is_for_who_lost_and_for_other_officers() -> None:
    for refund, side in ((1000, "payer"), (0, "shop")):
        with pytest.raises(NothingToAppeal):
            rules.appeal(settled(refund), side, 3)  # type: ignore[arg-type]
    half = settled(500)
    assert half.deadline is not None
    with pytest.raises(WrongDisputeStatus):
        rules.appeal(half, "shop", half.deadline)
    appealed = rules.appeal(half, "shop", half.deadline - 1)
    with pytest.raises(AnotherOfficerNeeded):
        rules.decide(appealed, 500, "fern", half.deadline)
    assert rules.decide(appealed, 100, "moss", half.deadline).status == "closed"


def test_a_large_claim_takes_two_officers() -> None:
    claim = rules.FOUR_EYES_FROM
    answered = rules.answer(rules.begin(claim, 0), 1)
    proposed = rules.decide(answered, 7, "fern", 2)
    assert (proposed.status, proposed.refund) == ("proposed", None)
    with pytest.raises(AnotherOfficerNeeded):
        rules.approve(proposed, "fern", 3)
    assert rules.approve(proposed, "moss", 3).refund == 7
    rejected = rules.reject(proposed, "moss", 3)
    assert rules.decide(rejected, 8, "fern", 4).proposed == 8


@given(st.sampled_from(["awaiting_shop", "in_review", "proposed", "decided"]))
def test_what_happens_by_default_is_told_in_both_languages(status: str) -> None:
    told = rules.explain_default(status)  # type: ignore[arg-type]
    assert set(told) == {"en", "zh"}
    assert rules.explain_default("closed") == {}
