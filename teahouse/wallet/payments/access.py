"""From a stranger's id to a payment they may see."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from teahouse.ledger import HoldId, TransactionId
from teahouse.platform.db import Read
from teahouse.platform.requester import Requester
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.payments.errors import PaymentNotFound
from teahouse.wallet.payments.tables import wallet_payment
from teahouse.wallet.payments.types import Payment, PaymentId, PaymentKind, in_currency
from teahouse.wallet.wallets.types import WalletId

_c = wallet_payment.c


def access_payment(read: Read, requester: Requester, payment_id: str) -> Payment:
    """A payment of which the requester is the payer or the payee.

    Raises:
        PaymentNotFound: there is none, or it is between others: both look the same.
    """
    party = find_party(read, requester.user_id)
    if party is None:
        raise PaymentNotFound
    row = read.conn.execute(
        sa.select(wallet_payment).where(
            _c.payment_id == payment_id,
            sa.or_(_c.payer_party == party, _c.payee_party == party),
        )
    ).one_or_none()
    if row is None:
        raise PaymentNotFound
    return to_payment(row)


def to_payment(row: sa.Row[Any]) -> Payment:
    """A payment from its row."""
    return Payment(
        id=PaymentId(row.payment_id),
        kind=PaymentKind(row.kind),
        status=row.status,
        payer_party=_party(row.payer_party),
        payer_wallet=_wallet(row.payer_wallet),
        payee_party=_party(row.payee_party),
        payee_wallet=_wallet(row.payee_wallet),
        amount=in_currency(row.minor, row.currency),
        authorised=in_currency(row.authorised_minor, row.currency),
        fee=in_currency(row.fee_minor, row.currency),
        message=row.message,
        reference=row.reference,
        room_id=row.room_id,
        transaction=None if row.transaction_id is None else TransactionId(row.transaction_id),
        hold=None if row.hold_id is None else HoldId(row.hold_id),
        created_at=row.created_at,
        expires_at=row.expires_at,
        booked_at=row.booked_at,
        ended_at=row.ended_at,
    )


def _party(text: str | None) -> PartyId | None:
    return None if text is None else PartyId(text)


def _wallet(text: str | None) -> WalletId | None:
    return None if text is None else WalletId(text)
