"""Reads mandates and their charges."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec
import sqlalchemy as sa

from teahouse.platform.checks import PROBLEMS_MAX
from teahouse.platform.db import Read
from teahouse.platform.json import Json
from teahouse.platform.money import Currency, Money
from teahouse.platform.pages import Page, encode_cursor, parse_cursor
from teahouse.platform.requester import Requester
from teahouse.wallet.mandates.access import (
    access_mandate,
    access_mandate_as_payee,
    charge_from,
    mandate_from,
)
from teahouse.wallet.mandates.rules import DAY_MS, PROPOSAL_DAYS, consent_amount
from teahouse.wallet.mandates.tables import wallet_mandate, wallet_mandate_charge
from teahouse.wallet.mandates.types import (
    Charge,
    ConsentFacts,
    Mandate,
    MandateStatus,
    MandateView,
)
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.shops.access import access_shop
from teahouse.wallet.shops.types import Clerk

_mandate = wallet_mandate.c
_charge = wallet_mandate_charge.c
_EXPORT_MAX = 10_000


def find_mandate(read: Read, requester: Requester, mandate_id: str) -> MandateView:
    """A mandate as its payer sees it, or a proposal open to whoever has its id.

    Raises:
        UnknownMandate: somebody else's, or there is none.
    """
    return view_mandate(read, access_mandate(read, requester, mandate_id))


def list_mandates(
    read: Read,
    requester: Requester,
    *,
    status: MandateStatus | None,
    cursor: str | None,
    limit: int,
) -> Page[MandateView]:
    """The mandates that the requester was asked for or gave; the newest first."""
    party = find_party(read, requester.user_id)
    if party is None:
        return Page([])
    return _list(read, _mandate.payer == party, status=status, cursor=cursor, limit=limit)


def list_mandates_of_shop(
    read: Read,
    clerk: Clerk,
    shop_id: str,
    *,
    status: MandateStatus | None,
    cursor: str | None,
    limit: int,
) -> Page[MandateView]:
    """The mandates that a shop has asked for; the newest first.

    Raises:
        ShopNotFound, ShopPowerMissing, ScopeMissing, UnknownShopKey: as of `access_shop`.
    """
    shop = access_shop(read, clerk, shop_id, "charges.see")
    whose = _mandate.payee_party == shop.party
    return _list(read, whose, status=status, cursor=cursor, limit=limit)


def find_mandate_of_shop(read: Read, clerk: Clerk, shop_id: str, mandate_id: str) -> MandateView:
    """A mandate as the shop sees it that asked for it.

    Raises:
        ShopNotFound, ShopPowerMissing, ScopeMissing, UnknownShopKey: as of `access_shop`.
        UnknownMandate: another payee's, or there is none.
    """
    shop = access_shop(read, clerk, shop_id, "charges.see")
    return view_mandate(read, access_mandate_as_payee(read, shop.party, mandate_id))


def list_charges_of_shop(
    read: Read, clerk: Clerk, shop_id: str, mandate_id: str, *, cursor: str | None, limit: int
) -> Page[Charge]:
    """The charges by a mandate, as the shop sees them; the newest first.

    Raises:
        ShopNotFound, ShopPowerMissing, ScopeMissing, UnknownShopKey: as of `access_shop`.
        UnknownMandate: another payee's, or there is none.
    """
    shop = access_shop(read, clerk, shop_id, "charges.see")
    mandate = access_mandate_as_payee(read, shop.party, mandate_id)
    return list_charges(read, mandate, cursor=cursor, limit=limit)


def _list(
    read: Read,
    whose: sa.ColumnElement[bool],
    *,
    status: MandateStatus | None,
    cursor: str | None,
    limit: int,
) -> Page[MandateView]:
    place = parse_cursor(cursor, tuple[str])
    listed = sa.select(wallet_mandate).where(whose).order_by(_mandate.mandate_id.desc())
    if status is not None:
        listed = listed.where(_mandate.status == status)
    if place is not None:
        listed = listed.where(_mandate.mandate_id < place[0])
    found = [mandate_from(row) for row in read.conn.execute(listed.limit(limit + 1))]
    more = encode_cursor(found[limit - 1].mandate_id) if len(found) > limit else None
    return Page([view_mandate(read, mandate) for mandate in found[:limit]], more)


def view_mandate(read: Read, mandate: Mandate) -> MandateView:
    """A mandate as its two sides see it."""
    is_proposed = mandate.status == "proposed"
    return MandateView(
        mandate_id=mandate.mandate_id,
        payee=mandate.payee_name,
        terms=mandate.terms,
        status=mandate.status,
        created_at=mandate.created_at,
        answer_until=mandate.created_at + PROPOSAL_DAYS * DAY_MS if is_proposed else None,
        accepted_at=mandate.accepted_at,
        ended_at=mandate.ended_at,
        ended_by=mandate.ended_by,
        next_charge=find_next_charge(read, mandate.mandate_id),
        confirm=consent_facts(mandate) if is_proposed else None,
    )


def consent_facts(mandate: Mandate) -> ConsentFacts:
    """What the payer's confirmation must be bound to."""
    return ConsentFacts(
        kind="mandate",
        payee_party=mandate.payee_party,
        amount=consent_amount(mandate.terms),
        reference=mandate.mandate_id,
    )


