"""Reads transfers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from teahouse.platform.checks import PROBLEMS_MAX
from teahouse.platform.db import Read
from teahouse.platform.pages import Page, encode_cursor, parse_cursor
from teahouse.wallet.in_chat.live import Teller
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.payments.queries import find_payments, view_payments
from teahouse.wallet.payments.tables import wallet_payment
from teahouse.wallet.transfers.access import to_transfer
from teahouse.wallet.transfers.tables import wallet_transfer
from teahouse.wallet.transfers.types import Answer, Transfer, TransferView

_c = wallet_transfer.c
_EXPORTED_MAX = 100_000


def find_transfer_of(read: Read, payment_id: str) -> Transfer | None:
    """The transfer whose money a payment moves, or None."""
    row = read.conn.execute(
        sa.select(wallet_transfer).where(_c.payment_id == payment_id)
    ).one_or_none()
    return None if row is None else to_transfer(row)


def count_pending(read: Read, payer: str) -> int:
    """How many transfers of a party wait for an answer."""
    return read.conn.execute(
        sa.select(sa.func.count())
        .select_from(wallet_transfer)
        .where(_c.payer == payer, _c.status == "pending")
    ).scalar_one()


def list_pending(read: Read, party: str) -> list[Transfer]:
    """The transfers from and to a party that wait for an answer, oldest first."""
    rows = read.conn.execute(
        sa.select(wallet_transfer)
        .where(sa.or_(_c.payer == party, _c.payee == party), _c.status == "pending")
        .order_by(_c.transfer_id)
    )
    return [to_transfer(row) for row in rows]


def list_transfers(read: Read, party: str) -> list[Transfer]:
    """All transfers from and to a party, oldest first; for export."""
    rows = read.conn.execute(
        sa.select(wallet_transfer)
        .where(sa.or_(_c.payer == party, _c.payee == party))
        .order_by(_c.transfer_id)
        .limit(_EXPORTED_MAX)
    )
    return [to_transfer(row) for row in rows]


def view_transfers(
    read: Read,
    user_id: str,
    teller: Teller,
    *,
    status: str | None,
    cursor: str | None,
    limit: int,
) -> Page[TransferView]:
    """A member's transfers in both directions, the newest first."""
    party = find_party(read, user_id)
    if party is None:
        return Page([])
    place = parse_cursor(cursor, tuple[str])
    found: list[Transfer] = []
    for side in (_c.payer, _c.payee):
        query = sa.select(wallet_transfer).where(side == party)
        if status is not None:
            query = query.where(_c.status == status)
        if place is not None:
            query = query.where(_c.transfer_id < place[0])
        rows = read.conn.execute(query.order_by(_c.transfer_id.desc()).limit(limit + 1))
        found += [to_transfer(row) for row in rows]
    found.sort(key=lambda one: one.id, reverse=True)
    more = encode_cursor(found[limit - 1].id) if len(found) > limit else None
    return Page(show_transfers(read, party, teller, found[:limit]), more)


def show_transfers(
    read: Read, party: str, teller: Teller, transfers: Sequence[Transfer]
) -> list[TransferView]:
    """Transfers as one of their sides sees them."""
    payments = find_payments(read, [one.payment_id for one in transfers])
    in_order = [payments[one.payment_id] for one in transfers]
    views = view_payments(read, party, in_order)
    return [
        TransferView(
            transfer_id=one.id,
            status=one.status,
            may=_possible_answers(one, party, now=read.now),
            payment=view,
            expires_at=one.expires_at,
            in_chat=teller.describe(read, payment),
        )
        for one, payment, view in zip(transfers, in_order, views, strict=True)
    ]


def find_transfers_amiss(read: Read) -> Iterator[str]:
    """Transfers whose payment stands otherwise, or is between others."""
    pay = wallet_payment.c
    fitting = sa.or_(
        sa.and_(_c.status == "completed", pay.status.in_(("completed", "reversed"))),
        sa.and_(_c.status == "pending", pay.status == "pending"),
        sa.and_(_c.status == "expired", pay.status == "expired"),
        sa.and_(_c.status.in_(("declined", "cancelled")), pay.status == "voided"),
    )
    sides = sa.and_(pay.payer_party == _c.payer, pay.payee_party == _c.payee)
    rows = read.conn.execute(
        sa.select(_c.transfer_id, _c.status, pay.status.label("payment_status"))
        .join_from(wallet_transfer, wallet_payment, pay.payment_id == _c.payment_id)
        .where(~sa.and_(fitting, sides))
        .order_by(_c.transfer_id)
        .limit(PROBLEMS_MAX)
    )
    for row in rows:
        yield (
            f"transfer {row.transfer_id} is {row.status}, its payment {row.payment_status} or "
            "between others"
        )


def _possible_answers(transfer: Transfer, party: str, *, now: int) -> list[Answer]:
    # What is over is pending until the ledger's job comes by.
    if transfer.status != "pending" or now >= (transfer.expires_at or 0):
        return []
    return ["cancel"] if transfer.payer == party else ["accept", "decline"]
