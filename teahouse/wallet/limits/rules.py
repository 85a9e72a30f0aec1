"""Judges a payment by a rule set. Pure: what counts already is handed in."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import combinations
from statistics import median_high
from typing import assert_never, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from teahouse.accounts import Tier
from teahouse.platform.money import Money, UnknownCurrency, parse_currency
from teahouse.platform.settings import SettingsError
from teahouse.wallet.confirmations.types import FACTORS, Factor
from teahouse.wallet.limits.types import (
    PROOF_CLASSES,
    Cap,
    Kind,
    ManyPayments,
    NewDevice,
    NewPayee,
    Night,
    Period,
    ProofClass,
    Reached,
    Reason,
    RuleSet,
    Signal,
    Situation,
    UnusualAmount,
    Verdict,
)

ANY = "*"
_DAY_MS = 86_400_000
KINDS: tuple[str, ...] = get_args(Kind)
# What happens while the payer is not there.
ABSENT_KINDS = frozenset({"mandate_charge"})
# Of what lies so close together that its deviation is nothing, a tenth of the median is taken:
# who always pays 10.00 is not asked at 10.01.
_LEAST_DEVIATION = 10


# Judging


def judge(rule_set: RuleSet, situation: Situation) -> Verdict:
    """What becomes of a payment.

    Limits that no proof would lift refuse it. Where a stronger proof would let it pass, and the
    payer has the factors for one, they are asked for it: signals never refuse by themselves.

    Args:
        rule_set: the rules in force.
        situation: all it is judged by.
    """
    # A payer who is not there cannot be asked; they were when they gave their consent.
    is_there = situation.kind not in ABSENT_KINDS
    signals = [one for one in rule_set.signals if is_there and is_noticed(one, situation)]
    proof = classify_proof(rule_set, situation.confirmed)
    broken = find_broken(rule_set, situation, proof)
    if not broken and _satisfies(rule_set, signals, situation.confirmed, situation):
        noticed = tuple(_explain_signal(one) for one in signals)
        return Verdict(outcome="passed", proof=proof, reasons=noticed)
    options = tuple(_find_options(rule_set, signals, situation)) if is_there else ()
    if broken and not options:
        reached = _reached(broken[0], situation)
        return Verdict(
            outcome="refused", proof=proof, reasons=(_explain_cap(broken[0]),), reached=reached
        )
    why = [*map(_explain_cap, broken), *map(_explain_signal, signals)]
    return Verdict(outcome="factor_asked", proof=proof, reasons=tuple(why), factors=options)


def classify_proof(rule_set: RuleSet, factors: Iterable[Factor]) -> ProofClass:
    """How well some factors prove a payment.

    Source:
        Announcement [2015] No. 43, articles 22 and 24: what counts is how many categories the
        factors come from, not how many factors there are.
    """
    categories = {found for factor in factors for found in rule_set.factors[factor]}
    if len(categories - {"signature"}) < 2:  # noqa: PLR2004 - "two or more", article 24
        return "under_two"
    return "two_signed" if "signature" in categories else "two"


def find_caps(
    rule_set: RuleSet, tier: Tier, kind: str | None, currency: str
) -> list[tuple[Cap, int]]:
    """The caps that bound a payment, each with its amount in minor units.

    Args:
        rule_set: the rules in force.
        tier: of the payer.
        kind: of the payment; None: whatever it is.
        currency: of the payment.
    """
    found = []
    for cap in rule_set.caps:
        bound = cap.amounts.get(currency, cap.amounts[ANY])
        if tier in cap.tiers and kind not in cap.excludes and isinstance(bound, int):
            found.append((cap, bound))
    return found


def find_broken(rule_set: RuleSet, situation: Situation, proof: ProofClass) -> list[Cap]:
    """The caps that a payment proven so would go beyond."""
    amount = situation.amount
    return [
        cap
        for cap, bound in find_caps(rule_set, situation.tier, situation.kind, amount.currency)
        if proof in cap.proofs and situation.used.get(cap.id, 0) + amount.minor > bound
    ]


def is_noticed(signal: Signal, situation: Situation) -> bool:
    """Whether a payment is unusual in the way of a signal."""
    if not speaks_of(signal, situation.amount):
        return False
    match signal:
        case NewDevice():
            age_ms = situation.device_age_ms
            return age_ms is None or age_ms < signal.days * _DAY_MS
        case NewPayee():
            return situation.is_payee_new
        case UnusualAmount():
            return is_unusual(situation.amount.minor, situation.history, signal)
        case ManyPayments():
            recent = [ago for ago in situation.minutes_ago if ago < signal.minutes]
            return len(recent) >= signal.payments
        case Night():
            return is_between(situation.hour, signal.from_hour, signal.to_hour)
        case _:
            assert_never(signal)


def speaks_of(signal: Signal, amount: Money) -> bool:
    """Whether an amount is large enough for a signal to look at the payment at all."""
    floor = _bound(signal.from_minor, amount.currency)
    return isinstance(floor, int) and amount.minor >= floor


def is_unusual(minor: int, history: Sequence[int], signal: UnusualAmount) -> bool:
    """Whether an amount stands out from a member's own.

    A few large payments of the past move neither the median nor the deviation, so that nobody
    trains the rule by paying more and more.

    Args:
        minor: the amount.
        history: earlier amounts, in any order.
        signal: how many are needed, and how far is far.

    Source:
        Leys et al., "Detecting outliers: Do not use standard deviation around the mean, use
        absolute deviation around the median", Journal of Experimental Social Psychology 49
        (2013).
    """
    if len(history) < signal.history_min:
        return False
    middle = median_high(history)
    spread = median_high([abs(earlier - middle) for earlier in history])
    return minor - middle > signal.deviations * max(spread, middle // _LEAST_DEVIATION, 1)


def is_between(hour: int, from_hour: int, to_hour: int) -> bool:
    """Whether an hour of the day lies between two; over midnight where the second is smaller."""
    if from_hour <= to_hour:
        return from_hour <= hour < to_hour
    return hour >= from_hour or hour < to_hour


def _satisfies(
    rule_set: RuleSet, signals: Sequence[Signal], factors: frozenset[Factor], situation: Situation
) -> bool:
    """Whether some factors are what the signals ask for."""
    return all(_answers(rule_set, signal, factors, situation) for signal in signals)


def _answers(
    rule_set: RuleSet, signal: Signal, factors: frozenset[Factor], situation: Situation
) -> bool:
    if signal.asks == "two_factors":
        return classify_proof(rule_set, factors) != "under_two"
    # Whoever stole a password has signed in with it: where the member has something else, that is
    # asked for.
    second = {"totp", "passkey"}
    if second & situation.set_up:
        return bool(second & factors)
    return "password" in factors


def _find_options(
    rule_set: RuleSet, signals: Sequence[Signal], situation: Situation
) -> Iterator[tuple[Factor, ...]]:
    """The smallest sets of factors the payer has with which the payment would pass."""
    found: list[set[Factor]] = []
    has = [factor for factor in FACTORS if factor in situation.set_up]
    for size in range(1, len(has) + 1):
        for chosen in combinations(has, size):
            option = frozenset(chosen)
            if any(smaller <= option for smaller in found):
                continue
            proof = classify_proof(rule_set, option)
            if find_broken(rule_set, situation, proof):
                continue
            if _satisfies(rule_set, signals, option, situation):
                found.append(set(option))
                yield chosen


def _reached(cap: Cap, situation: Situation) -> Reached:
    currency = situation.amount.currency
    bound = _bound(cap.amounts, currency)
    assert isinstance(bound, int)
    used = situation.used.get(cap.id, 0)
    return Reached(
        rule=cap.id,
        article=cap.article,
        limit=Money(bound, currency),
        used=Money(used, currency),
        # A lower rule set may have come into force after more was paid.
        left=Money(max(0, bound - used), currency),
        explanation=cap.told,
        how_to_raise=cap.how_to_raise,
    )


def _explain_cap(cap: Cap) -> Reason:
    return Reason(cap.id, cap.article, cap.told.en, cap.told.zh)


def _explain_signal(signal: Signal) -> Reason:
    return Reason(signal.id, "", signal.told.en, signal.told.zh)


def _bound(by_currency: Mapping[str, int | str], currency: str) -> int | str:
    return by_currency.get(currency, by_currency[ANY])


# Days and years


def compute_day(at: int, zone: ZoneInfo) -> date:
    """The calendar day of an instant.

    Args:
        at: milliseconds since the epoch.
        zone: the house's.
    """
    return datetime.fromtimestamp(at // 1000, zone).date()


def compute_hour(at: int, zone: ZoneInfo) -> int:
    """The hour of the day of an instant, by the house's clock."""
    return datetime.fromtimestamp(at // 1000, zone).hour


def compute_span(period: Period, day: date) -> tuple[date, date]:
    """The first and last day of the period that a day lies in."""
    match period:
        case "day":
            return day, day
        case "year":
            return date(day.year, 1, 1), date(day.year, 12, 31)
        case "lifetime":
            return date.min, date.max
        case _:
            assert_never(period)


def compute_reset(period: Period, day: date, zone: ZoneInfo) -> int | None:
    """When counting begins anew, milliseconds since the epoch; None: never."""
    if period == "lifetime":
        return None
    _, last = compute_span(period, day)
    midnight = datetime.combine(last + timedelta(days=1), datetime.min.time(), zone)
    return round(midnight.timestamp()) * 1000


# Reading a rule set


def parse_zone(name: str) -> ZoneInfo:
    """The time zone of a name.

    Raises:
        SettingsError: no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(f"`house_time_zone`: {name!r} is not a time zone.") from None


def parse_rule_set(text: str, place: str) -> RuleSet:
    """Read a rule set and check that it makes sense.

    Args:
        text: TOML.
        place: where it came from, for errors.

    Raises:
        SettingsError: what is wrong, and where.
    """
    try:
        found = msgspec.convert(tomllib.loads(text), RuleSet)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SettingsError(f"{place}: {error}. {_HELP}") from None
    problem = next(_find_problems(found), None)
    if problem is not None:
        raise SettingsError(f"{place}: {problem}. {_HELP}")
    return found


_HELP = "How to write a rule set: docs/how-to/write-a-rule-set.md."


def _find_problems(rule_set: RuleSet) -> Iterator[str]:
    for factor in FACTORS:
        if not rule_set.factors.get(factor):
            yield f"[factors] does not say what {factor} rests on"
    ids = [one.id for one in (*rule_set.caps, *rule_set.signals)]
    for one in sorted({one for one in ids if ids.count(one) > 1}):
        yield f"the id {one!r} is there twice"
    for cap in rule_set.caps:
        yield from _find_cap_problems(cap)
    for signal in rule_set.signals:
        yield from _find_currency_problems(signal.id, signal.from_minor)


def _find_cap_problems(cap: Cap) -> Iterator[str]:
    yield from _find_currency_problems(cap.id, cap.amounts)
    if not cap.tiers:
        yield f"{cap.id}: `tiers` is empty, so it holds for nobody"
    if not cap.proofs:
        yield f"{cap.id}: `proofs` is empty, so it holds for no payment"
    if isinstance(cap.amounts.get(ANY), int):
        # A thousand units are 10.00 in one currency and 1,000 in the next.
        yield f'{cap.id}: "*" is "unlimited" or "not_covered": name currencies that have an amount'


def _find_currency_problems(name: str, amounts: Mapping[str, int | str]) -> Iterator[str]:
    if ANY not in amounts:
        yield f'{name}: what holds for other currencies must be said, as "*"'
    for code in amounts.keys() - {ANY}:
        try:
            parse_currency(code)
        except UnknownCurrency:
            yield f"{name}: {code!r} is not the code of a currency (ISO 4217)"


assert set(PROOF_CLASSES) == set(get_args(ProofClass))
