"""From a stranger's id to their request or bill."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from teahouse.platform.db import Read
from teahouse.platform.requester import Requester
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.payments.types import PaymentId, in_currency
from teahouse.wallet.requests.errors import RequestNotFound, SplitNotFound
from teahouse.wallet.requests.tables import wallet_request, wallet_split
from teahouse.wallet.requests.types import PaymentRequest, RequestId, Split, SplitId

_c, _s = wallet_request.c, wallet_split.c


def access_request(read: Read, requester: Requester, request_id: str) -> PaymentRequest:
    """A request that the requester has made or is asked to pay.

    Raises:
        RequestNotFound: there is none, or it is between others: both look the same.
    """
    party = find_party(read, requester.user_id)
    if party is None:
        raise RequestNotFound
    row = read.conn.execute(
        sa.select(wallet_request).where(
            _c.request_id == request_id, sa.or_(_c.asker == party, _c.payer == party)
        )
    ).one_or_none()
    if row is None:
        raise RequestNotFound
    return to_request(row)


def access_split(read: Read, requester: Requester, split_id: str) -> Split:
    """A bill that the requester splits or shares.

    Raises:
        SplitNotFound: there is none, or it is others': both look the same.
    """
    party = find_party(read, requester.user_id)
    if party is None:
        raise SplitNotFound
    shares_it = sa.exists().where(_c.split_id == _s.split_id, _c.payer == party)
    row = read.conn.execute(
        sa.select(wallet_split).where(_s.split_id == split_id, sa.or_(_s.asker == party, shares_it))
    ).one_or_none()
    if row is None:
        raise SplitNotFound
    return to_split(row)


def to_request(row: sa.Row[Any]) -> PaymentRequest:
    """A request from its row."""
    return PaymentRequest(
        id=RequestId(row.request_id),
        asker=PartyId(row.asker),
        payer=PartyId(row.payer),
        amount=in_currency(row.minor, row.currency),
        status=row.status,
        message=row.message,
        room_id=row.room_id,
        split_id=None if row.split_id is None else SplitId(row.split_id),
        payment_id=None if row.payment_id is None else PaymentId(row.payment_id),
        created_at=row.created_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        reminded_at=row.reminded_at,
    )


def to_split(row: sa.Row[Any]) -> Split:
    """A bill from its row."""
    return Split(
        id=SplitId(row.split_id),
        asker=PartyId(row.asker),
        room_id=row.room_id,
        total=in_currency(row.total_minor, row.currency),
        own=in_currency(row.own_minor, row.currency),
        message=row.message,
        created_at=row.created_at,
    )
