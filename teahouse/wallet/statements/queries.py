"""Reads statements, receipts and summaries: the lines of the books, with names and words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta

import sqlalchemy as sa

from teahouse import ledger
from teahouse.accounts import find_profiles
from teahouse.platform.db import Read
from teahouse.platform.json import Json
from teahouse.platform.pages import Page, encode_cursor, parse_cursor
from teahouse.platform.requester import Requester
from teahouse.wallet.parties.queries import find_party, users_of
from teahouse.wallet.payments.access import access_payment
from teahouse.wallet.payments.queries import find_payments
from teahouse.wallet.payments.types import Payment, PaymentKind
from teahouse.wallet.red_packets.queries import find_senders
from teahouse.wallet.shops.queries import find_shop_of_party
from teahouse.wallet.statements.access import access_export, export_from
from teahouse.wallet.statements.rules import (
    check_days,
    end_of_day,
    month_days,
    start_of_day,
    sum_up,
)
from teahouse.wallet.statements.tables import wallet_export
from teahouse.wallet.statements.types import (
    Export,
    Line,
    Receipt,
    StatementPage,
    Summary,
)
from teahouse.wallet.wallets.access import access_wallet
from teahouse.wallet.wallets.queries import list_wallets
from teahouse.wallet.wallets.types import Wallet

# A month with more says little as a chart; it is told that there were more.
SUMMARY_LINES_MAX = 5000
_LINES_AT_A_TIME = 500
_EXPORT_MAX = 1000
_row = wallet_export.c


# Statements


def find_statement(
    read: Read,
    requester: Requester,
    wallet_id: str,
    *,
    days: tuple[date, date],
    cursor: str | None,
    limit: int,
) -> StatementPage:
    """A part of the statement of one's own wallet.

    Args:
        read: a view.
        requester: the owner.
        wallet_id: as a stranger sent it.
        days: the first and the last.
        cursor: where to go on.
        limit: how many lines.

    Raises:
        WalletNotFound: somebody else's, or there is none.
        InvalidParam: days or a cursor that cannot be.
    """
    first_on, last_on = days
    check_days(first_on, last_on)
    wallet = access_wallet(read, requester, wallet_id)
    since, until = start_of_day(first_on), end_of_day(last_on)
    place = parse_cursor(cursor, tuple[int])
    opening = ledger.find_balance(read, wallet.account, since - 1).posted
    closing = ledger.find_balance(read, wallet.account, until - 1).posted
    lines, following = load_lines(
        read, wallet, span=(since, until), after=None if place is None else place[0], limit=limit
    )
    return StatementPage(
        wallet_id=wallet.id,
        currency=wallet.currency,
        first_on=first_on,
        last_on=last_on,
        opening=opening,
        closing=closing,
        lines=lines,
        next_cursor=None if following is None else encode_cursor(following),
    )


def load_lines(
    read: Read, wallet: Wallet, *, span: tuple[int, int], after: int | None, limit: int
) -> tuple[list[Line], int | None]:
    """Lines of a wallet, oldest first, with the names of the other sides.

    Args:
        read: a view.
        wallet: whose owner the caller has made sure of.
        span: the first instant, and the first one after, milliseconds.
        after: where the lines before these ended; None: at the beginning.
        limit: how many, at most 500.

    Returns:
        The lines, and where the next begin; None at the end.
    """
    since, until = span
    if after is None:
        found = ledger.make_statement(read, wallet.account, since=since, until=until, limit=limit)
        booked, following = list(found.lines), found.next_cursor
    else:
        whole = ledger.list_postings(read, wallet.account, after=after, limit=limit)
        booked = [line for line in whole if line.booked_at < until]
        following = booked[-1].cursor if len(booked) == limit else None
    payments = find_payments(read, sorted({line.reference for line in booked}))
    by_reference: dict[str, Payment] = {one.id: one for one in payments.values()}
    others = _find_others(read, payments.values(), wallet.party)
    names = name_parties(read, others.values())
    lines = [
        _read_line(
            line,
            by_reference.get(line.reference),
            counterparty=names.get(others.get(line.reference, ""), ""),
        )
        for line in booked
    ]
    return lines, following


def _read_line(line: ledger.PostingLine, payment: Payment | None, *, counterparty: str) -> Line:
    return Line(
        booked_at=line.booked_at,
        valued_on=line.valued_on,
        amount=line.amount,
        balance=line.posted,
        kind=line.kind if payment is None else payment.kind.value,
        counterparty=counterparty,
        message="" if payment is None else payment.message,
        reference="" if payment is None else payment.reference,
        payment_id="" if payment is None else payment.id,
        transaction_id=line.transaction,
    )


def _find_others(read: Read, payments: Collection[Payment], party: str) -> dict[str, str]:
    """The other side of some payments of one party, by payment; the house is left out.

    A share of a red packet comes from an account of the house, but is from who gave it.
    """
    claims = [one.reference for one in payments if one.kind == PaymentKind.RED_PACKET_CLAIM]
    givers = find_senders(read, claims)
    others: dict[str, str] = {}
    for payment in payments:
        is_payer = payment.payer_party == party
        other = payment.payee_party if is_payer else payment.payer_party
        giver = None if is_payer else givers.get(payment.reference)
        found = giver or other
        if found is not None:
            others[payment.id] = found
    return others


def name_parties(read: Read, parties: Iterable[str]) -> dict[str, str]:
    """What members and shops are called now; erased members are left out.

    Args:
        read: a view.
        parties: at most 1,000.
    """
    wanted = sorted(set(parties))
    users = users_of(read, wanted)
    profiles = find_profiles(read, sorted(set(users.values())))
    names: dict[str, str] = {}
    for member, user_id in users.items():
        profile = profiles.get(user_id)
        shown = None if profile is None else profile.displayname
        # A name that anybody may choose stands beside the id, which nobody else can have.
        names[member] = f"{shown} ({user_id})" if shown else user_id
    for party in wanted:
        shop = None if party in names else find_shop_of_party(read, party)
        if shop is not None:
            names[party] = shop.name
    return names


# Receipts


def find_receipt(read: Read, requester: Requester, payment_id: str, server_name: str) -> Receipt:
    """The receipt of a payment of which the requester is one side.

    Raises:
        PaymentNotFound: it is between others, or there is none.
    """
    payment = access_payment(read, requester, payment_id)
    party = find_party(read, requester.user_id)
    is_payer = payment.payer_party == party
    other = _find_others(read, [payment], party or "").get(payment.id)
    sides = (party, other) if is_payer else (other, party)
    names = name_parties(read, [side for side in sides if side is not None])
    payer, payee = (server_name if side is None else names.get(side, side) for side in sides)
    transaction = (
        None if payment.transaction is None else ledger.find_transaction(read, payment.transaction)
    )
    return Receipt(
        payment_id=payment.id,
        kind=payment.kind.value,
        direction="out" if is_payer else "in",
        status=payment.status,
        payer=payer,
        payee=payee,
        amount=payment.amount,
        fee=None if is_payer or not payment.fee else payment.fee,
        message=payment.message,
        reference=payment.reference,
        created_at=payment.created_at,
        booked_at=payment.booked_at,
        transaction_id=None if transaction is None else transaction.id,
        chain_hash=None if transaction is None else transaction.hash,
        server_name=server_name,
    )


# Summaries


def find_summary(read: Read, requester: Requester, month: str) -> Summary:
    """A month of all wallets of the requester.

    Raises:
        InvalidParam: not a month.
    """
    first_on, following = month_days(month)
    party = find_party(read, requester.user_id)
    if party is None:
        return Summary(month=month, currencies=[])
    span = (start_of_day(first_on), end_of_day(following - timedelta(days=1)))
    lines: list[Line] = []
    is_complete = True
    for wallet in list_wallets(read, party):
        for part in _walk(read, wallet, span):
            lines += part
            if len(lines) > SUMMARY_LINES_MAX:
                is_complete = False
                break
    return sum_up(lines[:SUMMARY_LINES_MAX], month, is_complete=is_complete)


def _walk(read: Read, wallet: Wallet, span: tuple[int, int]) -> Iterator[list[Line]]:
    after: int | None = None
    while True:
        lines, after = load_lines(read, wallet, span=span, after=after, limit=_LINES_AT_A_TIME)
        yield lines
        if after is None:
            return


# Exports


def find_export(read: Read, requester: Requester, export_id: str) -> Export:
    """An export of the requester's.

    Raises:
        UnknownExport: somebody else's, or there is none.
    """
    return access_export(read, requester, export_id)


def list_exports(
    read: Read, requester: Requester, *, cursor: str | None, limit: int
) -> Page[Export]:
    """The requester's exports that have not expired, the newest first."""
    place = parse_cursor(cursor, tuple[str])
    party = find_party(read, requester.user_id)
    listed = (
        sa.select(wallet_export)
        .where(_row.party == party, _row.expires_at > read.now)
        .order_by(_row.export_id.desc())
        .limit(limit + 1)
    )
    if place is not None:
        listed = listed.where(_row.export_id < place[0])
    found = [export_from(row) for row in read.conn.execute(listed)]
    more = encode_cursor(found[limit - 1].export_id) if len(found) > limit else None
    return Page(found[:limit], more)


def count_exports(read: Read, party: str) -> int:
    """How many exports of a party have not expired."""
    counted: int = read.conn.execute(
        sa.select(sa.func.count()).where(_row.party == party, _row.expires_at > read.now)
    ).scalar_one()
    return counted


def list_expired_exports(read: Read, limit: int) -> list[str]:
    """Exports whose files are to be deleted."""
    statement = (
        sa.select(_row.export_id)
        .where(_row.expires_at <= read.now)
        .order_by(_row.expires_at, _row.export_id)
        .limit(limit)
    )
    return list(read.conn.execute(statement).scalars())


def export_exports(read: Read, party: str) -> list[Json]:
    """What is held of the exports that a party asked for."""
    statement = (
        sa.select(wallet_export)
        .where(_row.party == party)
        .order_by(_row.export_id)
        .limit(_EXPORT_MAX)
    )
    return [
        {
            "export_id": row.export_id,
            "wallet_id": row.wallet_id,
            "format": row.format,
            "first_on": row.first_on.isoformat(),
            "last_on": row.last_on.isoformat(),
            "created_at": row.created_at,
        }
        for row in read.conn.execute(statement)
    ]
