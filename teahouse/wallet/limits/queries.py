"""Reads what counts for limits, and what was decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from teahouse.accounts import TIERS, Tier, find_tier
from teahouse.platform.checks import PROBLEMS_MAX
from teahouse.platform.db import Read
from teahouse.platform.errors import NotFound
from teahouse.platform.money import Money, parse_currency
from teahouse.platform.pages import Page, encode_cursor
from teahouse.platform.settings import SettingsError
from teahouse.wallet.confirmations.queries import find_offered
from teahouse.wallet.limits.rules import (
    ANY,
    compute_day,
    compute_reset,
    compute_span,
    find_caps,
    parse_rule_set,
    parse_zone,
)
from teahouse.wallet.limits.tables import wallet_decision, wallet_rule_set, wallet_spent
from teahouse.wallet.limits.types import (
    Cap,
    CapState,
    Decision,
    Limits,
    LimitsState,
    Reason,
    RuleSet,
    SignalState,
    Standing,
)
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.wallets.queries import list_wallets

_FOLDER = Path(__file__).parent
SHIPPED = ("pboc-2015", "open")
# A house without a server's first start has no rules yet; nothing is limited there.
_NO_RULES = "open"
# What the median of an amount is taken from, and the window in which payments are counted.
HISTORY_MAX = 50

_s = wallet_spent.c
_d = wallet_decision.c
_r = wallet_rule_set.c


def load_rule_set_text(name: str) -> str:
    """The text of a rule set: a shipped one by name, or any file by path.

    Raises:
        SettingsError: there is no such file.
    """
    file = _FOLDER / f"{name}.toml" if name in SHIPPED else Path(name)
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"`wallet_rule_set`: {error}. Shipped are {', '.join(SHIPPED)}."
        ) from None


def find_standing(read: Read) -> Standing:
    """The rule set in force."""
    row = read.conn.execute(
        sa.select(_r.digest, _r.text, _r.time_zone).order_by(_r.number.desc()).limit(1)
    ).one_or_none()
    if row is None:
        return Standing(_shipped(_NO_RULES), ZoneInfo("UTC"), "")
    return Standing(_parse(row.text), parse_zone(row.time_zone), row.digest)


@lru_cache(maxsize=8)
def _parse(text: str) -> RuleSet:
    return parse_rule_set(text, "the rule set in force")


@lru_cache(maxsize=8)
def _shipped(name: str) -> RuleSet:
    return parse_rule_set(load_rule_set_text(name), name)


# What counts


def sum_spent(
    read: Read, party: PartyId | None, currency: str, caps: Iterable[Cap], day: date
) -> dict[str, int]:
    """What counts for some caps already on a day, minor units by the cap's id.

    One statement answers all of them: it is asked before every payment.
    """
    wanted = list(caps)
    year_first, year_last = compute_span("year", day)
    firsts = [compute_span(cap.period, day)[0] for cap in wanted]
    rows = read.conn.execute(
        _sums,
        {
            "of_party": party,
            "in_currency": currency,
            "first": min(firsts, default=day).isoformat(),
            "today": day.isoformat(),
            "year_first": year_first.isoformat(),
            "year_last": year_last.isoformat(),
        },
    ).all()
    return {
        cap.id: sum(
            int(getattr(row, cap.period))
            for row in rows
            if row.proof in cap.proofs and row.kind not in cap.excludes
        )
        for cap in wanted
    }


_sums = (
    sa.select(
        _s.kind,
        _s.proof,
        sa.func.sum(_s.minor).label("lifetime"),
        sa.func.sum(
            sa.case(
                (_s.day.between(sa.bindparam("year_first"), sa.bindparam("year_last")), _s.minor),
                else_=0,
            )
        ).label("year"),
        sa.func.sum(sa.case((_s.day == sa.bindparam("today"), _s.minor), else_=0)).label("day"),
    )
    .where(
        _s.party == sa.bindparam("of_party"),
        _s.currency == sa.bindparam("in_currency"),
        _s.day >= sa.bindparam("first"),
    )
    .group_by(_s.kind, _s.proof)
)


def has_paid(read: Read, party: PartyId, payee_party: PartyId) -> bool:
    """Whether somebody paid somebody before, and it did not all come back."""
    statement = (
        sa.select(_d.decision_id)
        .where(
            _d.party == party,
            _d.payee_party == payee_party,
            _d.outcome == "passed",
            _d.given_back < _d.minor,
        )
        .limit(1)
    )
    return read.conn.execute(statement).first() is not None


def list_latest(read: Read, party: PartyId) -> list[tuple[int, Money]]:
    """The latest payments that passed: when, and how much; the latest first."""
    statement = (
        sa.select(_d.at, _d.currency, _d.minor)
        .where(_d.party == party, _d.outcome == "passed", _d.given_back < _d.minor)
        .order_by(_d.decision_id.desc())
        .limit(HISTORY_MAX)
    )
    return [
        (row.at, Money(row.minor, parse_currency(row.currency)))
        for row in read.conn.execute(statement)
    ]


# What members are told


def find_limits(read: Read, user_id: str) -> Limits:
    """All limits of a member, before they try.

    Args:
        read: a view of the database.
        user_id: the member.
    """
    standing = find_standing(read)
    rule_set = standing.rule_set
    tier = find_tier(read, user_id)
    party = find_party(read, user_id)
    held = set() if party is None else {one.currency for one in list_wallets(read, party)}
    named = {code for cap in rule_set.caps for code in cap.amounts} - {ANY}
    currencies = sorted({str(code) for code in held | named})
    higher = TIERS[TIERS.index(tier) + 1 :][:1]
    return Limits(
        rule_set=rule_set.name,
        title=rule_set.title,
        source=rule_set.source,
        time_zone=standing.zone.key,
        tier=tier,
        factors={one: list(rule_set.factors[one]) for one in find_offered(read, user_id)},
        currencies=[_find_state(read, standing, party, tier, code) for code in currencies],
        next_tier=[
            _find_state(read, standing, party, aim, code) for aim in higher for code in currencies
        ],
    )


def _find_state(
    read: Read, standing: Standing, party: PartyId | None, tier: Tier, currency: str
) -> LimitsState:
    rule_set = standing.rule_set
    signals = []
    for one in rule_set.signals:
        floor = one.from_minor.get(currency, one.from_minor[ANY])
        if isinstance(floor, int):
            from_amount = Money(floor, parse_currency(currency))
            signals.append(
                SignalState(rule=one.id, from_amount=from_amount, asks=one.asks, told=one.told)
            )
    bounded = find_caps(rule_set, tier, None, currency)
    day = compute_day(read.now, standing.zone)
    used = sum_spent(read, party, currency, [cap for cap, _ in bounded], day)
    return LimitsState(
        currency=currency,
        is_covered=any(
            cap.amounts.get(currency, cap.amounts[ANY]) != "not_covered" for cap in rule_set.caps
        ),
        caps=[
            _cap_state(
                cap,
                limit=Money(bound, parse_currency(currency)),
                used=used[cap.id],
                resets_at=compute_reset(cap.period, day, standing.zone),
            )
            for cap, bound in bounded
        ],
        signals=signals,
    )


def _cap_state(cap: Cap, *, limit: Money, used: int, resets_at: int | None) -> CapState:
    return CapState(
        rule=cap.id,
        article=cap.article,
        period=cap.period,
        proofs=list(cap.proofs),
        excludes=list(cap.excludes),
        limit=limit,
        used=Money(used, limit.currency),
        left=Money(max(0, limit.minor - used), limit.currency),
        resets_at=resets_at,
        told=cap.told,
        how_to_raise=cap.how_to_raise,
    )


# What was decided


def list_decisions(read: Read, user_id: str, *, before: str | None, limit: int) -> Page[Decision]:
    """Decisions about a member's payments, the latest first.

    Args:
        read: a view of the database.
        user_id: the member.
        before: the last decision of the page before.
        limit: how many.
    """
    statement = (
        sa.select(wallet_decision)
        .where(_d.party == find_party(read, user_id))
        .order_by(_d.decision_id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        statement = statement.where(_d.decision_id < before)
    found = [_decision(row) for row in read.conn.execute(statement)]
    shown = found[:limit]
    more = len(found) > limit
    return Page(shown, encode_cursor(shown[-1].decision_id) if more else None)


def find_decision(read: Read, user_id: str, decision_id: str) -> Decision:
    """One decision about a payment of a member.

    Raises:
        NotFound: none, or about somebody else's.
    """
    row = read.conn.execute(
        sa.select(wallet_decision).where(
            _d.decision_id == decision_id, _d.party == find_party(read, user_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such decision.")
    return _decision(row)


def export_decisions(read: Read, party: PartyId) -> list[Decision]:
    """All decisions about a party's payments, the first first."""
    statement = sa.select(wallet_decision).where(_d.party == party).order_by(_d.decision_id)
    return [_decision(row) for row in read.conn.execute(statement)]


