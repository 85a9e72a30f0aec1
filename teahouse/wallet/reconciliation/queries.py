"""Reads statements, items, and how bank and books stand to one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from teahouse import ledger
from teahouse.platform.db import Read
from teahouse.platform.money import Currency, Money
from teahouse.platform.pages import Page, encode_cursor
from teahouse.wallet.outside.rules import reference_of
from teahouse.wallet.outside.tables import wallet_bank_order
from teahouse.wallet.outside.types import OUTGOING
from teahouse.wallet.parties.queries import user_of
from teahouse.wallet.pay_ins.queries import sum_unstated
from teahouse.wallet.reconciliation.tables import (
    wallet_bank_statement,
    wallet_bank_statement_line,
    wallet_reconciliation_item,
)
from teahouse.wallet.reconciliation.types import (
    Item,
    ItemId,
    ItemStatus,
    Standing,
    Statement,
    StatementId,
)
from teahouse.wallet.wallets.queries import find_house_account
from teahouse.wallet.wallets.types import HouseAccount

_statement, _line = wallet_bank_statement.c, wallet_bank_statement_line.c
_item, _order = wallet_reconciliation_item.c, wallet_bank_order.c


def list_items(
    read: Read, *, status: ItemStatus | None, before: str | None, limit: int
) -> Page[Item]:
    """Items, the newest first."""
    found = select_items()
    if status is not None:
        found = found.where(_item.status == status)
    if before is not None:
        found = found.where(_item.item_id < before)
    rows = read.conn.execute(found.order_by(_item.item_id.desc()).limit(limit + 1)).all()
    items = [to_item(read, row) for row in rows[:limit]]
    return Page(items, encode_cursor(items[-1].item_id) if len(rows) > limit else None)


def select_items() -> sa.Select[Any]:
    """Items with the lines they are about."""
    about = sa.and_(_line.statement_id == _item.statement_id, _line.line_index == _item.line_index)
    joined = wallet_reconciliation_item.outerjoin(wallet_bank_statement_line, about)
    columns = (_line.end_to_end_id, _line.name, _line.text, _line.booked_on)
    return sa.select(wallet_reconciliation_item, *columns).select_from(joined)


def to_item(read: Read, row: sa.Row[Any]) -> Item:
    """An item as staff see it."""
    currency = None if row.currency is None else Currency(row.currency)
    reference = row.end_to_end_id or (reference_of(row.order_id) if row.order_id else "")
    return Item(
        item_id=ItemId(row.item_id),
        kind=row.kind,
        status=row.status,
        told=row.told,
        amount=None if currency is None else Money(row.minor, currency),
        in_suspense=None if currency is None else Money(row.suspense_minor, currency),
        order_id=row.order_id,
        end_to_end_id=reference,
        name=row.name or "",
        text=row.text or "",
        booked_on=row.booked_on,
        noted_at=row.noted_at,
        action=row.action,
        wallet_user_id=None if row.wallet_party is None else user_of(read, row.wallet_party),
        note=row.note,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


def list_statements(read: Read, *, before: str | None, limit: int) -> Page[Statement]:
    """Statements of the bank, the newest first."""
    found = sa.select(wallet_bank_statement)
    if before is not None:
        found = found.where(_statement.statement_id < before)
    rows = read.conn.execute(found.order_by(_statement.statement_id.desc()).limit(limit + 1)).all()
    items = [to_statement(row) for row in rows[:limit]]
    return Page(items, encode_cursor(items[-1].statement_id) if len(rows) > limit else None)


def to_statement(row: sa.Row[Any]) -> Statement:
    """A statement as it was taken."""
    currency = Currency(row.currency)
    return Statement(
        statement_id=StatementId(row.statement_id),
        bank_id=row.bank_id,
        sequence=row.sequence,
        currency=currency,
        opened_on=row.opened_on,
        closed_on=row.closed_on,
        opening=Money(row.opening_minor, currency),
        closing=Money(row.closing_minor, currency),
        line_count=row.line_count,
        matched_count=row.matched_count,
        status=row.status,
        told=row.told,
        received_at=row.received_at,
        reconciled_at=row.reconciled_at,
    )


def find_last_reconciled(read: Read, currency: str) -> sa.Row[Any] | None:
    """The last statement that was reconciled, in a currency."""
    found = sa.select(wallet_bank_statement).where(
        _statement.currency == currency, _statement.place.is_not(None)
    )
    return read.conn.execute(found.order_by(_statement.place.desc()).limit(1)).one_or_none()


def find_standing(read: Read, currency: Currency) -> Standing:
    """How bank and books stand to one another in a currency."""
    last = find_last_reconciled(read, currency)
    waiting = sa.select(sa.func.count()).where(
        _statement.currency == currency, _statement.status == "waiting"
    )
    unresolved = sa.select(sa.func.count()).where(
        sa.or_(_item.currency == currency, _item.currency.is_(None)), _item.status != "resolved"
    )
    return Standing(
        currency=currency,
        cash_in_books=find_posted(read, HouseAccount.CASH_AT_BANK, currency),
        cash_at_bank=None if last is None else Money(last.closing_minor, currency),
        reconciled_on=None if last is None else last.closed_on,
        top_ups_in_transit=find_posted(read, HouseAccount.TOPUPS_IN_TRANSIT, currency),
        withdrawals_in_transit=find_posted(read, HouseAccount.WITHDRAWALS_IN_TRANSIT, currency),
        suspense=find_posted(read, HouseAccount.SUSPENSE, currency),
        open_item_count=read.conn.execute(unresolved).scalar_one(),
        waiting_statement_count=read.conn.execute(waiting).scalar_one(),
    )


def find_standings(read: Read, currencies: Iterable[Currency]) -> list[Standing]:
    """The same for several currencies."""
    return [find_standing(read, currency) for currency in currencies]


def find_posted(read: Read, name: HouseAccount, currency: Currency) -> Money:
    """What one of the house's own accounts holds; nothing where it was never needed."""
    account = find_house_account(read, name, currency)
    if account is None:
        return Money(0, currency)
    return ledger.find_balance(read, account).posted


