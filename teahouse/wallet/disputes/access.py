"""From an id that a stranger sends to a dispute they have to do with."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from teahouse.platform.db import Read
from teahouse.platform.money import Money, parse_currency
from teahouse.platform.requester import Requester
from teahouse.wallet.disputes.errors import DisputeNotFound
from teahouse.wallet.disputes.tables import wallet_dispute
from teahouse.wallet.disputes.types import Dispute, DisputeId, Standing
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.shops.access import access_shop
from teahouse.wallet.shops.types import ShopPower

_d = wallet_dispute.c


def access_own_dispute(read: Read, requester: Requester, dispute_id: str) -> Dispute:
    """A dispute that the requester opened.

    Raises:
        DisputeNotFound: there is none, or somebody else's.
    """
    party = find_party(read, requester.user_id)
    return load_dispute(read, _d.dispute_id == dispute_id, _d.payer == party)


def access_shop_dispute(
    read: Read, requester: Requester, shop_id: str, *, dispute_id: str, power: ShopPower
) -> Dispute:
    """A dispute with a shop for which the requester may do something.

    Raises:
        ShopNotFound, ShopPowerMissing: as of `access_shop`.
        DisputeNotFound: the shop has none such.
    """
    shop = access_shop(read, requester, shop_id, power)
    return load_dispute(read, _d.dispute_id == dispute_id, _d.shop_id == shop.shop_id)


def load_dispute(read: Read, *conditions: sa.ColumnElement[bool]) -> Dispute:
    """The one dispute of some conditions.

    Raises:
        DisputeNotFound: none.
    """
    row = read.conn.execute(sa.select(wallet_dispute).where(*conditions)).one_or_none()
    if row is None:
        raise DisputeNotFound
    return read_dispute(row)


def read_dispute(row: sa.Row[*tuple[Any, ...]]) -> Dispute:
    """A row of `wallet_dispute` as a dispute."""
    standing = Standing(
        status=row.status,
        claim=row.claim,
        deadline=row.deadline,
        refund=row.refund,
        proposed=row.proposed,
        decided_by=tuple(row.decided_by.split()),
        appealed_by=row.appealed_by,
        is_borne_by_house=bool(row.is_borne_by_house),
    )
    return Dispute(
        dispute_id=DisputeId(row.dispute_id),
        payment_id=row.payment_id,
        payer=row.payer,
        shop_id=row.shop_id,
        cause=row.cause,
        claim=Money(row.claim, parse_currency(row.currency)),
        standing=standing,
        hold_id=row.hold_id,
        refund_payment_id=row.refund_payment_id,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
    )
