"""Changes members."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.accounts.announcements import MemberRegistered
from teahouse.accounts.errors import UserInUse
from teahouse.accounts.members.queries import member_exists
from teahouse.accounts.rules import localpart_of, split_search_words
from teahouse.accounts.tables import accounts_member, accounts_search_word
from teahouse.platform.db import Tx


def add_member(
    tx: Tx, user_id: str, *, password_hash: str | None, appservice_id: str | None = None
) -> None:
    """Give an id to a new member.

    Args:
        tx: the transaction it becomes part of.
        user_id: the full id, checked by `compute_user_id`.
        password_hash: of `PasswordHasher`; None: no password opens the account.
        appservice_id: the application service that owns the member.

    Raises:
        UserInUse: the id was given to somebody before, even if the account is closed.
    """
    if member_exists(tx, user_id):
        raise UserInUse
    tx.conn.execute(
        sa.insert(accounts_member).values(
            user_id=user_id,
            password_hash=password_hash,
            created_at=tx.now,
            erased=False,
            appservice_id=appservice_id,
        )
    )
    write_search_words(tx, user_id, "")
    tx.announce(MemberRegistered(user_id))


def write_search_words(tx: Tx, user_id: str, display_name: str) -> None:
    """Make a member findable by the words of their id and their display name."""
    forget_search_words(tx, user_id)
    words = split_search_words(f"{localpart_of(user_id)} {display_name}")
    rows = [{"word": word, "user_id": user_id} for word in words]
    if rows:
        tx.conn.execute(sa.insert(accounts_search_word), rows)


def forget_search_words(tx: Tx, user_id: str) -> None:
    """Make a member unfindable."""
    tx.conn.execute(
        sa.delete(accounts_search_word).where(accounts_search_word.c.user_id == user_id)
    )