# Charges


def list_charges(read: Read, mandate: Mandate, *, cursor: str | None, limit: int) -> Page[Charge]:
    """The charges by a mandate that the caller has made sure of; the latest day first."""
    place = parse_cursor(cursor, tuple[date, str])
    # By their day: ids made within one millisecond are in no order.
    listed = (
        sa.select(wallet_mandate_charge)
        .where(_charge.mandate_id == mandate.mandate_id)
        .order_by(_charge.due_on.desc(), _charge.charge_id.desc())
    )
    if place is not None:
        day, charge_id = place
        same_day = sa.and_(_charge.due_on == day, _charge.charge_id < charge_id)
        listed = listed.where(sa.or_(_charge.due_on < day, same_day))
    found = [charge_from(row) for row in read.conn.execute(listed.limit(limit + 1))]
    if len(found) <= limit:
        return Page(found)
    last = found[limit - 1]
    return Page(found[:limit], encode_cursor(last.due_on.isoformat(), last.charge_id))


def list_own_charges(
    read: Read, requester: Requester, mandate_id: str, *, cursor: str | None, limit: int
) -> Page[Charge]:
    """The charges by a mandate of the requester's; the newest first.

    Raises:
        UnknownMandate: somebody else's, or there is none.
    """
    mandate = access_mandate(read, requester, mandate_id)
    return list_charges(read, mandate, cursor=cursor, limit=limit)


def find_next_charge(read: Read, mandate_id: str) -> Charge | None:
    """The next charge that is announced or tried again, or None."""
    row = read.conn.execute(
        sa.select(wallet_mandate_charge)
        .where(_charge.mandate_id == mandate_id, _charge.act_at.is_not(None))
        .order_by(_charge.due_at, _charge.charge_id)
        .limit(1)
    ).one_or_none()
    return None if row is None else charge_from(row)


def find_charge_by_key(read: Read, mandate_id: str, key: str) -> Charge | None:
    """The charge of a stored key (`asked_key`), or None."""
    row = read.conn.execute(
        sa.select(wallet_mandate_charge).where(_charge.mandate_id == mandate_id, _charge.key == key)
    ).one_or_none()
    return None if row is None else charge_from(row)


def list_charged(read: Read, mandate: Mandate, period_index: int) -> list[Money]:
    """What uses up the ceiling of a period, the charge that is still to come by itself included."""
    rows = read.conn.execute(
        sa.select(_charge.minor, _charge.is_planned)
        .where(
            _charge.mandate_id == mandate.mandate_id,
            _charge.period_index == period_index,
            _charge.status.in_(("announced", "retrying", "paid")),
        )
        .order_by(_charge.charge_id)
    ).all()
    currency = Currency(mandate.terms.charge_max.currency)
    charged = [Money(row.minor, currency) for row in rows]
    if mandate.terms.amount is not None and not _was_planned(read, mandate, period_index):
        charged.append(mandate.terms.amount)
    return charged


