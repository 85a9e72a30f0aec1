"""Reads payments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from teahouse import ledger
from teahouse.platform.checks import PROBLEMS_MAX, ROWS_A_STEP
from teahouse.platform.db import Read
from teahouse.platform.pages import Page, encode_cursor, parse_cursor
from teahouse.wallet.parties.queries import find_party, users_of
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.payments.access import to_payment
from teahouse.wallet.payments.tables import wallet_payment
from teahouse.wallet.payments.types import (
    EVERYTHING,
    Counterparty,
    HistoryFilter,
    Payment,
    PaymentId,
    PaymentView,
)

_c = wallet_payment.c
# Of every payment; to be built once.
_select_payment = sa.select(wallet_payment).where(_c.payment_id == sa.bindparam("id"))
_select_by_key = sa.select(wallet_payment).where(_c.key == sa.bindparam("key"))


def find_payment(read: Read, payment_id: str) -> Payment | None:
    """A payment by its id, or None; for the house, which may see all."""
    row = read.conn.execute(_select_payment, {"id": payment_id}).one_or_none()
    return None if row is None else to_payment(row)


def find_payment_by_key(read: Read, key: str) -> tuple[Payment, bytes] | None:
    """The payment made under an idempotency key, and the hash of what was asked."""
    row = read.conn.execute(_select_by_key, {"key": key}).one_or_none()
    return None if row is None else (to_payment(row), row.draft_hash)


def find_payments(read: Read, payment_ids: Sequence[str]) -> dict[PaymentId, Payment]:
    """Some payments by their ids; unknown ones are left out."""
    if not payment_ids:
        return {}
    rows = read.conn.execute(sa.select(wallet_payment).where(_c.payment_id.in_(payment_ids)))
    return {one.id: one for one in map(to_payment, rows)}


def list_payments_of(read: Read, reference: str) -> list[Payment]:
    """The payments of one transfer, charge or packet, oldest first; at most a thousand."""
    rows = read.conn.execute(
        sa.select(wallet_payment)
        .where(_c.reference == reference)
        .order_by(_c.payment_id)
        .limit(1000)
    )
    return [to_payment(row) for row in rows]


def list_history(
    read: Read,
    party: str,
    *,
    cursor: str | None = None,
    limit: int,
    wanted: HistoryFilter = EVERYTHING,
) -> Page[Payment]:
    """A party's payments, the newest first.

    Args:
        read: a view.
        party: whose.
        cursor: from an earlier page.
        limit: how many.
        wanted: which.

    Raises:
        InvalidParam: not a cursor of this list.
    """
    place = parse_cursor(cursor, tuple[str])
    conditions = [*_conditions(wanted)]
    if place is not None:
        conditions.append(_c.payment_id < place[0])
    # One side at a time, each a range of an index read from its end; a condition that joins them
    # by OR would read the whole history and sort it.
    sides = [
        _side(own, other, party, wanted).where(*conditions).limit(limit + 1)
        for own, other, direction in (
            (_c.payer_party, _c.payee_party, "out"),
            (_c.payee_party, _c.payer_party, "in"),
        )
        if wanted.direction in {None, direction}
    ]
    rows = [row for side in sides for row in read.conn.execute(side)]
    rows.sort(key=lambda row: str(row.payment_id), reverse=True)
    found = [to_payment(row) for row in rows[: limit + 1]]
    more = len(found) > limit
    return Page(found[:limit], encode_cursor(found[limit - 1].id) if more else None)


def view_history(
    read: Read, user_id: str, *, cursor: str | None, limit: int, wanted: HistoryFilter
) -> Page[PaymentView]:
    """A member's payments as they see them, the newest first."""
    party = find_party(read, user_id)
    if party is None:
        return Page([])
    page = list_history(read, party, cursor=cursor, limit=limit, wanted=wanted)
    return Page(view_payments(read, party, page.items), page.next_cursor)


def view_payments(read: Read, party: str, payments: Sequence[Payment]) -> list[PaymentView]:
    """Payments as one of their sides sees them.

    Args:
        read: a view.
        party: that side.
        payments: of which it is the payer or the payee.
    """
    others = [_other_side(one, party) for one in payments]
    users = users_of(read, [other for other in others if other is not None])
    return [
        _view(one, party, Counterparty(other, users.get(other) if other else None))
        for one, other in zip(payments, others, strict=True)
    ]


