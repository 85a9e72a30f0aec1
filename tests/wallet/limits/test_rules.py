"""What the rules of limits say, without a database."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.accounts import Tier
from teahouse.platform.money import Currency, Money
from teahouse.platform.settings import SettingsError
from teahouse.wallet.confirmations.types import FACTORS, ConfirmableKind, Factor
from teahouse.wallet.limits.queries import SHIPPED, load_rule_set_text
from teahouse.wallet.limits.rules import (
    ABSENT_KINDS,
    KINDS,
    classify_proof,
    compute_day,
    compute_reset,
    compute_span,
    find_caps,
    is_between,
    is_unusual,
    judge,
    parse_rule_set,
    parse_zone,
)
from teahouse.wallet.limits.types import Situation, UnusualAmount, Verdict
from teahouse.wallet.payments.types import PaymentKind

PBOC = parse_rule_set(load_rule_set_text("pboc-2015"), "pboc-2015")
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY_MS = 86_400_000


def cny(minor: int) -> Money:
    return Money(minor, Currency("CNY"))


def situation(minor: int, **changes: Any) -> Situation:
    """A member of tier II who pays a known payee in the afternoon on an old device."""
    chosen: dict[str, Any] = {
        "tier": "II",
        "kind": "transfer",
        "amount": cny(minor),
        "confirmed": frozenset(),
        "set_up": frozenset(FACTORS),
        "used": {},
        "device_age_ms": 365 * DAY_MS,
        "is_payee_new": False,
        "history": (),
        "minutes_ago": (),
        "hour": 15,
    }
    return Situation(**{**chosen, **changes})


def with_factors(*factors: Factor) -> frozenset[Factor]:
    return frozenset(factors)


def rules_of(verdict: Verdict) -> set[str]:
    return {reason.rule for reason in verdict.reasons}


@pytest.mark.parametrize(
    ("factors", "proof"),
    [
        ((), "under_two"),
        (("password",), "under_two"),
        (("totp",), "under_two"),
        (("password", "totp"), "two"),
        (("passkey",), "two_signed"),
        (("password", "passkey"), "two_signed"),
        (("totp", "passkey"), "two_signed"),
    ],
)
def test_what_counts_is_categories_and_not_how_many_factors(
    factors: tuple[Factor, ...], proof: str
) -> None:
    assert classify_proof(PBOC, factors) == proof


# Article 11 and article 24, each at its boundary and one unit beyond.
@pytest.mark.parametrize(
    ("tier", "factors", "bound", "rule"),
    [
        ("I", ("passkey",), 100_000, "type-i-lifetime"),
        ("II", ("passkey",), 10_000_000, "type-ii-year"),
        ("III", ("passkey",), 20_000_000, "type-iii-year"),
        ("III", (), 100_000, "day-under-two-factors"),
        ("III", ("password",), 100_000, "day-under-two-factors"),
        ("II", ("password", "totp"), 500_000, "day-two-factors"),
    ],
)
def test_each_limit_holds_to_the_minor_unit(
    tier: Tier, factors: tuple[Factor, ...], bound: int, rule: str
) -> None:
    confirmed = frozenset(factors)
    for used in (0, 1, bound - 1, bound):
        fits = situation(
            bound - used or 1,
            tier=tier,
            confirmed=confirmed,
            set_up=confirmed,
            used={rule: used},
        )
        verdict = judge(PBOC, fits)
        if used == bound:
            assert verdict.outcome == "refused"
        else:
            assert verdict.outcome == "passed", verdict
        beyond = judge(
            PBOC,
            situation(
                bound - used + 1,
                tier=tier,
                confirmed=confirmed,
                set_up=confirmed,
                used={rule: used},
            ),
        )
        assert beyond.outcome == "refused"
        assert beyond.reached is not None
        assert beyond.reached.rule == rule
        assert beyond.reached.limit == cny(bound)
        assert beyond.reached.left == cny(bound - used)
        assert beyond.reached.article.startswith("Article ")
        assert beyond.reached.how_to_raise.zh


def test_nobody_pays_before_any_source_has_confirmed_them() -> None:
    verdict = judge(PBOC, situation(1, tier="none", confirmed=with_factors("passkey")))
    assert verdict.outcome == "refused"
    assert rules_of(verdict) == {"unconfirmed"}


@pytest.mark.parametrize(
    ("tier", "counts"), [("none", True), ("I", True), ("II", False), ("III", False)]
)
def test_withdrawals_count_for_type_i_only(tier: Tier, counts: bool) -> None:  # noqa: FBT001
    caps = find_caps(PBOC, tier, "withdrawal", "CNY")
    assert bool(caps) == counts


def test_other_currencies_are_not_covered_and_shown_so() -> None:
    for tier in ("none", "I", "II", "III"):
        assert find_caps(PBOC, tier, "transfer", "EUR") == []
    verdict = judge(PBOC, situation(1, amount=Money(10**12, Currency("XAF")), tier="none"))
    assert verdict.outcome == "passed"


def test_who_has_the_factors_is_asked_and_not_refused() -> None:
    verdict = judge(PBOC, situation(300_000))
    assert verdict.outcome == "factor_asked"
    assert verdict.factors == (("passkey",), ("password", "totp"))
    more = judge(PBOC, situation(600_000, confirmed=with_factors("password", "totp")))
    assert more.outcome == "factor_asked"
    assert more.factors == (("passkey",),)


def test_who_has_no_factor_that_would_do_is_told_how_to_raise_it() -> None:
    verdict = judge(PBOC, situation(100_001, set_up=with_factors("password")))
    assert verdict.outcome == "refused"
    assert verdict.reached is not None
    assert "passkey" in verdict.reached.how_to_raise.en


SIGNALS: list[tuple[str, dict[str, Any], int]] = [
    ("new-device", {"device_age_ms": 3 * DAY_MS - 1}, 20_000),
    ("new-device", {"device_age_ms": None}, 20_000),
    ("new-payee", {"is_payee_new": True}, 50_000),
    ("unusual-amount", {"history": (1000,) * 8}, 20_000),
    ("many-payments", {"minutes_ago": (0, 0, 1, 1, 2, 2, 3, 3, 4, 4)}, 1),
    ("night", {"hour": 1}, 50_000),
    ("night", {"hour": 4}, 50_000),
]
QUIET: list[tuple[dict[str, Any], int]] = [
    ({"device_age_ms": 3 * DAY_MS}, 20_000),
    ({"device_age_ms": None}, 19_999),
    ({"is_payee_new": True}, 49_999),
    ({"history": (1000,) * 7}, 20_000),
    ({"history": (18_000,) * 8}, 20_000),
    ({"minutes_ago": (0, 0, 1, 1, 2, 2, 3, 3, 4, 5)}, 1),
    ({"hour": 0}, 50_000),
    ({"hour": 5}, 50_000),
]


@pytest.mark.parametrize(("rule", "changes", "minor"), SIGNALS)
def test_what_is_unusual_asks_for_a_second_factor(
    rule: str, changes: dict[str, Any], minor: int
) -> None:
    verdict = judge(PBOC, situation(minor, **changes))
    assert verdict.outcome == "factor_asked"
    assert rules_of(verdict) == {rule}
    assert verdict.factors == (("totp",), ("passkey",))
    for confirmed in verdict.factors:
        confirmed_so = situation(minor, **changes, confirmed=frozenset(confirmed))
        passed = judge(PBOC, confirmed_so)
        assert passed.outcome == "passed"
        assert rules_of(passed) == {rule}, "that it was unusual is logged all the same"


@pytest.mark.parametrize(("rule", "changes", "minor"), SIGNALS)
def test_a_stolen_password_answers_no_signal_where_there_is_a_second_factor(
    rule: str, changes: dict[str, Any], minor: int
) -> None:
    by_password = situation(minor, **changes, confirmed=with_factors("password"))
    assert rules_of(judge(PBOC, by_password)) == {rule}
    assert judge(PBOC, by_password).outcome == "factor_asked"
    only = with_factors("password")
    nothing_else = situation(minor, **changes, confirmed=only, set_up=only)
    assert judge(PBOC, nothing_else).outcome == "passed"


@pytest.mark.parametrize(("changes", "minor"), QUIET)
def test_what_is_usual_is_not_asked(changes: dict[str, Any], minor: int) -> None:
    assert judge(PBOC, situation(minor, **changes)).outcome == "passed"


def test_who_is_not_there_is_not_asked_and_limits_hold_all_the_same() -> None:
    strange: dict[str, Any] = {"device_age_ms": None, "is_payee_new": True, "hour": 2}
    told = situation(60_000, kind="mandate_charge", **strange)
    assert judge(PBOC, told).outcome == "passed"
    beyond = situation(100_001, kind="mandate_charge", **strange)
    assert judge(PBOC, beyond).outcome == "refused"


def test_every_kind_of_the_rules_is_a_kind_of_payment() -> None:
    assert set(KINDS) < {kind.value for kind in PaymentKind}
    confirmable = set(get_args(ConfirmableKind))
    assert confirmable - set(KINDS) == {"mandate", "unfreeze"}
    assert set(KINDS) - confirmable == ABSENT_KINDS


def test_the_example_of_the_docs_can_be_read() -> None:
    page = Path("docs/how-to/write-a-rule-set.md").read_text()
    blocks = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    written = parse_rule_set("\n".join(blocks[1:]), "the page")
    assert (len(written.caps), len(written.signals)) == (1, 1)


factor_sets = st.frozensets(st.sampled_from(FACTORS))
situations = st.builds(
    situation,
    st.integers(1, 30_000_000),
    tier=st.sampled_from(["none", "I", "II", "III"]),
    kind=st.sampled_from(["transfer", "purchase", "withdrawal", "red_packet"]),
    confirmed=factor_sets,
    set_up=factor_sets,
    used=st.dictionaries(
        st.sampled_from([cap.id for cap in PBOC.caps]), st.integers(0, 20_000_000)
    ),
    device_age_ms=st.none() | st.integers(0, 10 * DAY_MS),
    is_payee_new=st.booleans(),
    history=st.lists(st.integers(1, 10**7), max_size=20).map(tuple),
    minutes_ago=st.lists(st.integers(0, 60), max_size=20).map(tuple),
    hour=st.integers(0, 23),
)


@given(situations)
def test_every_set_of_factors_that_is_offered_lets_the_payment_pass(told: Situation) -> None:
    verdict = judge(PBOC, told)
    assert (verdict.reached is not None) == (verdict.outcome == "refused")
    for option in verdict.factors:
        assert set(option) <= told.set_up
        assert judge(PBOC, confirmed_by(told, frozenset(option))).outcome == "passed"


@given(situations, factor_sets)
def test_a_stronger_proof_never_fails_where_a_weaker_one_passes(
    told: Situation, more: frozenset[Factor]
) -> None:
    if judge(PBOC, told).outcome == "passed":
        assert judge(PBOC, confirmed_by(told, told.confirmed | more)).outcome == "passed"


@given(situations)
def test_only_a_limit_refuses_and_only_where_nothing_the_payer_has_would_do(
    told: Situation,
) -> None:
    verdict = judge(PBOC, told)
    if verdict.outcome != "refused":
        return
    assert all(reason.article for reason in verdict.reasons)
    for option in powerset(told.set_up):
        assert judge(PBOC, confirmed_by(told, option)).outcome != "passed"


def confirmed_by(told: Situation, factors: frozenset[Factor]) -> Situation:
    return msgspec.structs.replace(told, confirmed=factors)


def powerset(factors: Iterable[Factor]) -> list[frozenset[Factor]]:
    found: list[frozenset[Factor]] = [frozenset()]
    for factor in factors:
        found += [earlier | {factor} for earlier in found]
    return found


@given(
    st.sampled_from(["I", "II", "III"]),
    st.lists(
        st.tuples(
            st.integers(0, 800),
            st.integers(1, 400_000),
            factor_sets,
            st.sampled_from(["transfer", "withdrawal"]),
        ),
        max_size=60,
    ),
)
def test_never_more_than_a_limit_passes_whatever_the_order(
    tier: Tier, payments: list[tuple[int, int, frozenset[Factor], str]]
) -> None:
    paid: list[tuple[date, int, str, str]] = []
    for offset, minor, confirmed, kind in sorted(payments, key=lambda one: one[0]):
        day = date.fromordinal(date(2026, 1, 1).toordinal() + offset)
        used: dict[str, int] = defaultdict(int)
        for cap, _ in find_caps(PBOC, tier, kind, "CNY"):
            used[cap.id] = spent(cap.id, paid, day)
        told = situation(minor, tier=tier, kind=kind, confirmed=confirmed, used=dict(used))
        verdict = judge(PBOC, told)
        if verdict.outcome == "passed":
            paid.append((day, minor, verdict.proof, kind))
    for cap, bound in find_caps(PBOC, tier, None, "CNY"):
        for day in {one[0] for one in paid}:
            assert spent(cap.id, paid, day) <= bound


def spent(cap_id: str, paid: list[tuple[date, int, str, str]], day: date) -> int:
    """What counts for a cap, added up apart from the code."""
    (cap,) = (one for one in PBOC.caps if one.id == cap_id)
    first, last = compute_span(cap.period, day)
    return sum(
        minor
        for on, minor, proof, kind in paid
        if first <= on <= last and proof in cap.proofs and kind not in cap.excludes
    )


# Statistics


RULE = UnusualAmount(
    id="x",
    from_minor={"*": 0},
    told=PBOC.signals[0].told,
    history_min=5,
    deviations=6,
)


@given(st.lists(st.integers(1, 10**9), min_size=5, max_size=50))
def test_what_was_paid_most_is_usual(history: list[int]) -> None:
    assert not is_unusual(sorted(history)[len(history) // 2], history, RULE)


@given(st.lists(st.integers(1000, 2000), min_size=9, max_size=30))
def test_a_few_large_payments_do_not_train_the_rule(history: list[int]) -> None:
    trained = [*history, *[10**8] * (len(history) // 3)]
    assert is_unusual(10**8, trained, RULE)


# Time


def test_days_begin_at_the_houses_midnight() -> None:
    # 2026-03-31T16:00:00Z is midnight in Shanghai.
    midnight = 1_774_972_800_000
    assert compute_day(midnight - 1, SHANGHAI) == date(2026, 3, 31)
    assert compute_day(midnight, SHANGHAI) == date(2026, 4, 1)
    assert compute_day(midnight, ZoneInfo("UTC")) == date(2026, 3, 31)
    assert compute_reset("day", date(2026, 3, 31), SHANGHAI) == midnight
    # New Year's Eve in Shanghai is over while it is afternoon in Greenwich.
    new_year = compute_reset("year", date(2026, 5, 1), SHANGHAI)
    assert new_year is not None
    assert compute_day(new_year - 1, SHANGHAI) == date(2026, 12, 31)
    assert compute_day(new_year, SHANGHAI) == date(2027, 1, 1)
    assert compute_reset("lifetime", date(2026, 5, 1), SHANGHAI) is None


ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]


@given(st.integers(1_500_000_000_000, 2_500_000_000_000), st.sampled_from(ZONES))
def test_every_instant_lies_in_one_day_that_ends(at: int, name: str) -> None:
    zone = ZoneInfo(name)
    day = compute_day(at, zone)
    ends = compute_reset("day", day, zone)
    assert ends is not None
    assert at < ends
    assert ends - at <= 25 * 3_600_000, "a day in which the clocks go back has 25 hours"
    assert compute_day(ends - 1, zone) == day
    assert compute_day(ends, zone) > day


@given(st.integers(0, 23), st.integers(0, 24), st.integers(0, 24))
def test_hours_between_may_lie_over_midnight(hour: int, start: int, end: int) -> None:
    hours = set(range(start, end)) if start <= end else {*range(start, 24), *range(end)}
    assert is_between(hour, start, end) == (hour in hours)


# Rule sets


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_shipped_can_be_read(name: str) -> None:
    assert parse_rule_set(load_rule_set_text(name), name).name == name


CAP = """
[[caps]]
id = "day"
article = "Statute 1"
tiers = ["I"]
period = "day"
amounts = { EUR = 100, "*" = "unlimited" }
told = { en = "x", zh = "x" }
how_to_raise = { en = "x", zh = "x" }
"""
HEAD = """
name = "mine"
source = ""
title = { en = "x", zh = "x" }
factors = { password = ["knowledge"], totp = ["possession"], passkey = ["possession"] }
"""
NIGHT = """
[[signals]]
id = "night"
kind = "night"
from_minor = { "*" = 0 }
from_hour = 1
to_hour = 5
told = { en = "x", zh = "x" }
"""


def test_an_operator_can_write_their_own() -> None:
    mine = parse_rule_set(HEAD + CAP + NIGHT, "mine.toml")
    assert [cap.id for cap, _ in find_caps(mine, "I", "transfer", "EUR")] == ["day"]
    assert find_caps(mine, "I", "transfer", "USD") == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name =", "mine.toml"),
        (HEAD.replace("mine", "Not An Id"), "name"),
        (HEAD + CAP + CAP, "'day' is there twice"),
        (HEAD + CAP.replace(', "*" = "unlimited"', ""), '"*"'),
        (HEAD + CAP.replace('"*" = "unlimited"', '"*" = 100'), "name currencies"),
        (HEAD + CAP.replace("EUR", "EURO"), "'EURO' is not the code"),
        (HEAD + CAP.replace("100", "-1"), ">= 0"),
        (HEAD + CAP.replace("100", "1.5"), "float"),
        (HEAD + CAP.replace('"I"', '"IV"'), "'IV'"),
        (HEAD + CAP.replace('["I"]', "[]"), "holds for nobody"),
        (HEAD + CAP.replace('"day"\namounts', '"week"\namounts'), "'week'"),
        (HEAD + CAP + "limit = 3", "limit"),
        (HEAD + NIGHT.replace("from_hour = 1", ""), "from_hour"),
        (HEAD + NIGHT.replace('"night"\nfrom_minor', '"noon"\nfrom_minor'), "noon"),
        (HEAD.replace(', passkey = ["possession"]', ""), "passkey"),
    ],
)
def test_what_makes_no_sense_stops_the_start_and_says_where(text: str, problem: str) -> None:
    with pytest.raises(SettingsError, match="write-a-rule-set") as refused:
        parse_rule_set(text, "mine.toml")
    assert str(refused.value).startswith("mine.toml: ")
    assert problem in str(refused.value)


def test_a_rule_set_or_zone_that_is_not_there_stops_the_start() -> None:
    with pytest.raises(SettingsError, match="pboc-2015"):
        load_rule_set_text("/nowhere/rules.toml")
    for name in ("Mars/Olympus", "../etc/passwd", ""):
        with pytest.raises(SettingsError, match="house_time_zone"):
            parse_zone(name)