def _was_planned(read: Read, mandate: Mandate, period_index: int) -> bool:
    """Whether a period's own charge was made already, whatever became of it."""
    found = read.conn.execute(
        sa.select(_charge.charge_id).where(
            _charge.mandate_id == mandate.mandate_id,
            _charge.period_index == period_index,
            _charge.is_planned,
        )
    ).first()
    return found is not None


def count_proposals(read: Read, payee: str, payer: str) -> int:
    """How many proposals of a payee wait for one payer's answer."""
    counted: int = read.conn.execute(
        sa.select(sa.func.count()).where(
            _mandate.payer == payer, _mandate.payee == payee, _mandate.status == "proposed"
        )
    ).scalar_one()
    return counted


def count_open_charges(read: Read, mandate_id: str) -> int:
    """How many charges by a mandate wait to be collected."""
    counted: int = read.conn.execute(
        sa.select(sa.func.count()).where(
            _charge.mandate_id == mandate_id, _charge.act_at.is_not(None)
        )
    ).scalar_one()
    return counted


def list_due_charges(read: Read, limit: int) -> list[str]:
    """Charges about which something is to be done now, the longest waiting first."""
    statement = (
        sa.select(_charge.charge_id)
        .where(_charge.act_at <= read.now)
        .order_by(_charge.act_at, _charge.charge_id)
        .limit(limit)
    )
    return list(read.conn.execute(statement).scalars())


# Checks


def find_charges_amiss(read: Read) -> Iterator[str]:
    """Mandates of which more was paid in a period than the payer consented to."""
    paid = sa.func.sum(_charge.minor)
    sums = (
        sa.select(_charge.mandate_id, _charge.period_index, paid.label("paid"))
        .where(_charge.status == "paid")
        .group_by(_charge.mandate_id, _charge.period_index)
        .order_by(_charge.mandate_id, _charge.period_index)
        .subquery()
    )
    found = 0
    for row in read.conn.execute(
        sa.select(sums.c.paid, sums.c.period_index, wallet_mandate.c.terms, _mandate.mandate_id)
        .join(sums, sums.c.mandate_id == _mandate.mandate_id)
        .order_by(_mandate.mandate_id, sums.c.period_index)
    ):
        bound = _period_bound(row.terms)
        if bound is not None and int(row.paid) > bound:
            found += 1
            yield f"by {row.mandate_id} {row.paid} were charged in period {row.period_index}"
        if found == PROBLEMS_MAX:
            return


class _Bounds(msgspec.Struct, frozen=True):
    """What of the terms bounds a period."""

    charge_max: Money
    period: str
    period_max: Money | None = None


def _period_bound(terms: str) -> int | None:
    bounds = msgspec.json.decode(terms, type=_Bounds)
    if bounds.period == "irregular":
        return None
    return (bounds.period_max or bounds.charge_max).minor


# Export


def export_mandates(read: Read, party: str) -> list[Json]:
    """All that is held of the mandates a party gave, and of what was charged by them."""
    found: list[Json] = []
    for row in read.conn.execute(
        sa.select(wallet_mandate)
        .where(_mandate.payer == party)
        .order_by(_mandate.mandate_id)
        .limit(_EXPORT_MAX)
    ):
        mandate = mandate_from(row)
        charges = sa.select(wallet_mandate_charge).where(_charge.mandate_id == mandate.mandate_id)
        found.append(
            {
                "mandate_id": mandate.mandate_id,
                "payee": mandate.payee_name,
                "terms": msgspec.to_builtins(mandate.terms),
                "status": mandate.status,
                "accepted_at": mandate.accepted_at,
                "confirmed_by": row.confirmed_by,
                "ended_at": mandate.ended_at,
                "charges": [
                    msgspec.to_builtins(charge_from(one))
                    for one in read.conn.execute(
                        charges.order_by(_charge.charge_id).limit(_EXPORT_MAX)
                    )
                ],
            }
        )
    return found
