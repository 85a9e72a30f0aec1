"""Keeps what rooms were told."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from teahouse.platform.db import Tx
from teahouse.wallet.in_chat.tables import wallet_room_note

_c = wallet_room_note.c


def keep_note(tx: Tx, about: str, *, room_id: str, event_id: str) -> None:
    """Keep where a room was told of something."""
    tx.conn.execute(
        sa.insert(wallet_room_note).values(
            about=about, room_id=room_id, event_id=event_id, created_at=tx.now
        )
    )


def forget_notes(tx: Tx, about: Sequence[str]) -> None:
    """Forget where rooms were told of some payments, requests or splits."""
    for one in about:
        tx.conn.execute(sa.delete(wallet_room_note).where(_c.about == one))
