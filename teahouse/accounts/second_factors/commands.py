"""Sets up, uses and removes second factors."""

from __future__ import annotations

import base64

import sqlalchemy as sa

from teahouse.accounts.errors import (
    SecondFactorLocked,
    SecondFactorPresent,
    SecondFactorRefused,
)
from teahouse.accounts.second_factors.access import MARK_BYTES, NONCE_BYTES, Seal
from teahouse.accounts.second_factors.queries import has_totp
from teahouse.accounts.second_factors.rules import (
    RECOVERY_ALPHABET,
    RECOVERY_CODE_LETTERS,
    compute_lock_ms,
    compute_recovery_digest,
    find_step,
    format_recovery_code,
)
from teahouse.accounts.second_factors.types import FactorOutcome
from teahouse.accounts.tables import accounts_recovery_code, accounts_totp
from teahouse.platform.db import Tx, upsert
from teahouse.platform.errors import NotFound

# RFC 4226, section 4, R6: 160 bits are recommended.
SECRET_BYTES = 20
RECOVERY_CODE_COUNT = 10
_MARKED_AT_A_TIME = 1000

_t = accounts_totp.c
_c = accounts_recovery_code.c


def begin_totp(tx: Tx, user_id: str, seal: Seal) -> str:
    """Make a secret for one-time codes. It counts once a first code was shown.

    Returns:
        The secret in base 32.

    Raises:
        SecondFactorPresent: one is set up already.
    """
    if has_totp(tx, user_id):
        raise SecondFactorPresent
    secret = base64.b32encode(tx.chance.secrets.token_bytes(SECRET_BYTES)).decode()
    nonce = tx.chance.secrets.token_bytes(NONCE_BYTES)
    tx.conn.execute(
        upsert(accounts_totp, "sealed_secret", "last_step").values(
            user_id=user_id,
            sealed_secret=seal.seal(secret, owner=user_id, nonce=nonce),
            last_step=0,
            failures=0,
            locked_until=0,
        )
    )
    return secret


def confirm_totp(tx: Tx, user_id: str, seal: Seal, code: str) -> list[str]:
    """Finish setting up one-time codes by showing one.

    Returns:
        Ten recovery codes, told this once.

    Raises:
        NotFound: nothing was begun.
        SecondFactorPresent: one is set up already.
        SecondFactorRefused: the code is wrong.
    """
    row = tx.conn.execute(
        sa.select(_t.sealed_secret, _t.confirmed_at).where(_t.user_id == user_id)
    ).one_or_none()
    if row is None:
        raise NotFound("Begin to set up one-time codes first.")
    if row.confirmed_at is not None:
        raise SecondFactorPresent
    secret = seal.open(row.sealed_secret, owner=user_id)
    step = find_step(secret, code, now=tx.now, last_step=0)
    if step is None:
        raise SecondFactorRefused
    tx.conn.execute(
        sa.update(accounts_totp)
        .where(_t.user_id == user_id)
        .values(confirmed_at=tx.now, last_step=step)
    )
    return replace_recovery_codes(tx, user_id, seal)


def replace_recovery_codes(tx: Tx, user_id: str, seal: Seal) -> list[str]:
    """Ten new recovery codes; earlier ones are worth nothing.

    Raises:
        NotFound: there is no second factor to recover from.
    """
    if not has_totp(tx, user_id):
        raise NotFound("Recovery codes belong to a second factor: set one up first.")
    secrets = tx.chance.secrets
    codes = [
        format_recovery_code(secrets.letters(RECOVERY_CODE_LETTERS, RECOVERY_ALPHABET))
        for _ in range(RECOVERY_CODE_COUNT)
    ]
    tx.conn.execute(sa.delete(accounts_recovery_code).where(_c.user_id == user_id))
    tx.conn.execute(
        sa.insert(accounts_recovery_code),
        [
            {"user_id": user_id, "digest": seal.mark(compute_recovery_digest(code))}
            for code in codes
        ],
    )
    return codes


def mark_old_recovery_codes(tx: Tx, seal: Seal) -> int:
    """Put the digests of earlier releases, which were kept bare, under the house's key.

    Returns:
        How many there were, of at most a thousand that are done at a time.
    """
    statement = (
        sa.select(_c.user_id, _c.digest)
        .where(sa.func.length(_c.digest) < MARK_BYTES)
        .order_by(_c.user_id, _c.digest)
        .limit(_MARKED_AT_A_TIME)
    )
    bare = tx.conn.execute(statement).all()
    for row in bare:
        tx.conn.execute(
            sa.update(accounts_recovery_code)
            .where(_c.user_id == row.user_id, _c.digest == row.digest)
            .values(digest=seal.mark(row.digest))
        )
    return len(bare)


def use_second_factor(
    tx: Tx, user_id: str, seal: Seal, *, totp: str | None, recovery_code: str | None
) -> FactorOutcome:
    """Check a code, and use it up.

    A wrong code is told as an outcome, not raised, so that it is counted.

    Args:
        tx: the transaction it becomes part of.
        user_id: whose.
        seal: opens the secret.
        totp: a one-time code, if given.
        recovery_code: a recovery code, if given.

    Raises:
        SecondFactorLocked: too many wrong one-time codes; recovery codes still work.
    """
    if not has_totp(tx, user_id):
        return "not_set_up"
    if recovery_code is not None:
        return "passed" if _use_recovery_code(tx, user_id, seal, recovery_code) else "refused"
    if totp is None:
        return "needed"
    return "passed" if _use_totp(tx, user_id, seal, totp) else "refused"


def remove_second_factors(tx: Tx, user_id: str) -> None:
    """Remove the one-time codes of a member and their recovery codes."""
    tx.conn.execute(sa.delete(accounts_recovery_code).where(_c.user_id == user_id))
    tx.conn.execute(sa.delete(accounts_totp).where(_t.user_id == user_id))


def _use_recovery_code(tx: Tx, user_id: str, seal: Seal, code: str) -> bool:
    digest = compute_recovery_digest(code)
    used = tx.conn.execute(
        sa.delete(accounts_recovery_code).where(
            # Bare ones are there until `mark_old_recovery_codes` has run.
            _c.user_id == user_id,
            _c.digest.in_([seal.mark(digest), digest]),
        )
    )
    return used.rowcount == 1


def _use_totp(tx: Tx, user_id: str, seal: Seal, code: str) -> bool:
    row = tx.conn.execute(
        sa.select(_t.sealed_secret, _t.last_step, _t.failures, _t.locked_until).where(
            _t.user_id == user_id
        )
    ).one()
    if row.locked_until > tx.now:
        raise SecondFactorLocked(retry_after_ms=row.locked_until - tx.now)
    secret = seal.open(row.sealed_secret, owner=user_id)
    step = find_step(secret, code, now=tx.now, last_step=row.last_step)
    change = sa.update(accounts_totp).where(_t.user_id == user_id)
    if step is not None:
        tx.conn.execute(change.values(last_step=step, failures=0, locked_until=0))
        return True
    failures = row.failures + 1
    locked_until = tx.now + compute_lock_ms(failures)
    tx.conn.execute(change.values(failures=failures, locked_until=locked_until))
    return False
