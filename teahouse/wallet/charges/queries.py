"""Reads charges, as shops, payers and strangers may see them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.platform.checks import PROBLEMS_MAX, Check, reference_check
from teahouse.platform.db import Read
from teahouse.platform.errors import InvalidParam
from teahouse.platform.money import Currency, Money
from teahouse.platform.pages import Page, encode_cursor
from teahouse.platform.requester import Requester
from teahouse.wallet.charges.access import (
    access_by_code,
    access_charge,
    access_own_charge,
    read_charge,
)
from teahouse.wallet.charges.errors import ChargeNotFound, ChargeOfAnother, RefundNotFound
from teahouse.wallet.charges.rules import NEXT_STATUSES, PAYABLE
from teahouse.wallet.charges.tables import wallet_charge, wallet_refund
from teahouse.wallet.charges.types import (
    Charge,
    ChargeId,
    MyCharge,
    PayPage,
    Refund,
    RefundId,
    ShopCharge,
    Taking,
)
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.payments.queries import find_payments
from teahouse.wallet.payments.types import Payment, PaymentId, PaymentKind
from teahouse.wallet.shops.access import access_shop
from teahouse.wallet.shops.queries import find_shop, find_shops, to_page
from teahouse.wallet.shops.tables import wallet_shop
from teahouse.wallet.shops.types import Clerk, Shop

_c = wallet_charge.c
_r = wallet_refund.c

# What one page of a settlement takes at a time.
TAKINGS_MAX = 10_000
_REFUNDS_MAX = 1000
_CHECKED_PER_STEP = 200


# For shops


def view_charge(read: Read, clerk: Clerk, shop_id: str, charge_id: str) -> ShopCharge:
    """One charge, for the shop.

    Raises:
        ChargeNotFound: the shop has none.
    """
    _, charge = access_charge(read, clerk, shop_id, charge_id=charge_id, power="charges.see")
    return to_shop_charge(charge, _refunds_of(read, [charge.charge_id]))


def list_charges(
    read: Read, clerk: Clerk, shop_id: str, *, wanted: dict[str, str], limit: int
) -> Page[ShopCharge]:
    """A shop's charges, the newest first.

    Args:
        read: the view.
        clerk: who asks for the shop.
        shop_id: the shop.
        wanted: `status`, `reference`, `before` (the id of the last one seen), each if it matters.
        limit: at most so many.
    """
    shop = access_shop(read, clerk, shop_id, "charges.see")
    query = sa.select(wallet_charge).where(_c.shop_id == shop.shop_id)
    if "reference" in wanted:
        query = query.where(_c.reference == wanted["reference"])
    page = _page(read, query, wanted, limit)
    refunds = _refunds_of(read, [charge.charge_id for charge in page.items])
    return Page([to_shop_charge(charge, refunds) for charge in page.items], page.next_cursor)


def _page(read: Read, query: sa.Select[Any], wanted: dict[str, str], limit: int) -> Page[Charge]:
    if "status" in wanted:
        if wanted["status"] not in NEXT_STATUSES:
            raise InvalidParam(f"`status` is one of {', '.join(NEXT_STATUSES)}.")
        query = query.where(_c.status == wanted["status"])
    if "before" in wanted:
        query = query.where(_c.charge_id < wanted["before"])
    rows = read.conn.execute(query.order_by(_c.charge_id.desc()).limit(limit + 1))
    found = [read_charge(row) for row in rows]
    more = len(found) > limit
    return Page(found[:limit], encode_cursor(found[limit - 1].charge_id) if more else None)


def to_shop_charge(charge: Charge, refunds: Iterable[Refund]) -> ShopCharge:
    """A charge as its shop sees it."""
    return ShopCharge(
        charge_id=charge.charge_id,
        code=charge.code,
        pay_path=f"/pay/{charge.code}",
        status=charge.status,
        amount=charge.amount,
        tip=charge.money(charge.standing.tip),
        captured=charge.money(charge.standing.captured),
        refunded=charge.money(charge.standing.refunded),
        later_tip=charge.money(charge.standing.later_tip),
        fee=charge.money(charge.fee - charge.fee_returned),
        origin=charge.origin,
        capture=charge.capture,
        tip_mode=charge.tip_mode,
        description=charge.description,
        reference=charge.reference,
        terminal=charge.terminal,
        return_url=charge.return_url,
        created_at=charge.created_at,
        expires_at=charge.expires_at,
        authorised_until=charge.authorised_until,
        paid_at=charge.paid_at,
        ended_at=charge.ended_at,
        refunds=[refund for refund in refunds if refund.charge_id == charge.charge_id],
    )


def tell_shop_charge(read: Read, charge_id: str) -> ShopCharge:
    """A charge as its shop is told of it; nobody asks."""
    charge = find_charge(read, charge_id)
    assert charge is not None
    return to_shop_charge(charge, _refunds_of(read, [charge.charge_id]))


def find_refund(read: Read, refund_id: str) -> Refund:
    """A refund, whoever asks.

    Raises:
        RefundNotFound: none.
    """
    row = read.conn.execute(sa.select(wallet_refund).where(_r.refund_id == refund_id)).one_or_none()
    if row is None:
        raise RefundNotFound
    return _read_refund(row)


def _refunds_of(read: Read, charge_ids: Sequence[str]) -> list[Refund]:
    if not charge_ids:
        return []
    rows = read.conn.execute(
        sa.select(wallet_refund)
        .where(_r.charge_id.in_(charge_ids))
        .order_by(_r.refund_id)
        .limit(_REFUNDS_MAX)
    )
    return [_read_refund(row) for row in rows]


def _read_refund(row: sa.Row[*tuple[Any, ...]]) -> Refund:
    currency = Currency(row.currency)
    return Refund(
        refund_id=RefundId(row.refund_id),
        charge_id=ChargeId(row.charge_id),
        amount=Money(row.minor, currency),
        fee_returned=Money(row.fee_returned_minor, currency),
        reason=row.reason,
        payment_id=PaymentId(row.payment_id),
        created_at=row.created_at,
    )


# For payers


def view_own_charge(read: Read, requester: Requester, charge_id: str) -> MyCharge:
    """One charge, for its payer.

    Raises:
        ChargeNotFound: none of theirs.
    """
    charge = access_own_charge(read, requester, charge_id)
    return to_my_charge(
        charge, find_shop(read, charge.shop_id), _refunds_of(read, [charge.charge_id])
    )


def list_own_charges(
    read: Read, requester: Requester, *, wanted: dict[str, str], limit: int
) -> Page[MyCharge]:
    """What a member has paid to shops, or is asked to confirm, the newest first.

    Args:
        read: the view.
        requester: whose.
        wanted: `status`, `before`, each if it matters.
        limit: at most so many.
    """
    party = find_party(read, requester.user_id)
    if party is None:
        return Page([])
    page = _page(read, sa.select(wallet_charge).where(_c.payer == party), wanted, limit)
    shops = find_shops(read, (charge.shop_id for charge in page.items))
    refunds = _refunds_of(read, [charge.charge_id for charge in page.items])
    shown = [to_my_charge(charge, shops[charge.shop_id], refunds) for charge in page.items]
    return Page(shown, page.next_cursor)


def preview_charge(read: Read, requester: Requester, code: str) -> MyCharge:
    """A charge as a member sees it before they pay, by its code.

    Raises:
        ChargeNotFound: none.
        ChargeOfAnother: somebody else has paid it, or shall.
    """
    charge = access_by_code(read, code)
    if charge.payer not in {None, find_party(read, requester.user_id)}:
        raise ChargeOfAnother(charge_status=charge.status)
    return to_my_charge(charge, find_shop(read, charge.shop_id), [])


def to_my_charge(charge: Charge, shop: Shop, refunds: Iterable[Refund]) -> MyCharge:
    """A charge as its payer sees it."""
    standing = charge.standing
    return MyCharge(
        charge_id=charge.charge_id,
        shop=to_page(shop),
        status=charge.status,
        amount=charge.amount,
        tip=charge.money(standing.tip),
        total=charge.money(standing.amount + standing.tip),
        captured=charge.money(standing.captured),
        refunded=charge.money(standing.refunded),
        later_tip=charge.money(standing.later_tip),
        tip_mode=charge.tip_mode,
        description=charge.description,
        reference=charge.reference,
        payee=shop.party,
        payment_id=charge.payment_id,
        created_at=charge.created_at,
        expires_at=charge.expires_at,
        authorised_until=charge.authorised_until,
        paid_at=charge.paid_at,
        ended_at=charge.ended_at,
        refunds=[refund for refund in refunds if refund.charge_id == charge.charge_id],
    )


# For strangers


def find_pay_page(read: Read, code: str) -> PayPage:
    """What anybody with the code may see of a charge.

    Raises:
        ChargeNotFound: no charge that a shop has asked anybody to pay.
    """
    charge = access_by_code(read, code)
    if charge.origin != "shop":
        raise ChargeNotFound
    shop = find_shop(read, charge.shop_id)
    return PayPage(
        shop_name=shop.name,
        shop_name_zh=shop.name_zh,
        shop_city=shop.city,
        logo=shop.logo,
        amount=charge.amount,
        tip_mode=charge.tip_mode,
        is_payable=charge.status == "open" and read.now < charge.expires_at and shop.is_open,
        is_paid=charge.status in {"authorised", "captured", "refunded"},
        expires_at=charge.expires_at,
        return_url=charge.return_url,
    )


# For other subjects


def find_charge(read: Read, charge_id: str) -> Charge | None:
    """A charge by its id, whoever asks."""
    return _find(read, _c.charge_id == charge_id)


def find_charge_of_payment(read: Read, payment_id: str) -> Charge | None:
    """The charge that a payment paid, or None."""
    return _find(read, _c.payment_id == payment_id)


def _find(read: Read, condition: sa.ColumnElement[bool]) -> Charge | None:
    row = read.conn.execute(sa.select(wallet_charge).where(condition)).one_or_none()
    return None if row is None else read_charge(row)


def find_overdue(read: Read, *, limit: int) -> list[Charge]:
    """Charges that wait to be paid though their time is over."""
    rows = read.conn.execute(
        sa.select(wallet_charge)
        .where(_c.status.in_(sorted(PAYABLE)), _c.expires_at <= read.now)
        .order_by(_c.expires_at, _c.charge_id)
        .limit(limit)
    )
    return [read_charge(row) for row in rows]


def list_takings(
    read: Read, shop_id: str, *, since: int, until: int, currency: str | None = None
) -> list[Taking]:
    """What the charges of a shop moved on its wallets in a time, in order; for settlements.

    Args:
        read: the view.
        shop_id: the shop.
        since: milliseconds, included.
        until: milliseconds, not included.
        currency: only in this one.

    Returns:
        At most `TAKINGS_MAX` of each kind; a settlement of so many must be cut into shorter times.
    """
    sales = _charges_between(read, shop_id, _c.paid_at, since=since, until=until)
    tips = _charges_between(read, shop_id, _c.later_tip_at, since=since, until=until)
    takings = [_sale(row) for row in sales]
    takings += [_later_tip(row) for row in tips]
    takings += _refunds_between(read, shop_id, since=since, until=until)
    chosen = [one for one in takings if currency in {None, one.amount.currency}]
    return sorted(chosen, key=lambda one: (one.at, one.payment_id))


def _charges_between(
    read: Read, shop_id: str, when: sa.ColumnElement[Any], *, since: int, until: int
) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    return read.conn.execute(
        sa.select(wallet_charge)
        .where(_c.shop_id == shop_id, when >= since, when < until)
        .order_by(when, _c.charge_id)
        .limit(TAKINGS_MAX)
    ).all()


def _sale(row: sa.Row[*tuple[Any, ...]]) -> Taking:
    currency = Currency(row.currency)
    return Taking(
        kind="sale",
        charge_id=ChargeId(row.charge_id),
        payment_id=PaymentId(row.payment_id),
        at=row.paid_at,
        amount=Money(row.captured_minor, currency),
        tip=Money(row.tip_minor, currency),
        fee=Money(row.fee_minor, currency),
        reference=row.reference,
    )


def _later_tip(row: sa.Row[*tuple[Any, ...]]) -> Taking:
    currency = Currency(row.currency)
    return Taking(
        kind="tip",
        charge_id=ChargeId(row.charge_id),
        payment_id=PaymentId(row.later_tip_payment_id),
        at=row.later_tip_at,
        amount=Money(row.later_tip_minor, currency),
        tip=Money(row.later_tip_minor, currency),
        fee=Money(0, currency),
        reference=row.reference,
    )


def _refunds_between(read: Read, shop_id: str, *, since: int, until: int) -> list[Taking]:
    rows = read.conn.execute(
        sa.select(wallet_refund, _c.reference)
        .join(wallet_charge, _c.charge_id == _r.charge_id)
        .where(_r.shop_id == shop_id, _r.created_at >= since, _r.created_at < until)
        .order_by(_r.created_at, _r.refund_id)
        .limit(TAKINGS_MAX)
    )
    return [
        Taking(
            kind="refund",
            charge_id=ChargeId(row.charge_id),
            payment_id=PaymentId(row.payment_id),
            at=row.created_at,
            amount=Money(row.minor, Currency(row.currency)),
            tip=Money(0, Currency(row.currency)),
            fee=Money(row.fee_returned_minor, Currency(row.currency)),
            reference=row.reference,
        )
        for row in rows
    ]


# Checks


def make_checks() -> list[Check]:
    """What `teahouse check` verifies of charges."""
    return [
        reference_check("wallet: Charges are of shops", _c.shop_id, wallet_shop.c.shop_id),
        Check("wallet: Charges agree with their payments", _find_charges_amiss),
        Check("wallet: Refunds of a charge sum to what it says", _find_refunds_amiss),
    ]


def _find_charges_amiss(read: Read) -> Iterator[str | None]:
    last = ""
    while rows := read.conn.execute(
        sa.select(wallet_charge)
        .where(_c.charge_id > last, _c.payment_id.is_not(None))
        .order_by(_c.charge_id)
        .limit(_CHECKED_PER_STEP)
    ).all():
        charges = [read_charge(row) for row in rows]
        paid = find_payments(read, [str(row.payment_id) for row in rows])
        for charge in charges:
            assert charge.payment_id is not None
            trouble = _find_trouble(charge, paid.get(charge.payment_id))
            if trouble is not None:
                yield f"charge {charge.charge_id}: {trouble}"
        last = charges[-1].charge_id
        yield None


def _find_trouble(charge: Charge, payment: Payment | None) -> str | None:
    if payment is None:
        return "its payment is not there"
    standing = charge.standing
    if standing.status == "authorised":
        return None if payment.status == "pending" else f"its payment is {payment.status}"
    if standing.status in {"voided", "expired"}:
        ended = payment.status in {"voided", "expired"}
        return None if ended else f"its payment is {payment.status}"
    if payment.status not in {"completed", "reversed"}:
        return f"its payment is {payment.status}"
    if (payment.amount.minor, payment.fee.minor) != (standing.captured, charge.fee):
        return "its payment moved something else"
    return None


def _find_refunds_amiss(read: Read) -> Iterator[str]:
    total = sa.func.coalesce(sa.func.sum(_r.minor), 0)
    fees = sa.func.coalesce(sa.func.sum(_r.fee_returned_minor), 0)
    rows = read.conn.execute(
        sa.select(_c.charge_id)
        .outerjoin(wallet_refund, _r.charge_id == _c.charge_id)
        .group_by(
            _c.charge_id, _c.refunded_minor, _c.refunded_by_house_minor, _c.fee_returned_minor
        )
        .having(
            sa.or_(
                total + _c.refunded_by_house_minor != _c.refunded_minor,
                fees != _c.fee_returned_minor,
            )
        )
        .order_by(_c.charge_id)
        .limit(PROBLEMS_MAX)
    )
    for charge_id in rows.scalars():
        yield f"charge {charge_id}: its refunds sum to something else"
    for row in read.conn.execute(sa.select(wallet_refund).order_by(_r.refund_id)):
        trouble = _find_refund_trouble(read, row)
        if trouble is not None:
            yield f"refund {row.refund_id}: {trouble}"


def _find_refund_trouble(read: Read, row: sa.Row[*tuple[Any, ...]]) -> str | None:
    payment = find_payments(read, [row.payment_id]).get(PaymentId(row.payment_id))
    if payment is None:
        return "its payment is not there"
    if (payment.kind, payment.amount.minor) != (PaymentKind.REFUND, row.minor):
        return "its payment moved something else"
    return None
