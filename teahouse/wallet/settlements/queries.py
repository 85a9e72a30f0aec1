"""Reads plans and settlements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse import ledger
from teahouse.ledger import AccountId, PostingLine
from teahouse.platform.checks import PROBLEMS_MAX
from teahouse.platform.db import Read
from teahouse.platform.money import Currency, Money
from teahouse.platform.pages import Page, encode_cursor
from teahouse.wallet.charges.queries import find_charge
from teahouse.wallet.outside.types import OutsideAccountId
from teahouse.wallet.payments.queries import find_payments
from teahouse.wallet.payments.types import Payment, PaymentKind
from teahouse.wallet.settlements.errors import UnknownSettlement
from teahouse.wallet.settlements.rules import read_line
from teahouse.wallet.settlements.tables import wallet_payout_plan, wallet_settlement
from teahouse.wallet.settlements.types import (
    PayoutPlan,
    Settlement,
    SettlementId,
    SettlementLine,
    StoredPlan,
)
from teahouse.wallet.shops.access import access_shop, load_shop
from teahouse.wallet.shops.types import Clerk, ShopId

_plan, _settlement = wallet_payout_plan.c, wallet_settlement.c
# What the ledger gives in one go.
_LINES_AT_ONCE = 200
_DUE_MAX = 200


def find_plan(read: Read, shop_id: str, currency: str) -> PayoutPlan | None:
    """When and where a shop is paid out in a currency, or None where it has not said."""
    row = read.conn.execute(
        sa.select(wallet_payout_plan).where(_plan.shop_id == shop_id, _plan.currency == currency)
    ).one_or_none()
    return None if row is None else to_plan(row)


def list_plans(read: Read, clerk: Clerk, shop_id: str) -> list[PayoutPlan]:
    """A shop's plans, by currency, for its people."""
    access_shop(read, clerk, shop_id, "reports.see")
    rows = read.conn.execute(
        sa.select(wallet_payout_plan).where(_plan.shop_id == shop_id).order_by(_plan.currency)
    )
    return [to_plan(row) for row in rows]


def list_due_plans(read: Read, now: int) -> list[StoredPlan]:
    """Plans whose time has come."""
    rows = read.conn.execute(
        sa.select(_plan.shop_id, _plan.currency)
        .where(_plan.next_at <= now)
        .order_by(_plan.next_at, _plan.shop_id)
        .limit(_DUE_MAX)
    ).all()
    due = []
    for row in rows:
        shop = load_shop(read, row.shop_id)
        if shop is not None:
            currency = Currency(row.currency)
            due.append(StoredPlan(shop_id=shop.shop_id, party=shop.party, currency=currency))
    return due


def to_plan(row: sa.Row[Any]) -> PayoutPlan:
    """A plan as its shop sees it."""
    currency = Currency(row.currency)
    return PayoutPlan(
        shop_id=ShopId(row.shop_id),
        currency=currency,
        schedule=row.schedule,
        weekday=row.weekday,
        minimum=Money(row.minimum_minor, currency),
        outside_account_id=OutsideAccountId(row.outside_account_id),
        next_at=row.next_at,
    )


def list_settlements(
    read: Read, clerk: Clerk, shop_id: str, *, before: str | None, limit: int
) -> Page[Settlement]:
    """A shop's settlements, the newest first, for its people and programs."""
    access_shop(read, clerk, shop_id, "reports.see")
    found = sa.select(wallet_settlement).where(_settlement.shop_id == shop_id)
    if before is not None:
        found = found.where(_settlement.settlement_id < before)
    ordered = found.order_by(_settlement.settlement_id.desc()).limit(limit + 1)
    rows = read.conn.execute(ordered).all()
    items = [to_settlement(row) for row in rows[:limit]]
    more = encode_cursor(items[-1].settlement_id) if len(rows) > limit else None
    return Page(items, more)


def find_settlement(read: Read, clerk: Clerk, shop_id: str, settlement_id: str) -> Settlement:
    """One of a shop's settlements.

    Raises:
        ShopNotFound: the caller has nothing to do with the shop.
        UnknownSettlement: it has no such settlement.
    """
    return to_settlement(_access_settlement(read, clerk, shop_id, settlement_id))


