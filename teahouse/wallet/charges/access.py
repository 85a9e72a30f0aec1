"""From a charge's id or code to the charge, for those who may know of it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from teahouse.platform.db import Read
from teahouse.platform.money import Currency
from teahouse.platform.requester import Requester
from teahouse.wallet.charges.errors import ChargeNotFound
from teahouse.wallet.charges.tables import wallet_charge
from teahouse.wallet.charges.types import Charge, ChargeId, Standing
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.payments.types import PaymentId
from teahouse.wallet.shops.access import access_shop
from teahouse.wallet.shops.types import Clerk, Shop, ShopId, ShopPower

_c = wallet_charge.c


def access_charge(
    read: Read, clerk: Clerk, shop_id: str, *, charge_id: str, power: ShopPower
) -> tuple[Shop, Charge]:
    """A charge of a shop for which the caller may do something.

    Raises:
        ShopNotFound, ShopPowerMissing, ScopeMissing, UnknownShopKey: as of `access_shop`.
        ChargeNotFound: the shop has no such charge.
    """
    shop = access_shop(read, clerk, shop_id, power)
    charge = load_charge(read, _c.charge_id == charge_id, _c.shop_id == shop.shop_id)
    return shop, charge


def access_own_charge(read: Read, requester: Requester, charge_id: str) -> Charge:
    """A charge that the requester has paid, or is asked to confirm.

    Raises:
        ChargeNotFound: there is none, or somebody else's.
    """
    party = find_party(read, requester.user_id)
    if party is None:
        raise ChargeNotFound
    return load_charge(read, _c.charge_id == charge_id, _c.payer == party)


def access_by_code(read: Read, code: str) -> Charge:
    """The charge that a code names, for whoever has the code.

    Raises:
        ChargeNotFound: none.
    """
    return load_charge(read, _c.code == code)


def load_charge(read: Read, *conditions: sa.ColumnElement[bool]) -> Charge:
    """The one charge of some conditions.

    Raises:
        ChargeNotFound: none.
    """
    row = read.conn.execute(sa.select(wallet_charge).where(*conditions)).one_or_none()
    if row is None:
        raise ChargeNotFound
    return read_charge(row)


def read_charge(row: sa.Row[*tuple[Any, ...]]) -> Charge:
    """A row of `wallet_charge` as a charge."""
    return Charge(
        charge_id=ChargeId(row.charge_id),
        shop_id=ShopId(row.shop_id),
        code=row.code,
        origin=row.origin,
        capture=row.capture,
        tip_mode=row.tip_mode,
        currency=Currency(row.currency),
        standing=Standing(
            status=row.status,
            amount=row.minor,
            tip=row.tip_minor,
            captured=row.captured_minor,
            refunded=row.refunded_minor,
            later_tip=row.later_tip_minor,
        ),
        fee=row.fee_minor,
        fee_returned=row.fee_returned_minor,
        description=row.description,
        reference=row.reference,
        terminal=row.terminal,
        return_url=row.return_url,
        created_at=row.created_at,
        expires_at=row.expires_at,
        payer=None if row.payer is None else PartyId(row.payer),
        payment_id=None if row.payment_id is None else PaymentId(row.payment_id),
        authorised_until=row.authorised_until,
        paid_at=row.paid_at,
        ended_at=row.ended_at,
    )
