"""Dates, bounds and tries of mandates. Pure.

Days are UTC days: a payee, its payers and the server need not agree on another zone.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from teahouse.platform.money import Money
from teahouse.wallet.mandates.errors import (
    ChargeBeyondMandate,
    ChargeOutOfTime,
    InvalidTerms,
)
from teahouse.wallet.mandates.types import (
    NOTICE_DAYS_MAX,
    ChargeStatus,
    Period,
    Terms,
)

DAY_MS = 86_400_000
# Who plans further ahead asks again.
START_DAYS_MAX = 366
END_YEARS_MAX = 30
# Time to think it over, and the week-end.
PROPOSAL_DAYS = 7
# A payee who asks a member ten times is not wanted, and nobody reads fifty notices.
PROPOSALS_OPEN_MAX = 10
CHARGES_OPEN_MAX = 50
# Wages come late by a day or at the end of the week; after eleven days the payee should ask.
RETRY_DAYS = (1, 3, 7)

_MONTHS = {"month": 1, "year": 12}
# The notice of a charge must fall into its own period, or two notices would cross.
_NOTICE_DAYS_MAX: dict[Period, int] = {
    "week": 6,
    "month": 27,
    "year": NOTICE_DAYS_MAX,
    "irregular": NOTICE_DAYS_MAX,
}


# Days


def day_of(instant_ms: int) -> date:
    """The UTC day of an instant."""
    return datetime.fromtimestamp(instant_ms // 1000, UTC).date()


def start_of_day(day: date) -> int:
    """The first instant of a UTC day, milliseconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


