"""Entering looks in the log, in the transaction that shows the data or not at all."""

from __future__ import annotations

import hashlib

import msgspec
import sqlalchemy as sa

from teahouse.platform.db import Tx, upsert
from teahouse.platform.json import encode_json
from teahouse.privacy.transparency_log.queries import MAIN, node_of
from teahouse.privacy.transparency_log.rules import compute_new_nodes, hash_entry
from teahouse.privacy.transparency_log.tables import (
    privacy_log_entry,
    privacy_log_head,
    privacy_log_node,
)
from teahouse.privacy.transparency_log.types import Look

SALT_BYTES = 16


def record_look(tx: Tx, look: Look, *, about: str) -> int:
    """Enter that somebody looked at a member's data.

    Whoever shows a member's data to staff calls this in the same transaction: what cannot be
    entered is not shown.

    Args:
        tx: the transaction that also reads what is shown.
        look: who, what and why.
        about: the member.

    Returns:
        The entry's index.
    """
    body = encode_json(msgspec.to_builtins(look) | {"about": about, "at": tx.now})
    salt = tx.chance.secrets.token_bytes(SALT_BYTES)
    commitment = hashlib.sha256(salt + body).digest()
    return _enter(tx, commitment, about=about, salt=salt, body=body.decode())


def record_commitment(tx: Tx, commitment: bytes) -> int:
    """Enter something that shall be opened later, such as a request under a gag order.

    Args:
        tx: the transaction it becomes part of.
        commitment: SHA-256 over 16 random bytes and the text, kept by the caller.

    Returns:
        The entry's index.
    """
    assert len(commitment) == hashlib.sha256().digest_size
    return _enter(tx, commitment, about=None, salt=None, body=None)


def open_commitment(tx: Tx, index: int, *, about: str, salt: bytes, body: str) -> None:
    """Let a member see what was committed to: from now on it is an entry about them.

    Args:
        tx: the transaction it becomes part of.
        index: of the commitment.
        about: the member.
        salt: the random bytes under the commitment.
        body: the text under it.
    """
    commitment = hashlib.sha256(salt + body.encode()).digest()
    opened = tx.conn.execute(
        sa.update(privacy_log_entry)
        .where(
            privacy_log_entry.c.entry_index == index,
            privacy_log_entry.c.commitment == commitment,
            privacy_log_entry.c.body.is_(None),
        )
        .values(about=about, salt=salt, body=body)
    )
    assert opened.rowcount == 1, "it says something else, or was opened before"


def _enter(
    tx: Tx, commitment: bytes, *, about: str | None, salt: bytes | None, body: str | None
) -> int:
    """Extend the tree by one entry; returns its index."""
    index = _take_head(tx)
    tx.conn.execute(
        sa.insert(privacy_log_entry).values(
            entry_index=index,
            commitment=commitment,
            entered_at=tx.now,
            about=about,
            salt=salt,
            body=body,
        )
    )
    nodes = compute_new_nodes(index, hash_entry(commitment), node_of(tx))
    tx.conn.execute(
        sa.insert(privacy_log_node),
        [{"level": level, "node_index": place, "hash": made} for level, place, made in nodes],
    )
    tx.conn.execute(
        sa.update(privacy_log_head).where(privacy_log_head.c.name == MAIN).values(size=index + 1)
    )
    return index


def forget_entries_about(tx: Tx, user_id: str) -> None:
    """Forget what a member's entries said. The tree stays whole: it holds only commitments."""
    tx.conn.execute(
        sa.update(privacy_log_entry)
        .where(privacy_log_entry.c.about == user_id)
        .values(about=None, salt=None, body=None)
    )


def _take_head(tx: Tx) -> int:
    """The size of the log; nobody else appends until the commit."""
    select = (
        sa.select(privacy_log_head.c.size).where(privacy_log_head.c.name == MAIN).with_for_update()
    )
    size: int | None = tx.conn.execute(select).scalar_one_or_none()
    if size is None:
        tx.conn.execute(upsert(privacy_log_head).values(name=MAIN, size=0))
        size = tx.conn.execute(select).scalar_one()
    return size
