"""Erasing a member: at once what is theirs alone, later what they said."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from teahouse.chat.account_data import personal_data as account_data
from teahouse.chat.erasure.queries import find_emptiable
from teahouse.chat.erasure.types import MemberToErase
from teahouse.chat.event_store.commands import RoomStore
from teahouse.chat.event_store.tables import chat_event
from teahouse.chat.filters import personal_data as filters
from teahouse.chat.key_backup import personal_data as key_backup
from teahouse.chat.keys import personal_data as keys
from teahouse.chat.media import personal_data as media
from teahouse.chat.moderation import personal_data as moderation
from teahouse.chat.push import commands as push
from teahouse.chat.pushers import personal_data as pushers
from teahouse.chat.receipts import personal_data as receipts
from teahouse.chat.retention.commands import empty_and_record
from teahouse.chat.sanctions import personal_data as sanctions
from teahouse.chat.to_device import personal_data as to_device
from teahouse.chat.verified_reports import personal_data as verified_reports
from teahouse.platform.db import Tx
from teahouse.platform.jobs import enqueue

ERASE_HISTORY: Final = "chat.erase_history"


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase what is a member's alone, and ask for the job that empties what they said.

    Args:
        tx: the transaction.
        user_id: a member whose account is closed; their events stay where they are, emptied.
    """
    push.remove_member(tx, user_id)
    for subject in (
        account_data,
        filters,
        receipts,
        media,
        keys,
        key_backup,
        to_device,
        moderation,
        verified_reports,
        sanctions,
        pushers,
    ):
        subject.erase_member(tx, user_id)
    enqueue(tx, ERASE_HISTORY, MemberToErase(user_id), key=user_id)


def empty_events_about(
    tx: Tx, store: RoomStore, user_id: str, *, room_id: str, positions: list[int]
) -> None:
    """Empty what a member said in a room, and the memberships that show their profile.

    Args:
        tx: the transaction.
        store: forgets the room, whose remembered state may show the profile.
        user_id: the member.
        room_id: the room.
        positions: of events of that room that they sent or that are about them.
    """
    empty_and_record(tx, find_emptiable(tx, positions), reason="erased")
    tx.conn.execute(
        sa.update(chat_event)
        .where(chat_event.c.position.in_(positions), chat_event.c.sender == user_id)
        .values(sender_device=None, client_txn_id=None)
    )
    store.forget(room_id)
