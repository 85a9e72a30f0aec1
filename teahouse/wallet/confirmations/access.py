"""From an id that a stranger sends to a confirmation of their own."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from teahouse.platform.db import Read
from teahouse.platform.money import Money, parse_currency
from teahouse.platform.requester import Requester
from teahouse.wallet.confirmations.errors import ConfirmationUnknown
from teahouse.wallet.confirmations.tables import wallet_confirmation
from teahouse.wallet.confirmations.types import Confirmation, Facts
from teahouse.wallet.parties.queries import find_party

_c = wallet_confirmation.c


def access_confirmation(read: Read, requester: Requester, confirmation_id: str) -> Confirmation:
    """A confirmation of the requester's that has not expired; used ones too.

    Raises:
        ConfirmationUnknown: unknown, somebody else's, or expired.
    """
    party = find_party(read, requester.user_id)
    row = read.conn.execute(
        sa.select(wallet_confirmation).where(
            _c.confirmation_id == confirmation_id, _c.party == party, _c.expires_at > read.now
        )
    ).one_or_none()
    if row is None:
        raise ConfirmationUnknown
    return read_confirmation(row)


def read_confirmation(row: sa.Row[*tuple[Any, ...]]) -> Confirmation:
    """A row of `wallet_confirmation` as a confirmation."""
    amount = None if row.minor is None else Money(row.minor, parse_currency(row.currency))
    facts = Facts(
        kind=row.kind, payee_party=row.payee_party, amount=amount, reference=row.reference
    )
    return Confirmation(
        confirmation_id=row.confirmation_id,
        party=row.party,
        device_id=row.device_id,
        facts=facts,
        nonce=bytes(row.nonce),
        factors=tuple(row.factors.split()),
        attempts=row.attempts,
        expires_at=row.expires_at,
        used_at=row.used_at,
    )
