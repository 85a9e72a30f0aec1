"""Nouns of limits: a rule set as an operator writes it, and what comes of it."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from teahouse.accounts import Tier
from teahouse.platform.money import MINOR_MAX, Money
from teahouse.wallet.confirmations.types import Factor
from teahouse.wallet.parties.types import PartyId

# Every kind of payment by which a member's money leaves.
Kind: TypeAlias = Literal[
    "transfer",
    "request_paid",
    "split_paid",
    "red_packet",
    "purchase",
    "tip",
    "withdrawal",
    "mandate_charge",
]
# What a factor rests on: article 22 of the measures names the first three; `signature` marks a
# digital certificate or an electronic signature.
Category: TypeAlias = Literal["knowledge", "possession", "inherence", "signature"]
# How well a payment was proven: by how many categories, and whether one was a signature.
ProofClass: TypeAlias = Literal["under_two", "two", "two_signed"]
PROOF_CLASSES: tuple[ProofClass, ...] = ("under_two", "two", "two_signed")
Period: TypeAlias = Literal["lifetime", "year", "day"]
Outcome: TypeAlias = Literal["passed", "factor_asked", "refused"]

_Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
_Minor = Annotated[int, msgspec.Meta(ge=0, le=MINOR_MAX)]
_Count = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
_Hour = Annotated[int, msgspec.Meta(ge=0, le=24)]
Bound: TypeAlias = _Minor | Literal["unlimited", "not_covered"]
Floor: TypeAlias = _Minor | Literal["never"]


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence in English and in Chinese."""

    en: _Text
    zh: _Text


class Cap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much may be paid within a period.

    Attributes:
        id: names it in answers and logs.
        article: where it is written.
        tiers: for whom.
        period: within what: since opening, a calendar year, a calendar day of the house.
        proofs: for payments proven how well; each cap counts only those it is for.
        excludes: kinds of payments that do not count.
        amounts: minor units by currency; `*` is any other: `unlimited` (the rule is about it and
            sets no bound) or `not_covered` (the rule is not about it).
        told: what it says.
        how_to_raise: what a member can do about it.
    """

    id: _Id
    article: _Text
    tiers: tuple[Tier, ...]
    period: Period
    proofs: tuple[ProofClass, ...] = PROOF_CLASSES
    excludes: tuple[Kind, ...] = ()
    amounts: dict[str, Bound]
    told: Texts
    how_to_raise: Texts


class _Signal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every signal has.

    Attributes:
        id: names it in answers and logs.
        from_minor: by currency, the amount from which it speaks; `*` is any other currency;
            `never`: not in this currency.
        asks: a second factor, or two factors of different categories.
        told: why the member is asked.
    """

    id: _Id
    from_minor: dict[str, Floor]
    asks: Literal["second_factor", "two_factors"] = "second_factor"
    told: Texts


class NewDevice(_Signal, frozen=True, tag_field="kind", tag="new_device"):
    """The device signed in only lately, or is none of the member's."""

    days: Annotated[int, msgspec.Meta(ge=1, le=365)]


class NewPayee(_Signal, frozen=True, tag_field="kind", tag="new_payee"):
    """The member never paid this payee."""


class UnusualAmount(_Signal, frozen=True, tag_field="kind", tag="unusual_amount"):
    """Far above what the member pays, by median and median absolute deviation.

    Attributes:
        history_min: of fewer earlier payments nothing is concluded.
        deviations: how many median absolute deviations above the median is unusual.
    """

    history_min: _Count
    deviations: _Count


class ManyPayments(_Signal, frozen=True, tag_field="kind", tag="many_payments"):
    """As many payments within some minutes."""

    payments: Annotated[int, msgspec.Meta(ge=1, le=50)]
    minutes: Annotated[int, msgspec.Meta(ge=1, le=1440)]


class Night(_Signal, frozen=True, tag_field="kind", tag="night"):
    """Between two hours of the house's clock; over midnight where `to_hour` is the smaller."""

    from_hour: _Hour
    to_hour: _Hour


Signal: TypeAlias = NewDevice | NewPayee | UnusualAmount | ManyPayments | Night


