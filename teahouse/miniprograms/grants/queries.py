"""Reads what members allowed."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse import wallet
from teahouse.miniprograms.grants.errors import PermissionMissing
from teahouse.miniprograms.grants.tables import miniprograms_grant
from teahouse.miniprograms.grants.types import Grant, PaymentResult
from teahouse.miniprograms.registry.types import Permission
from teahouse.platform.db import Read
from teahouse.platform.errors import NotFound
from teahouse.platform.requester import Requester

GRANTS_MAX = 2000
_g = miniprograms_grant.c


def list_grants(read: Read, user_id: str) -> list[Grant]:
    """What a member answered, by program; the newest answer of each first."""
    rows = read.conn.execute(
        sa.select(miniprograms_grant)
        .where(_g.user_id == user_id)
        .order_by(_g.program_id, _g.decided_at.desc(), _g.permission, _g.room_id)
        .limit(GRANTS_MAX)
    )
    return [
        Grant(
            program_id=row.program_id,
            permission=row.permission,
            is_allowed=row.is_allowed,
            room_id=row.room_id,
            decided_at=row.decided_at,
        )
        for row in rows
    ]


def require_grant(read: Read, user_id: str, program_id: str, permission: Permission) -> None:
    """Go on only where the member has allowed it.

    Raises:
        PermissionMissing: they have not, or have taken it back.
    """
    is_allowed = read.conn.execute(
        sa.select(_g.is_allowed).where(
            _g.user_id == user_id,
            _g.program_id == program_id,
            _g.permission == permission,
            _g.room_id == "",
        )
    ).scalar_one_or_none()
    if not is_allowed:
        raise PermissionMissing(permission=permission)


def find_result(
    read: Read, requester: Requester, payment_id: str, *, program_id: str, server_name: str
) -> PaymentResult:
    """What became of a payment that the requester made, for a program.

    Raises:
        PermissionMissing: they have not allowed the program to ask for payments.
        NotFound: no payment of theirs.
    """
    require_grant(read, requester.user_id, program_id, "payments")
    payment = wallet.access_own_payment(read, requester, payment_id)
    if wallet.find_payer(read, payment) != requester.user_id:
        # Whoever was paid is not who was asked.
        raise NotFound
    charge = wallet.find_charge_of_payment(read, payment_id)
    return PaymentResult(
        iss=server_name,
        aud=program_id,
        iat=read.now // 1000,
        kind="transfer" if charge is None else "charge",
        payment_id=payment_id,
        status=payment.status,
        amount=payment.amount,
        charge_id=None if charge is None else charge.charge_id,
        shop_id=None if charge is None else charge.shop_id,
        reference=None if charge is None else charge.reference,
    )