def list_settlement_lines(
    read: Read, clerk: Clerk, shop_id: str, settlement_id: str, *, after: int, limit: int
) -> Page[SettlementLine]:
    """The postings of a settlement, in their order.

    Args:
        read: a view.
        clerk: who asks.
        shop_id: of which shop.
        settlement_id: which.
        after: the cursor of the last one seen; 0 at the beginning.
        limit: how many.
    """
    row = _access_settlement(read, clerk, shop_id, settlement_id)
    start = max(after, row.cursor_after)
    lines = read_postings(read, AccountId(row.account), start, limit=limit + 1)
    wanted = [line for line in lines if line.cursor <= row.cursor_last]
    more = encode_cursor(wanted[limit - 1].cursor) if len(wanted) > limit else None
    return Page(read_lines(read, wanted[:limit]), more)


def iterate_lines(
    read: Read, clerk: Clerk, shop_id: str, settlement_id: str
) -> list[SettlementLine]:
    """All postings of a settlement: there are at most as many as a settlement can hold."""
    row = _access_settlement(read, clerk, shop_id, settlement_id)
    count = row.posting_count
    return read_lines(
        read, read_postings(read, AccountId(row.account), row.cursor_after, limit=count)
    )


def read_postings(read: Read, account: AccountId, after: int, *, limit: int) -> list[PostingLine]:
    """The next postings of an account, oldest first."""
    lines: list[PostingLine] = []
    while len(lines) < limit:
        size = min(_LINES_AT_ONCE, limit - len(lines))
        more = ledger.list_postings(read, account, after=after, limit=size)
        if not more:
            break
        lines += more
        after = more[-1].cursor
    return lines


def read_lines(read: Read, postings: list[PostingLine]) -> list[SettlementLine]:
    """What postings of a shop's wallet are."""
    payments: dict[str, Payment] = {}
    for start in range(0, len(postings), _LINES_AT_ONCE):
        ids = [line.reference for line in postings[start : start + _LINES_AT_ONCE]]
        payments.update({str(one): made for one, made in find_payments(read, ids).items()})
    return [_read_line(read, line, payments.get(line.reference)) for line in postings]


def _read_line(read: Read, line: PostingLine, payment: Payment | None) -> SettlementLine:
    tip = 0
    if payment is not None and payment.kind is PaymentKind.PURCHASE:
        charge = find_charge(read, payment.reference)
        tip = 0 if charge is None else charge.standing.tip
    told = read_line(line, payment, tip=tip)
    return msgspec.structs.replace(told, reference="" if payment is None else payment.reference)


def find_last_settlement(read: Read, account: AccountId) -> sa.Row[Any] | None:
    """The last settlement of an account."""
    found = sa.select(wallet_settlement).where(_settlement.account == account)
    return read.conn.execute(found.order_by(_settlement.cursor_last.desc()).limit(1)).one_or_none()


def to_settlement(row: sa.Row[Any]) -> Settlement:
    """A settlement as its shop sees it."""

    def money(minor: int) -> Money:
        return Money(minor, Currency(row.currency))

    net = row.gross + row.tips - row.refunds - row.fees + row.other
    return Settlement(
        settlement_id=SettlementId(row.settlement_id),
        shop_id=ShopId(row.shop_id),
        since=row.since,
        until=row.until,
        opening=money(row.opening),
        gross=money(row.gross),
        tips=money(row.tips),
        refunds=money(row.refunds),
        fees=money(row.fees),
        other=money(row.other),
        net=money(net),
        returned=money(row.returned),
        paid_out=money(row.paid_out),
        closing=money(row.closing),
        posting_count=row.posting_count,
        payouts=row.payouts.split(),
        problem=row.problem,
    )


def _access_settlement(read: Read, clerk: Clerk, shop_id: str, settlement_id: str) -> sa.Row[Any]:
    access_shop(read, clerk, shop_id, "reports.see")
    row = read.conn.execute(
        sa.select(wallet_settlement).where(
            _settlement.settlement_id == settlement_id, _settlement.shop_id == shop_id
        )
    ).one_or_none()
    if row is None:
        raise UnknownSettlement
    return row


# Checks


def find_gaps(read: Read) -> Iterator[str]:
    """Settlements that do not follow on one another, or do not end with what the wallet held."""
    rows = read.conn.execute(
        sa.select(wallet_settlement).order_by(_settlement.account, _settlement.cursor_after)
    )
    last: Any = None
    found = 0
    for row in rows:
        is_next = last is not None and last.account == row.account
        opening, cursor = (last.closing, last.cursor_last) if is_next else (0, 0)
        if (row.opening, row.cursor_after) != (opening, cursor):
            found += 1
            yield f"settlement {row.settlement_id} does not follow on the one before it"
        last = row
        if found == PROBLEMS_MAX:
            return