class RuleSet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rules of a house, as written in a TOML file.

    Attributes:
        name: names it in answers and logs.
        title: what it is.
        source: where the text of the law is.
        factors: what each factor rests on.
        caps: how much may be paid.
        signals: what makes a payment unusual.
        keep_years: how long the law keeps records of who paid, after an account is closed.
    """

    name: _Id
    title: Texts
    source: str
    keep_years: Annotated[int, msgspec.Meta(ge=0, le=50)] = 5
    factors: dict[Factor, tuple[Category, ...]]
    caps: tuple[Cap, ...] = ()
    signals: tuple[Signal, ...] = ()


class Standing(msgspec.Struct, frozen=True):
    """The rule set in force.

    Attributes:
        rule_set: the rules.
        zone: where days and years begin.
        digest: names this very text.
    """

    rule_set: RuleSet
    zone: ZoneInfo
    digest: str


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """All that a payment is judged by.

    Attributes:
        tier: how well the payer is known.
        kind: of the payment.
        amount: of the payment.
        confirmed: factors that confirm just this payment.
        set_up: factors the payer has.
        used: what counts for each cap already, minor units by its id.
        device_age_ms: how long ago the device signed in; None: no device of the payer's.
        is_payee_new: whether the payer never paid this payee.
        history: earlier amounts in this currency, minor units.
        minutes_ago: how long ago the latest payments were.
        hour: of the house's clock.
    """

    tier: Tier
    kind: str
    amount: Money
    confirmed: frozenset[Factor]
    set_up: frozenset[Factor]
    used: dict[str, int]
    device_age_ms: int | None
    is_payee_new: bool
    history: tuple[int, ...]
    minutes_ago: tuple[int, ...]
    hour: int


class Reason(msgspec.Struct, frozen=True):
    """Why a payment was not simply let pass.

    Attributes:
        rule: the id of a cap or signal.
        article: where it is written; empty for signals, which are the house's own.
        en: in English.
        zh: in Chinese.
    """

    rule: str
    article: str
    en: str
    zh: str


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """The limit that a payment would go beyond."""

    rule: str
    article: str
    limit: Money
    used: Money
    left: Money
    explanation: Texts
    how_to_raise: Texts


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a payment.

    Attributes:
        outcome: passed, asked for a factor, or refused.
        proof: how well it was proven.
        reasons: why; of a payment that passed, what was noticed and confirmed.
        factors: sets of factors that would do, the smallest first.
        reached: the limit, where one refused it.
    """

    outcome: Outcome
    proof: ProofClass
    reasons: tuple[Reason, ...] = ()
    factors: tuple[tuple[Factor, ...], ...] = ()
    reached: Reached | None = None


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision about a payment, as it is logged.

    Attributes:
        decision_id: its id.
        at: milliseconds since the epoch.
        outcome: what was decided.
        kind: of the payment.
        amount: of the payment.
        payee_party: to whom; None: the house.
        payment_id: the payment it let pass.
        tier: how well the payer was known then.
        proof: how well the payment was proven.
        confirmed: by which factors.
        rule_set: name of the rules then in force.
        reasons: why.
        given_back: how much of it came back and no longer counts, minor units.
    """

    decision_id: str
    at: int
    outcome: Outcome
    kind: str
    amount: Money
    payee_party: str | None
    payment_id: str | None
    tier: Tier
    proof: ProofClass
    confirmed: list[Factor]
    rule_set: str
    reasons: list[Reason]
    given_back: int


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that is about to be logged.

    Attributes:
        decision_id: its id.
        party: the payer.
        kind: of the payment.
        amount: of the payment.
        payee_party: to whom; None: the house.
        tier: how well the payer is known.
        confirmed: by which factors.
        rule_set: name of the rules in force.
        outcome: what was decided.
        proof: how well the payment was proven.
        reasons: why.
        day: the day it counts on; None where nothing is counted.
    """

    decision_id: str
    party: PartyId
    kind: str
    amount: Money
    payee_party: PartyId | None
    tier: Tier
    confirmed: frozenset[Factor]
    rule_set: str
    outcome: Outcome
    proof: ProofClass
    reasons: tuple[Reason, ...] = ()
    day: str | None = None


class CapState(msgspec.Struct, frozen=True, kw_only=True):
    """Where a member stands with a cap.

    Attributes:
        rule: its id.
        article: where it is written.
        period: within what.
        proofs: for payments proven how well.
        excludes: kinds of payments that do not count.
        limit: the bound; None: unlimited.
        used: what counts already.
        left: what may still be paid; None: unlimited.
        resets_at: when counting begins anew, milliseconds since the epoch; None: never.
        told: what it says.
        how_to_raise: what a member can do about it.
    """

    rule: str
    article: str
    period: Period
    proofs: list[ProofClass]
    excludes: list[Kind]
    limit: Money | None
    used: Money
    left: Money | None
    resets_at: int | None
    told: Texts
    how_to_raise: Texts


class SignalState(msgspec.Struct, frozen=True, kw_only=True):
    """A signal as members are told of it: none is secret.

    Attributes:
        rule: its id.
        from_amount: from what amount it speaks.
        asks: what for.
        told: why the member is asked.
    """

    rule: str
    from_amount: Money
    asks: str
    told: Texts


class LimitsState(msgspec.Struct, frozen=True, kw_only=True):
    """All limits of a member in one currency.

    Attributes:
        currency: which.
        is_covered: whether the rule set says anything of it.
        caps: the limits of the member's tier.
        signals: what makes a payment ask for a factor.
    """

    currency: str
    is_covered: bool
    caps: list[CapState]
    signals: list[SignalState]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a member may pay, told before they try.

    Attributes:
        rule_set: the name of the rules.
        title: what they are.
        source: where the law is.
        time_zone: where days and years begin.
        tier: how well the member is known.
        factors: what the member has set up, and what each rests on.
        currencies: limits by currency.
        next_tier: the limits of the tier above, in the same currencies.
    """

    rule_set: str
    title: Texts
    source: str
    time_zone: str
    tier: Tier
    factors: dict[Factor, list[Category]]
    currencies: list[LimitsState]
    next_tier: list[LimitsState]
