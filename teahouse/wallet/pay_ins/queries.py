"""Reads references, and what came with them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from teahouse.platform.db import Read
from teahouse.platform.money import Currency, Money
from teahouse.platform.pages import Page, encode_cursor
from teahouse.wallet.outside.types import HouseBank
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.pay_ins.tables import wallet_pay_in, wallet_pay_in_reference
from teahouse.wallet.pay_ins.types import PayIn, PayInDetails, PayInId

_reference, _pay_in = wallet_pay_in_reference.c, wallet_pay_in.c


def list_details(
    read: Read, party: PartyId | None, house: HouseBank | None, currencies: Iterable[Currency]
) -> list[PayInDetails]:
    """Where a member can pay in, by currency; nowhere without a link to a bank.

    Args:
        read: a view.
        party: of the member.
        house: the house's accounts.
        currencies: those that this house has wallets in.
    """
    if house is None:
        return []
    rows = read.conn.execute(
        sa.select(_reference.currency, _reference.reference).where(_reference.party == party)
    )
    references: dict[str, str] = {row.currency: row.reference for row in rows}
    return [
        PayInDetails(
            currency=one,
            name=house.name,
            number=house.accounts[one].number,
            is_iban=house.accounts[one].is_iban,
            bic=house.bic,
            reference=references.get(one),
        )
        for one in currencies
        if one in house.accounts
    ]


def find_party_of_reference(read: Read, reference: str, currency: Currency) -> PartyId | None:
    """Whose reference it is; None: nobody's, or one in another currency."""
    found = read.conn.execute(
        sa.select(_reference.party).where(
            _reference.reference == reference, _reference.currency == currency
        )
    ).scalar_one_or_none()
    return None if found is None else PartyId(found)


def list_pay_ins(
    read: Read, party: PartyId | None, *, before: str | None, limit: int
) -> Page[PayIn]:
    """What came with a member's references, the newest first."""
    found = sa.select(wallet_pay_in).where(_pay_in.party == party)
    if before is not None:
        found = found.where(_pay_in.pay_in_id < before)
    rows = read.conn.execute(found.order_by(_pay_in.pay_in_id.desc()).limit(limit + 1)).all()
    items = [_to_pay_in(row) for row in rows[:limit]]
    return Page(items, encode_cursor(items[-1].pay_in_id) if len(rows) > limit else None)


def sum_unstated(read: Read) -> dict[Currency, int]:
    """What was credited and stands on no statement yet, minor units by currency."""
    rows = read.conn.execute(
        sa.select(_pay_in.currency, sa.func.sum(_pay_in.minor).label("minor"))
        .where(_pay_in.stated_at.is_(None))
        .group_by(_pay_in.currency)
    )
    return {Currency(row.currency): int(row.minor) for row in rows}


def _to_pay_in(row: sa.Row[Any]) -> PayIn:
    return PayIn(
        pay_in_id=PayInId(row.pay_in_id),
        amount=Money(row.minor, Currency(row.currency)),
        name=row.name,
        reference=row.reference,
        booked_on=row.booked_on,
        payment_id=row.payment_id,
        credited_at=row.credited_at,
    )
