"""Destroying messages whose time has come, a few at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from teahouse.chat.event_store.commands import empty_events
from teahouse.chat.retention.queries import find_expired, find_outlived
from teahouse.chat.retention.tables import chat_retention_run
from teahouse.chat.retention.types import Reason, RoomLifetime
from teahouse.platform.db import Tx

# Some 30 ms of the writer on a small machine: nobody who sends notices.
BATCH_SIZE: Final = 50
# A year of numbers, to answer what the rules have done.
_RUNS_KEPT_MS: Final = 365 * 86_400_000


def empty_expired(tx: Tx) -> int:
    """Empty disappearing messages whose time has come, at most `BATCH_SIZE`.

    Returns:
        How many were found; call it again until they are fewer than `BATCH_SIZE`.
    """
    positions = find_expired(tx, before=tx.now, limit=BATCH_SIZE)
    empty_and_record(tx, positions, reason="expired")
    return len(positions)


def empty_outlived(tx: Tx, room: RoomLifetime) -> int:
    """Empty messages of a room that have outlived its rule, at most `BATCH_SIZE`.

    Returns:
        How many were found; call it again until they are fewer than `BATCH_SIZE`.
    """
    before = tx.now - room.lifetime_ms
    positions = find_outlived(tx, room.room_id, before=before, limit=BATCH_SIZE)
    empty_and_record(tx, positions, reason="lifetime")
    return len(positions)


def empty_and_record(tx: Tx, positions: Sequence[int], *, reason: Reason) -> None:
    """Empty events and write down how many, by room."""
    if not positions:
        return
    counts = empty_events(tx, positions)
    if not counts:
        return
    run_id = tx.new_id("run")
    tx.conn.execute(
        sa.insert(chat_retention_run),
        [
            {"run_id": run_id, "room_id": room_id, "reason": reason, "at": tx.now,
             "event_count": count}
            for room_id, count in counts.items()
        ],
    )  # fmt: skip


def forget_old_runs(tx: Tx) -> None:
    """Forget what was destroyed more than a year ago."""
    table = chat_retention_run
    tx.conn.execute(sa.delete(table).where(table.c.at < tx.now - _RUNS_KEPT_MS))
