"""Keeps sessions of user-interactive authentication, so that they survive a restart."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.accounts.reauthentication.types import Session
from teahouse.accounts.tables import accounts_uia_session
from teahouse.platform.db import Tx, upsert

# Long enough to fetch a phone or ask for a registration token.
SESSION_MS = 15 * 60 * 1000
SESSION_ID_BYTES = 18
CHALLENGE_BYTES = 32

_s = accounts_uia_session.c


def open_session(tx: Tx, *, operation: str, request_hash: bytes, user_id: str | None) -> Session:
    """Begin to confirm an operation.

    Args:
        tx: the transaction it becomes part of.
        operation: method and path.
        request_hash: of the rest of the request.
        user_id: who must confirm, or None for a stranger.
    """
    session = Session(
        session_id=tx.chance.secrets.token(SESSION_ID_BYTES),
        operation=operation,
        request_hash=request_hash,
        user_id=user_id,
        challenge=tx.chance.secrets.token_bytes(CHALLENGE_BYTES),
    )
    keep_session(tx, session)
    return session


def keep_session(tx: Tx, session: Session) -> None:
    """Keep what was confirmed so far."""
    changes = ("request_hash", "completed", "registration_token")
    tx.conn.execute(
        upsert(accounts_uia_session, *changes).values(
            session_id=session.session_id,
            operation=session.operation,
            request_hash=session.request_hash,
            user_id=session.user_id,
            completed=" ".join(session.completed),
            challenge=session.challenge,
            registration_token=session.registration_token,
            expires_at=tx.now + SESSION_MS,
        )
    )


def close_session(tx: Tx, session_id: str) -> None:
    """End a session: everything is confirmed, and cannot be used a second time."""
    tx.conn.execute(sa.delete(accounts_uia_session).where(_s.session_id == session_id))


def forget_expired_sessions(tx: Tx) -> None:
    """Forget sessions nobody finished."""
    tx.conn.execute(sa.delete(accounts_uia_session).where(_s.expires_at <= tx.now))


def forget_sessions(tx: Tx, user_id: str) -> None:
    """Forget all sessions of a member."""
    tx.conn.execute(sa.delete(accounts_uia_session).where(_s.user_id == user_id))
