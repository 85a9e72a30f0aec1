"""When a shop is settled, and what its postings are. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from teahouse.ledger import PostingLine
from teahouse.platform.money import Money, plain_amount
from teahouse.wallet.payments.types import Payment, PaymentKind
from teahouse.wallet.settlements.types import (
    LineKind,
    Schedule,
    Settlement,
    SettlementLine,
    Totals,
)

# When a town sleeps, and the bank's last file of the day is long written.
_AT = time(3)
_WEEK = 7
# What a payment is to the shop, by its kind and whether it came in.
_KINDS: dict[tuple[PaymentKind, bool], LineKind] = {
    (PaymentKind.PURCHASE, True): "sale",
    (PaymentKind.MANDATE_CHARGE, True): "sale",
    (PaymentKind.TRANSFER, True): "sale",
    (PaymentKind.REQUEST_PAID, True): "sale",
    (PaymentKind.SPLIT_PAID, True): "sale",
    (PaymentKind.TIP, True): "tip",
    (PaymentKind.REFUND, False): "refund",
    (PaymentKind.DISPUTE_REFUND, False): "refund",
    (PaymentKind.FEE, True): "fee",
    (PaymentKind.FEE, False): "fee",
    (PaymentKind.PAYOUT, False): "payout",
    (PaymentKind.PAYOUT_RETURN, True): "payout_return",
}


def compute_next_at(now: int, schedule: Schedule, weekday: int, zone: ZoneInfo) -> int | None:
    """When a shop is settled next: at three in the morning, local time.

    Args:
        now: milliseconds since the epoch.
        schedule: daily, weekly or manual.
        weekday: 1 for Monday to 7 for Sunday, of weekly.
        zone: the house's.

    Returns:
        An instant after now; None where it is done by hand.
    """
    if schedule == "manual":
        return None
    today = datetime.fromtimestamp(now // 1000, zone).date()
    for days in range(2 * _WEEK):
        day = today + timedelta(days=days)
        at = int(datetime.combine(day, _AT, zone).timestamp() * 1000)
        if at > now and (schedule == "daily" or day.isoweekday() == weekday):
            return at
    raise AssertionError("a week has every day")


def read_line(line: PostingLine, payment: Payment | None, *, tip: int) -> SettlementLine:
    """What a posting of a shop's wallet is.

    Args:
        line: as the books have it.
        payment: which made it; None: none did.
        tip: the part of it that is a tip, where charges know of one; minor units.
    """
    currency = line.amount.currency
    nothing = Money(0, currency)
    if payment is None:
        return _to_line(line, "other", "", line.amount, tip=nothing, fee=nothing)
    kind = _kind_of(line, payment)
    is_earned = kind in {"sale", "tip"} and line.action != "reverse"
    fee = payment.fee if is_earned else nothing
    tips = line.amount + fee if kind == "tip" else Money(tip if kind == "sale" else 0, currency)
    told = _to_line(line, kind, payment.id, line.amount + fee, tip=tips, fee=fee)
    if kind == "fee":
        return _to_line(line, kind, payment.id, nothing, tip=nothing, fee=-line.amount)
    return told


def _kind_of(line: PostingLine, payment: Payment) -> LineKind:
    comes_in = line.amount.minor > 0
    if line.action == "reverse":
        return "refund" if not comes_in and (payment.kind, True) in _KINDS else "other"
    return _KINDS.get((payment.kind, comes_in), "other")


def _to_line(
    line: PostingLine, kind: LineKind, payment_id: str, amount: Money, *, tip: Money, fee: Money
) -> SettlementLine:
    return SettlementLine(
        cursor=line.cursor,
        kind=kind,
        at=line.booked_at,
        payment_id=payment_id,
        reference="",
        amount=amount,
        tip=tip,
        fee=fee,
        net=line.amount,
    )


def sum_lines(lines: Iterable[SettlementLine]) -> Totals:
    """Sums over postings; the change of the wallet is exactly what they say."""
    sums = dict.fromkeys(Totals.__struct_fields__, 0)
    change = 0
    for line in lines:
        sums["count"] += 1
        change += line.net.minor
        sums["fees"] += line.fee.minor
        match line.kind:
            case "sale" | "tip":
                sums["gross"] += line.amount.minor - line.tip.minor
                sums["tips"] += line.tip.minor
            case "refund":
                sums["refunds"] -= line.amount.minor
            case "payout":
                sums["paid_out"] -= line.amount.minor
            case "payout_return":
                sums["returned"] += line.amount.minor
            case "other":
                sums["other"] += line.amount.minor
            case "fee":
                pass
    totals = Totals(**sums)
    assert totals.change == change
    return totals


_SUMMARY = (
    "settlement_id", "since", "until", "currency", "opening", "gross", "tips", "refunds", "fees",
    "other", "net", "returned", "paid_out", "closing", "postings", "payouts",
)  # fmt: skip
_AMOUNTS = (
    "opening", "gross", "tips", "refunds", "fees", "other", "net", "returned", "paid_out",
    "closing",
)  # fmt: skip


def render_summary(settlements: Iterable[Settlement]) -> str:
    """Settlements as CSV (RFC 4180), one in a line; times in UTC, amounts with decimals."""
    rows = []
    for one in settlements:
        amounts = [plain_amount(getattr(one, name)) for name in _AMOUNTS]
        since, until = _time(one.since), _time(one.until)
        start = [one.settlement_id, since, until, one.net.currency, *amounts]
        rows.append([*start, str(one.posting_count), " ".join(one.payouts)])
    return _render(_SUMMARY, rows)


def render_lines(lines: Iterable[SettlementLine]) -> str:
    """The postings of a settlement as CSV (RFC 4180)."""
    headings = (
        "at", "kind", "payment_id", "reference", "currency", "amount", "tip", "fee", "net",
    )  # fmt: skip
    rows = [
        [
            _time(line.at),
            line.kind,
            line.payment_id,
            line.reference,
            line.net.currency,
            *map(plain_amount, (line.amount, line.tip, line.fee, line.net)),
        ]
        for line in lines
    ]
    return _render(headings, rows)


def _render(headings: Iterable[str], rows: Iterable[list[str]]) -> str:
    # Nothing in it was written by a person, so no cell can be taken for a formula.
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow(headings)
    writer.writerows(rows)
    return output.getvalue()


def _time(at: int) -> str:
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