def add_months(day: date, count: int) -> date:
    """The same day of another month, or that month's last where it has no such day.

    Counted from the first day each time, not from the last result: 31 January is followed by
    28 February and then by 31 March.
    """
    years, month = divmod(day.month - 1 + count, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def period_start(anchor: date, period: Period, index: int) -> date:
    """The first day of a period.

    Args:
        anchor: the first day of period 0.
        period: its length; irregular ones are all one period.
        index: which, from 0.
    """
    if period == "irregular":
        return anchor
    if period == "week":
        return anchor + timedelta(weeks=index)
    return add_months(anchor, _MONTHS[period] * index)


def period_of(anchor: date, period: Period, day: date) -> int:
    """The index of the period that a day falls into; negative before the anchor."""
    if period == "irregular":
        return 0
    if period == "week":
        return (day - anchor).days // 7
    months = 12 * (day.year - anchor.year) + day.month - anchor.month
    index = months // _MONTHS[period]
    return index if period_start(anchor, period, index) <= day else index - 1


# Terms


def check_terms(terms: Terms, today: date) -> None:
    """Check that somebody could consent to this.

    Raises:
        InvalidTerms: with the sentence that says why.
    """
    _check_amounts(terms)
    if terms.amount is not None and terms.period == "irregular":
        raise InvalidTerms("Irregular charges have no amount that comes by itself.")
    if not today <= terms.start_on <= today + timedelta(days=START_DAYS_MAX):
        raise InvalidTerms(f"A mandate starts today or within {START_DAYS_MAX} days.")
    if terms.end_on is not None:
        last = add_months(terms.start_on, 12 * END_YEARS_MAX)
        if not terms.start_on <= terms.end_on <= last:
            raise InvalidTerms(f"It ends after its start and within {END_YEARS_MAX} years.")
    notice_max = _NOTICE_DAYS_MAX[terms.period]
    if not 0 <= terms.notice_days <= notice_max:
        raise InvalidTerms(f"The notice is 0 to {notice_max} days for this period.")
    if not terms.description_en.strip():
        raise InvalidTerms("It must say what it is for.")


def _check_amounts(terms: Terms) -> None:
    limit = terms.charge_max
    if limit.minor <= 0:
        raise InvalidTerms("The most of one charge is more than nothing.")
    for bound in (terms.period_max, terms.amount):
        if bound is not None and bound.currency != limit.currency:
            raise InvalidTerms("All amounts of a mandate are in one currency.")
    if terms.period_max is not None:
        if terms.period == "irregular":
            raise InvalidTerms("Irregular charges have no period, and no bound for it.")
        if terms.period_max < limit:
            raise InvalidTerms("A period may cost at least as much as one charge.")
    if terms.amount is not None and not 0 < terms.amount.minor <= limit.minor:
        raise InvalidTerms("What comes by itself is at most as much as one charge.")


def ceiling_of(terms: Terms) -> Money | None:
    """The most of all charges of one period; None: no bound."""
    if terms.period == "irregular":
        return None
    return terms.period_max or terms.charge_max


# Charges


def check_amount(terms: Terms, amount: Money, charged_before: Iterable[Money]) -> None:
    """Check that a charge keeps within the consent.

    Args:
        terms: the consent.
        amount: of the charge.
        charged_before: what counts in the same period already.

    Raises:
        ChargeBeyondMandate: it does not; nothing or less is no charge either.
    """
    if amount.currency != terms.charge_max.currency:
        raise ChargeBeyondMandate(
            "The mandate is in another currency.", bound="currency", limit=terms.charge_max
        )
    if not 0 < amount.minor <= terms.charge_max.minor:
        raise ChargeBeyondMandate(bound="charge_max", limit=terms.charge_max, left=terms.charge_max)
    ceiling = ceiling_of(terms)
    if ceiling is None:
        return
    left = ceiling.minor - sum(other.minor for other in charged_before)
    if amount.minor > left:
        raise ChargeBeyondMandate(
            bound="period_max", limit=ceiling, left=Money(max(left, 0), ceiling.currency)
        )


def counts_in_period(status: ChargeStatus) -> bool:
    """Whether a charge uses up the ceiling of its period."""
    return status in {"announced", "retrying", "paid"}


def earliest_due(terms: Terms, now: int) -> int:
    """When a charge asked for now could be collected, milliseconds."""
    return max(now + terms.notice_days * DAY_MS, start_of_day(terms.start_on))


def compute_due(terms: Terms, due_on: date | None, now: int) -> int:
    """When a charge asked for now is collected, milliseconds.

    Args:
        terms: the consent.
        due_on: the day asked for; None: as soon as the notice allows.
        now: milliseconds.

    Raises:
        ChargeOutOfTime: before the notice is over or the mandate starts, after its end, or more
            than a year ahead.
    """
    first = earliest_due(terms, now)
    # On the day on which the notice is over it is collected when the notice is over.
    due_at = first if due_on is None else max(first, start_of_day(due_on))
    last_on = day_of(now) + timedelta(days=START_DAYS_MAX)
    if terms.end_on is not None:
        last_on = min(last_on, terms.end_on)
    is_moved = due_on is not None and day_of(due_at) != due_on
    if is_moved or day_of(due_at) > last_on:
        raise ChargeOutOfTime(first_on=day_of(first).isoformat(), last_on=last_on.isoformat())
    return due_at


def next_planned(terms: Terms, index: int) -> date | None:
    """The day of the charge that comes by itself at the beginning of a period.

    Returns:
        None where none does: the payee asks for each, or the mandate is over by then.
    """
    if terms.amount is None:
        return None
    day = period_start(terms.start_on, terms.period, index)
    return None if terms.end_on is not None and day > terms.end_on else day


def next_try(attempt_count: int, tried_at: int) -> int | None:
    """When to try again after a refusal, milliseconds.

    Args:
        attempt_count: tries made, at least one.
        tried_at: the last one.

    Returns:
        None once it is given up.
    """
    assert attempt_count >= 1
    if attempt_count > len(RETRY_DAYS):
        return None
    return tried_at + RETRY_DAYS[attempt_count - 1] * DAY_MS


def notice_at(due_at: int, notice_days: int) -> int:
    """When the payer is to be told of a charge, milliseconds.

    Half a day early, so that a server that was down for the night still tells in time, and the
    charge is collected on its day.
    """
    if notice_days == 0:
        return due_at
    return due_at - notice_days * DAY_MS - DAY_MS // 2


def consent_amount(terms: Terms) -> Money:
    """The amount that a payer's confirmation is bound to: the most that can be charged at a time.

    Of irregular charges that is one charge; else all of one period.
    """
    return ceiling_of(terms) or terms.charge_max


# Keys: those of planned charges must not meet the payee's own.


def asked_key(key: str) -> str:
    """The stored key of a charge that the payee asked for."""
    return f"asked:{key}"


def planned_key(index: int) -> str:
    """The stored key of a charge that comes by itself."""
    return f"planned:{index}"
