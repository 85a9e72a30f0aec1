"""Records checks of identity, and takes them back."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse import privacy
from teahouse.accounts.announcements import IdentityChanged
from teahouse.accounts.identity.errors import CheckRevoked, OwnIdentity
from teahouse.accounts.identity.queries import CHECKS_MAX, find_tier, list_checks
from teahouse.accounts.identity.tables import accounts_identity_check
from teahouse.accounts.identity.types import IdentityCheck, NewCheck
from teahouse.accounts.members.queries import is_active
from teahouse.accounts.second_factors.access import NONCE_BYTES, Seal
from teahouse.accounts.staff.commands import note_staff_act
from teahouse.accounts.staff.rules import check_power
from teahouse.platform.db import Tx
from teahouse.platform.errors import InvalidParam, NotFound
from teahouse.platform.requester import Requester

_SEEN = ("accounts_identity_check.kind", "accounts_identity_check.provider")
SEE_IDENTITY = privacy.declare_deed("identity.see", *_SEEN)
CHECK_IDENTITY = privacy.declare_deed(
    "identity.check",
    *_SEEN,
    "accounts_identity_check.sealed_evidence",
    "accounts_identity_check.revoked_why",
)
READ_EVIDENCE = privacy.declare_deed(
    "identity.evidence.read", "accounts_identity_check.sealed_evidence"
)

_i = accounts_identity_check.c


def record_check(
    tx: Tx, user_id: str, new: NewCheck, *, seal: Seal, by: Requester | None
) -> IdentityCheck:
    """Note that an outside source has confirmed who a member is.

    Args:
        tx: the transaction it becomes part of.
        user_id: the member.
        new: what was confirmed, and by whom.
        seal: seals where the proof is.
        by: the officer who records it; None: a provider has answered.

    Raises:
        Forbidden: `by` is no bank officer.
        OwnIdentity: `by` is the member.
        NotFound: no such member.
        InvalidParam: it would have expired already, or there are too many.
    """
    if by is not None:
        check_power(by, "identity.check")
        if by.user_id == user_id:
            raise OwnIdentity
    if not is_active(tx, user_id):
        raise NotFound("There is no such member.")
    if new.expires_at is not None and new.expires_at <= tx.now:
        raise InvalidParam("`expires_at` is past already.")
    if len(list_checks(tx, user_id)) >= CHECKS_MAX:
        raise InvalidParam("The member has too many checks.")
    check_id = tx.new_id("idc")
    nonce = tx.chance.secrets.token_bytes(NONCE_BYTES)
    tx.conn.execute(
        sa.insert(accounts_identity_check).values(
            check_id=check_id,
            user_id=user_id,
            kind=new.kind,
            provider=new.provider,
            sealed_evidence=seal.seal(new.evidence, owner=check_id, nonce=nonce),
            recorded_by=by.user_id if by else None,
            confirmed_at=tx.now,
            expires_at=new.expires_at,
        )
    )
    _tell(tx, user_id)
    if by is not None:
        note_staff_act(tx, by, CHECK_IDENTITY, user_id)
    return IdentityCheck(
        check_id=check_id,
        kind=new.kind,
        provider=new.provider,
        confirmed_at=tx.now,
        expires_at=new.expires_at,
    )


def revoke_check(tx: Tx, check_id: str, reason: str, *, by: Requester) -> None:
    """Take a check back: it was wrong, or its proof is no longer valid.

    Raises:
        Forbidden: `by` is no bank officer.
        NotFound: no such check.
        OwnIdentity: it is of the officer themself.
        CheckRevoked: it was taken back before.
    """
    check_power(by, "identity.check")
    row = tx.conn.execute(
        sa.select(_i.user_id, _i.revoked_at).where(_i.check_id == check_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such check.")
    if row.user_id == by.user_id:
        raise OwnIdentity
    if row.revoked_at is not None:
        raise CheckRevoked
    tx.conn.execute(
        sa.update(accounts_identity_check)
        .where(_i.check_id == check_id)
        .values(revoked_at=tx.now, revoked_by=by.user_id, revoked_why=reason)
    )
    _tell(tx, row.user_id)
    note_staff_act(tx, by, CHECK_IDENTITY, row.user_id, reason=reason)


def read_evidence(tx: Tx, check_id: str, *, seal: Seal, by: Requester) -> str:
    """Where the proof of a check is; that somebody looked is told.

    Raises:
        Forbidden: `by` is no auditor.
        NotFound: no such check.
    """
    check_power(by, "books.read")
    row = tx.conn.execute(
        sa.select(_i.user_id, _i.sealed_evidence).where(_i.check_id == check_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such check.")
    note_staff_act(tx, by, READ_EVIDENCE, row.user_id)
    return seal.open(row.sealed_evidence, owner=check_id)


def forget_checks(tx: Tx, user_id: str) -> None:
    """Forget all checks of a member who is erased."""
    tx.conn.execute(sa.delete(accounts_identity_check).where(_i.user_id == user_id))


def _tell(tx: Tx, user_id: str) -> None:
    tx.announce(IdentityChanged(user_id, find_tier(tx, user_id)))
