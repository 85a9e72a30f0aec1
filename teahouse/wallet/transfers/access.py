"""From a stranger's id to their transfer."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from teahouse.platform.db import Read
from teahouse.platform.requester import Requester
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.payments.types import PaymentId
from teahouse.wallet.transfers.errors import TransferNotFound
from teahouse.wallet.transfers.tables import wallet_transfer
from teahouse.wallet.transfers.types import Transfer, TransferId

_c = wallet_transfer.c


def access_transfer(read: Read, requester: Requester, transfer_id: str) -> Transfer:
    """A transfer that the requester has sent or is to receive.

    Raises:
        TransferNotFound: there is none, or it is between others: both look the same.
    """
    party = find_party(read, requester.user_id)
    if party is None:
        raise TransferNotFound
    row = read.conn.execute(
        sa.select(wallet_transfer).where(
            _c.transfer_id == transfer_id, sa.or_(_c.payer == party, _c.payee == party)
        )
    ).one_or_none()
    if row is None:
        raise TransferNotFound
    return to_transfer(row)


def to_transfer(row: sa.Row[Any]) -> Transfer:
    """A transfer from its row."""
    return Transfer(
        id=TransferId(row.transfer_id),
        payer=PartyId(row.payer),
        payee=PartyId(row.payee),
        payment_id=PaymentId(row.payment_id),
        status=row.status,
        created_at=row.created_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
    )