# Checks


def find_cash_amiss(read: Read) -> Iterator[str]:
    """Currencies in which the books' cash is not what the last statement closed with."""
    for currency in _currencies(read, _statement.currency):
        last = find_last_reconciled(read, currency)
        if last is None:
            continue
        cash = find_posted(read, HouseAccount.CASH_AT_BANK, currency).minor
        if cash != last.closing_minor:
            yield (
                f"the books hold {cash} {currency} at the bank (minor units), its statement "
                f"{last.bank_id} closed with {last.closing_minor}"
            )


def find_transit_amiss(read: Read) -> Iterator[str]:
    """Currencies in which what is in transit is not what orders and what was paid in say."""
    ended = _order.status.in_(["rejected", "returned"])
    stated = _one(_order.stated_at.is_not(None)) - _one(_order.return_stated_at.is_not(None))
    taken = sa.and_(_order.booked_at.is_not(None), _order.status == "returned")
    credited = _one(_order.booked_at.is_not(None)) - _one(taken)
    paid_in = sum_unstated(read)
    for currency in sorted({*_currencies(read, _order.currency), *paid_in}):
        for account, kinds, weight, beside in (
            (HouseAccount.WITHDRAWALS_IN_TRANSIT, OUTGOING, 1 - _one(ended) - stated, 0),
            (
                HouseAccount.TOPUPS_IN_TRANSIT,
                {"top_up"},
                credited - stated,
                paid_in.get(currency, 0),
            ),
        ):
            ordered = sa.select(sa.func.coalesce(sa.func.sum(_order.minor * weight), 0)).where(
                _order.currency == currency, _order.kind.in_(sorted(kinds))
            )
            expected = int(read.conn.execute(ordered).scalar_one()) + beside
            posted = find_posted(read, account, currency).minor
            if posted != expected:
                yield (
                    f"{account.value} holds {posted} {currency} (minor units), orders say "
                    f"{expected}"
                )


def find_suspense_amiss(read: Read) -> Iterator[str]:
    """Currencies in which suspense is not what unresolved items say."""
    for currency in _currencies(read, _item.currency):
        waiting = sa.select(sa.func.coalesce(sa.func.sum(_item.suspense_minor), 0)).where(
            _item.currency == currency, _item.status != "resolved"
        )
        expected = int(read.conn.execute(waiting).scalar_one())
        posted = find_posted(read, HouseAccount.SUSPENSE, currency).minor
        if posted != expected:
            yield f"suspense holds {posted} {currency} (minor units), items say {expected}"


def _one(condition: sa.ColumnElement[bool]) -> sa.Case[int]:
    return sa.case((condition, 1), else_=0)


def _currencies(read: Read, column: sa.Column[Any]) -> list[Currency]:
    found = sa.select(column).where(column.is_not(None)).distinct().order_by(column)
    return [Currency(one) for one in read.conn.execute(found).scalars()]