def list_messages_of(read: Read, party: str) -> list[PaymentId]:
    """The payments to which a party has said something, or named a room."""
    rows = read.conn.execute(
        sa.select(_c.payment_id)
        .where(_c.payer_party == party, sa.or_(_c.message != "", _c.room_id.is_not(None)))
        .order_by(_c.payment_id)
    )
    return [PaymentId(row.payment_id) for row in rows]


def find_pending_with(read: Read, holds: Sequence[str]) -> list[Payment]:
    """The pending payments of some holds."""
    rows = read.conn.execute(
        sa.select(wallet_payment)
        .where(_c.hold_id.in_(holds), _c.status == "pending")
        .order_by(_c.payment_id)
    )
    return [to_payment(row) for row in rows]


# Checks


def find_payments_amiss(read: Read) -> Iterator[str | None]:
    """Payments whose transaction or hold in the ledger is missing or says something else."""
    rows = read.conn.execute(
        sa.select(wallet_payment).order_by(_c.payment_id).execution_options(yield_per=ROWS_A_STEP)
    )
    found = 0
    for number, row in enumerate(rows, 1):
        if number % ROWS_A_STEP == 0:
            yield None
        trouble = _find_trouble(read, to_payment(row), row.payer_account, row.payee_account)
        if trouble is not None:
            found += 1
            yield f"payment {row.payment_id}: {trouble}"
        if found == PROBLEMS_MAX:
            return


def _find_trouble(read: Read, payment: Payment, payer: str, payee: str) -> str | None:
    if payment.transaction is not None:
        booked = ledger.find_transaction(read, payment.transaction)
        if booked is None:
            return "its transaction is not in the ledger"
        legs = {leg.account: leg.amount for leg in booked.postings}
        due = payment.amount.minor - payment.fee.minor
        if (legs.get(ledger.AccountId(payer)), legs.get(ledger.AccountId(payee))) != (
            payment.amount.minor,
            -due,
        ):
            return "its transaction moved something else"
        return None
    held = ledger.find_hold(read, payment.hold or "")
    if held is None:
        return "its hold is not in the ledger"
    # A hold whose time is over is pending until the ledger's job comes by.
    expected = {"pending": "pending", "voided": "voided", "expired": "expired"}
    if held.hold_status != expected[payment.status]:
        return f"it is {payment.status}, but its hold is {held.hold_status}"
    return None


# Conditions


def _side(
    own: sa.ColumnElement[Any],
    other: sa.ColumnElement[Any],
    party: str,
    wanted: HistoryFilter,
) -> sa.Select[Any]:
    found = sa.select(wallet_payment).where(own == party).order_by(_c.payment_id.desc())
    if wanted.counterparty is not None:
        found = found.where(other == wanted.counterparty)
    return found


def _conditions(wanted: HistoryFilter) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.currency is not None:
        yield _c.currency == wanted.currency
    if wanted.kinds:
        yield _c.kind.in_([kind.value for kind in wanted.kinds])
    if wanted.statuses:
        yield _c.status.in_(wanted.statuses)
    if wanted.since is not None:
        yield _c.created_at >= wanted.since
    if wanted.until is not None:
        yield _c.created_at < wanted.until
    if wanted.least is not None:
        yield _c.minor >= wanted.least
    if wanted.most is not None:
        yield _c.minor <= wanted.most
    if wanted.reference is not None:
        yield _c.reference == wanted.reference
    if wanted.text:
        yield sa.func.lower(_c.message).contains(wanted.text.lower(), autoescape=True)


def _other_side(payment: Payment, party: str) -> PartyId | None:
    return payment.payee_party if payment.payer_party == party else payment.payer_party


def _view(payment: Payment, party: str, other: Counterparty) -> PaymentView:
    is_payer = payment.payer_party == party
    return PaymentView(
        payment_id=payment.id,
        kind=payment.kind,
        status=payment.status,
        direction="out" if is_payer else "in",
        counterparty=other,
        wallet_id=payment.payer_wallet if is_payer else payment.payee_wallet,
        amount=payment.amount,
        fee=None if is_payer else payment.fee,
        message=payment.message,
        reference=payment.reference,
        room_id=payment.room_id,
        created_at=payment.created_at,
        expires_at=payment.expires_at,
        booked_at=payment.booked_at,
        ended_at=payment.ended_at,
    )
