"""Reads disputes."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import sqlalchemy as sa

from teahouse.platform.checks import PROBLEMS_MAX
from teahouse.platform.db import Read
from teahouse.platform.money import Money
from teahouse.platform.pages import Page, encode_cursor
from teahouse.platform.requester import Requester
from teahouse.wallet.charges.queries import find_charge_of_payment
from teahouse.wallet.disputes.access import (
    access_own_dispute,
    access_shop_dispute,
    load_dispute,
    read_dispute,
)
from teahouse.wallet.disputes.rules import STATEMENTS_MAX, can_appeal, explain_default
from teahouse.wallet.disputes.tables import wallet_dispute, wallet_dispute_said
from teahouse.wallet.disputes.types import Dispute, DisputeView, Said, Side, StaffDispute, Status
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.payments.queries import find_payment
from teahouse.wallet.payments.types import Payment
from teahouse.wallet.shops.access import access_shop
from teahouse.wallet.shops.queries import find_shop

OVERDUE_MAX = 200

_d = wallet_dispute.c
_w = wallet_dispute_said.c


def find_left(read: Read, payment: Payment) -> Money:
    """What was paid and not given back yet."""
    charge = find_charge_of_payment(read, payment.id)
    if charge is not None:
        return charge.money(charge.standing.captured - charge.standing.refunded)
    given_back = read.conn.execute(
        sa.select(sa.func.coalesce(sa.func.sum(_d.refund), 0)).where(
            _d.payment_id == payment.id, _d.status == "closed"
        )
    ).scalar_one()
    return Money(payment.amount.minor - int(given_back), payment.amount.currency)


def find_dispute_of(read: Read, payment_id: str) -> Dispute | None:
    """The dispute about a payment, unless it was withdrawn."""
    row = read.conn.execute(
        sa.select(wallet_dispute).where(_d.payment_id == payment_id, _d.status != "withdrawn")
    ).one_or_none()
    return None if row is None else read_dispute(row)


def view_own(read: Read, requester: Requester, dispute_id: str) -> DisputeView:
    """A dispute as its payer sees it.

    Raises:
        DisputeNotFound: there is none, or somebody else's.
    """
    return show_dispute(read, access_own_dispute(read, requester, dispute_id), "payer")


def list_own(
    read: Read, requester: Requester, *, before: str | None, limit: int
) -> Page[DisputeView]:
    """The disputes a member opened, the latest first."""
    party = find_party(read, requester.user_id)
    return _page(read, [_d.payer == party], "payer", before=before, limit=limit)


def view_shops(read: Read, requester: Requester, shop_id: str, dispute_id: str) -> DisputeView:
    """A dispute as a shop's people see it.

    Raises:
        ShopNotFound, ShopPowerMissing: as of `access_shop`.
        DisputeNotFound: the shop has none such.
    """
    found = access_shop_dispute(
        read, requester, shop_id, dispute_id=dispute_id, power="charges.see"
    )
    return show_dispute(read, found, "shop")


def list_shops(
    read: Read, requester: Requester, shop_id: str, *, before: str | None, limit: int
) -> Page[DisputeView]:
    """The disputes with a shop, the latest first.

    Raises:
        ShopNotFound, ShopPowerMissing: as of `access_shop`.
    """
    shop = access_shop(read, requester, shop_id, "charges.see")
    return _page(read, [_d.shop_id == shop.shop_id], "shop", before=before, limit=limit)


def list_for_staff(
    read: Read, status: Status, *, before: str | None, limit: int
) -> list[StaffDispute]:
    """Disputes at one status, the latest first, for officers."""
    statement = (
        sa.select(wallet_dispute)
        .where(_d.status == status)
        .order_by(_d.dispute_id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(_d.dispute_id < before)
    return [show_to_staff(read, read_dispute(row)) for row in read.conn.execute(statement)]


def find_for_staff(read: Read, dispute_id: str) -> StaffDispute:
    """A dispute as officers see it.

    Raises:
        DisputeNotFound: none.
    """
    return show_to_staff(read, load_dispute(read, _d.dispute_id == dispute_id))


def show_to_staff(read: Read, dispute: Dispute) -> StaffDispute:
    """A dispute as officers see it."""
    standing = dispute.standing
    proposed = standing.proposed
    return StaffDispute(
        show_dispute(read, dispute, None),
        standing.status,
        None if proposed is None else Money(proposed, dispute.claim.currency),
        list(standing.decided_by),
        dispute.hold_id is not None,
    )


def show_dispute(read: Read, dispute: Dispute, side: Side | None) -> DisputeView:
    """A dispute as a side sees it; None: as the house does."""
    standing = dispute.standing
    refund = standing.refund
    return DisputeView(
        dispute_id=dispute.dispute_id,
        payment_id=dispute.payment_id,
        shop_id=dispute.shop_id,
        shop_name=find_shop(read, dispute.shop_id).name,
        cause=dispute.cause,
        claim=dispute.claim,
        # What one officer proposes is the house's own matter until another agrees.
        status="in_review" if standing.status == "proposed" else standing.status,
        deadline=standing.deadline,
        by_default=explain_default(standing.status),
        refund=None if refund is None else Money(refund, dispute.claim.currency),
        can_appeal=side is not None and can_appeal(standing, side, read.now),
        is_borne_by_house=standing.is_borne_by_house,
        opened_at=dispute.opened_at,
        closed_at=dispute.closed_at,
        said=list_said(read, dispute.dispute_id),
    )


def list_said(read: Read, dispute_id: str) -> list[Said]:
    """All that was said in a dispute, the first first."""
    statement = (
        sa.select(_w.at, _w.author, _w.text, _w.files)
        .where(_w.dispute_id == dispute_id)
        .order_by(_w.number)
        .limit(STATEMENTS_MAX)
    )
    return [
        Said(row.at, row.author, row.text, msgspec.json.decode(row.files, type=list[str]))
        for row in read.conn.execute(statement)
    ]


def list_overdue(read: Read) -> list[Dispute]:
    """Disputes whose deadline has passed, at most `OVERDUE_MAX`."""
    statement = (
        sa.select(wallet_dispute)
        .where(_d.status.not_in(("closed", "withdrawn")), _d.deadline <= read.now)
        .order_by(_d.deadline)
        .limit(OVERDUE_MAX)
    )
    return [read_dispute(row) for row in read.conn.execute(statement)]


def export_said(read: Read, party: str) -> list[dict[str, object]]:
    """What a party said in disputes."""
    rows = read.conn.execute(
        sa.select(_w.dispute_id, _w.at, _w.text)
        .where(_w.party == party)
        .order_by(_w.dispute_id, _w.number)
    )
    return [{"dispute_id": row.dispute_id, "at": row.at, "text": row.text} for row in rows]


def export_disputes(read: Read, party: str) -> list[Dispute]:
    """The disputes that a party opened."""
    rows = read.conn.execute(
        sa.select(wallet_dispute).where(_d.payer == party).order_by(_d.dispute_id)
    )
    return [read_dispute(row) for row in rows]


# Checks


def find_refunds_amiss(read: Read) -> Iterator[str]:
    """Closed disputes whose refund was not paid, or not as decided."""
    rows = read.conn.execute(
        sa.select(wallet_dispute).where(_d.status == "closed").order_by(_d.dispute_id)
    )
    found = 0
    for row in rows:
        trouble = _find_trouble(read, read_dispute(row))
        if trouble is not None:
            found += 1
            yield f"dispute {row.dispute_id}: {trouble}"
        if found == PROBLEMS_MAX:
            return


def _find_trouble(read: Read, dispute: Dispute) -> str | None:
    refund = dispute.standing.refund
    if dispute.refund_payment_id is None:
        return None if not refund else "what was decided was not paid"
    paid = find_payment(read, dispute.refund_payment_id)
    if paid is None:
        return "its refund is not among the payments"
    if paid.amount.minor != refund or paid.payee_party not in {dispute.payer, None}:
        return "its refund is not what was decided"
    return None


def _page(
    read: Read,
    conditions: list[sa.ColumnElement[bool]],
    side: Side,
    *,
    before: str | None,
    limit: int,
) -> Page[DisputeView]:
    if before is not None:
        conditions.append(_d.dispute_id < before)
    statement = (
        sa.select(wallet_dispute).where(*conditions).order_by(_d.dispute_id.desc()).limit(limit + 1)
    )
    found = [read_dispute(row) for row in read.conn.execute(statement)]
    shown = [show_dispute(read, one, side) for one in found[:limit]]
    more = len(found) > limit
    return Page(shown, encode_cursor(shown[-1].dispute_id) if more else None)
