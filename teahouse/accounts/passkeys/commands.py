"""Adds, uses, renames and removes passkeys."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.accounts.errors import PasskeyPresent, PasskeyRefused, TooManyPasskeys
from teahouse.accounts.passkeys.queries import PASSKEYS_MAX, find_credential, list_passkeys
from teahouse.accounts.passkeys.types import NewCredential, Passkey
from teahouse.accounts.tables import accounts_passkey, accounts_passkey_challenge
from teahouse.platform.db import Tx
from teahouse.platform.errors import NotFound

CHALLENGE_BYTES = 32
# WebAuthn, section 15.1 recommends five to ten minutes for a ceremony with verification.
CHALLENGE_MS = 5 * 60_000

_p = accounts_passkey.c
_c = accounts_passkey_challenge.c


def open_challenge(tx: Tx, user_id: str | None) -> tuple[str, bytes]:
    """Something to sign, for one answer within five minutes.

    Args:
        tx: the transaction it becomes part of.
        user_id: who adds a passkey; None: somebody signs in.

    Returns:
        Its id, and what must be signed.
    """
    challenge_id = tx.chance.secrets.token(18)
    challenge = tx.chance.secrets.token_bytes(CHALLENGE_BYTES)
    tx.conn.execute(
        sa.insert(accounts_passkey_challenge).values(
            challenge_id=challenge_id,
            challenge=challenge,
            user_id=user_id,
            expires_at=tx.now + CHALLENGE_MS,
        )
    )
    return challenge_id, challenge


def take_challenge(tx: Tx, challenge_id: str, user_id: str | None) -> bytes:
    """Use a challenge up, whatever becomes of the answer.

    Raises:
        PasskeyRefused: unknown, used, expired, or somebody else's.
    """
    row = tx.conn.execute(
        sa.select(_c.challenge, _c.user_id, _c.expires_at).where(_c.challenge_id == challenge_id)
    ).one_or_none()
    if row is None or row.expires_at <= tx.now or row.user_id != user_id:
        raise PasskeyRefused
    tx.conn.execute(sa.delete(accounts_passkey_challenge).where(_c.challenge_id == challenge_id))
    return bytes(row.challenge)


def add_passkey(tx: Tx, user_id: str, new: NewCredential, name: str) -> Passkey:
    """Let a passkey open an account.

    Args:
        tx: the transaction it becomes part of.
        user_id: whose.
        new: the passkey, checked by `check_creation`.
        name: what the member calls it.

    Raises:
        PasskeyPresent: it was added before, by whomever.
        TooManyPasskeys: the member has 20 already.
    """
    if find_credential(tx, new.credential_id) is not None:
        raise PasskeyPresent
    if len(list_passkeys(tx, user_id)) >= PASSKEYS_MAX:
        raise TooManyPasskeys
    made = Passkey(passkey_id=tx.new_id("passkey"), name=name, created_at=tx.now, last_used_at=None)
    tx.conn.execute(
        sa.insert(accounts_passkey).values(
            passkey_id=made.passkey_id,
            user_id=user_id,
            credential_id=new.credential_id,
            public_key=new.public_key,
            sign_count=new.sign_count,
            name=name,
            created_at=tx.now,
        )
    )
    return made


def note_passkey_use(tx: Tx, passkey_id: str, *, seen: int, sign_count: int) -> None:
    """Remember that a passkey has signed.

    Args:
        tx: the transaction it becomes part of.
        passkey_id: which.
        seen: the count that the signature was checked against.
        sign_count: the count it told.

    Raises:
        PasskeyRefused: it was removed or has signed again meanwhile.
    """
    used = tx.conn.execute(
        sa.update(accounts_passkey)
        .where(_p.passkey_id == passkey_id, _p.sign_count == seen)
        .values(sign_count=sign_count, last_used_at=tx.now)
    )
    if used.rowcount == 0:
        raise PasskeyRefused


def rename_passkey(tx: Tx, user_id: str, passkey_id: str, name: str) -> None:
    """Call a passkey something else.

    Raises:
        NotFound: the member has no such passkey.
    """
    renamed = tx.conn.execute(
        sa.update(accounts_passkey)
        .where(_p.passkey_id == passkey_id, _p.user_id == user_id)
        .values(name=name)
    )
    if renamed.rowcount == 0:
        raise NotFound


def remove_passkey(tx: Tx, user_id: str, passkey_id: str) -> None:
    """Let a passkey open the account no longer.

    Raises:
        NotFound: the member has no such passkey.
    """
    removed = tx.conn.execute(
        sa.delete(accounts_passkey).where(_p.passkey_id == passkey_id, _p.user_id == user_id)
    )
    if removed.rowcount == 0:
        raise NotFound


def remove_passkeys(tx: Tx, user_id: str) -> None:
    """Remove all passkeys of a member."""
    tx.conn.execute(sa.delete(accounts_passkey).where(_p.user_id == user_id))
    tx.conn.execute(sa.delete(accounts_passkey_challenge).where(_c.user_id == user_id))


def forget_expired_challenges(tx: Tx) -> None:
    """Forget challenges nobody answered."""
    tx.conn.execute(sa.delete(accounts_passkey_challenge).where(_c.expires_at <= tx.now))
