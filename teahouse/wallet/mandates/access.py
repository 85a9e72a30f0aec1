"""From a stranger's id to a mandate."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.platform.db import Read
from teahouse.platform.money import Currency, Money
from teahouse.platform.requester import Requester
from teahouse.wallet.mandates.errors import UnknownMandate
from teahouse.wallet.mandates.tables import wallet_mandate, wallet_mandate_charge
from teahouse.wallet.mandates.types import Charge, ChargeId, Mandate, MandateId, Terms
from teahouse.wallet.parties.queries import find_party

_mandate = wallet_mandate.c
_charge = wallet_mandate_charge.c


def access_mandate(read: Read, requester: Requester, mandate_id: str) -> Mandate:
    """A mandate that the requester is the payer of, or a proposal open to whoever has its id.

    Raises:
        UnknownMandate: somebody else's, or there is none; which of the two is not told.
    """
    mandate = load_mandate(read, mandate_id)
    if mandate is None:
        raise UnknownMandate
    is_open = mandate.payer is None and mandate.status == "proposed"
    if not is_open and mandate.payer != find_party(read, requester.user_id):
        raise UnknownMandate
    return mandate


def access_mandate_as_payee(read: Read, party: str, mandate_id: str) -> Mandate:
    """A mandate of one payee.

    Args:
        read: a view.
        party: the payee's; the caller has made sure that they act for it.
        mandate_id: as a stranger sent it.

    Raises:
        UnknownMandate: another payee's, or there is none.
    """
    mandate = load_mandate(read, mandate_id)
    if mandate is None or mandate.payee_party != party:
        raise UnknownMandate
    return mandate


def load_mandate(read: Read, mandate_id: str) -> Mandate | None:
    """A mandate, whoever asks; None where there is none."""
    row = read.conn.execute(
        sa.select(wallet_mandate).where(_mandate.mandate_id == mandate_id)
    ).one_or_none()
    return None if row is None else mandate_from(row)


def load_charge(read: Read, charge_id: str) -> Charge | None:
    """A charge, whoever asks; None where there is none."""
    row = read.conn.execute(
        sa.select(wallet_mandate_charge).where(_charge.charge_id == charge_id)
    ).one_or_none()
    return None if row is None else charge_from(row)


def mandate_from(row: sa.Row[Any]) -> Mandate:
    """A row as a struct."""
    return Mandate(
        mandate_id=MandateId(row.mandate_id),
        payer=row.payer,
        payee=row.payee,
        payee_party=row.payee_party,
        payee_name=row.payee_name,
        key=row.key,
        terms=msgspec.json.decode(row.terms, type=Terms),
        status=row.status,
        created_at=row.created_at,
        accepted_at=row.accepted_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )


def charge_from(row: sa.Row[Any]) -> Charge:
    """A row as a struct."""
    return Charge(
        charge_id=ChargeId(row.charge_id),
        mandate_id=MandateId(row.mandate_id),
        key=row.key.partition(":")[2],
        amount=Money(row.minor, Currency(row.currency)),
        reference=row.reference,
        due_on=row.due_on,
        due_at=row.due_at,
        period_index=row.period_index,
        is_planned=row.is_planned,
        status=row.status,
        noticed_at=row.noticed_at,
        attempt_count=row.attempt_count,
        refusal=row.refusal,
        payment_id=row.payment_id,
        created_at=row.created_at,
        settled_at=row.settled_at,
    )