def export_spent(read: Read, party: PartyId) -> list[dict[str, str | int]]:
    """What counts for a party's limits, day by day."""
    statement = sa.select(wallet_spent).where(_s.party == party).order_by(*wallet_spent.primary_key)
    return [
        {
            "day": row.day,
            "kind": row.kind,
            "proof": row.proof,
            "currency": row.currency,
            "minor": row.minor,
        }
        for row in read.conn.execute(statement)
    ]


# Checks


def find_counts_amiss(read: Read) -> Iterator[str]:
    """Days of which something else counts than the decisions say."""
    key = (_d.party, _d.currency, _d.day, _d.kind, _d.proof)
    decided = (
        sa.select(*key, sa.func.sum(_d.minor - _d.given_back).label("minor"))
        .where(_d.day.is_not(None))
        .group_by(*key)
        .subquery()
    )
    same = sa.and_(*(_s[one.name] == decided.c[one.name] for one in key))
    wrong = (
        sa.select(_s.party, _s.day, _s.minor, decided.c.minor)
        .select_from(wallet_spent.outerjoin(decided, same))
        .where(_s.minor != sa.func.coalesce(decided.c.minor, 0))
        .order_by(_s.party, _s.day)
        .limit(PROBLEMS_MAX)
    )
    for party, day, counted, told in read.conn.execute(wrong):
        yield f"party {party} on {day}: {counted} counts, and decisions say {int(told or 0)}"
    missing = (
        sa.select(decided.c.party, decided.c.day)
        .select_from(decided.outerjoin(wallet_spent, same))
        .where(_s.party.is_(None))
        .order_by(decided.c.party, decided.c.day)
        .limit(PROBLEMS_MAX)
    )
    for party, day in read.conn.execute(missing):
        yield f"party {party} on {day}: what decisions let pass does not count"


def _decision(row: sa.Row[*tuple[Any, ...]]) -> Decision:
    return Decision(
        decision_id=row.decision_id,
        at=row.at,
        outcome=row.outcome,
        kind=row.kind,
        amount=Money(row.minor, parse_currency(row.currency)),
        payee_party=row.payee_party,
        payment_id=row.payment_id,
        tier=row.tier,
        proof=row.proof,
        confirmed=row.confirmed.split(),
        rule_set=row.rule_set,
        reasons=msgspec.json.decode(row.reasons, type=list[Reason]),
        given_back=row.given_back,
    )
