"""Makes suggestions for who consents, and forgets those that are too old."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from teahouse import privacy
from teahouse.chat.suggestions.queries import find_suggestions
from teahouse.chat.suggestions.tables import KEEP_MS, chat_suggestion
from teahouse.platform.db import Tx, upsert
from teahouse.platform.json import encode_json

BATCH_SIZE: Final = 50
_PURPOSE: Final = privacy.CONTACT_SUGGESTIONS.name


def follow_consent(tx: Tx, changed: privacy.ConsentChanged, keys: privacy.PurposeKeys) -> None:
    """Suggest at once to who says yes. Who takes it back: `PurposeKeys` has forgotten theirs."""
    if changed.purpose == _PURPOSE and changed.is_given:
        suggest(tx, changed.user_id, keys)


def suggest(tx: Tx, user_id: str, keys: privacy.PurposeKeys) -> None:
    """Make a member's suggestions anew, if they consent."""
    text = encode_json(find_suggestions(tx, user_id))
    sealed = keys.seal(tx, user_id, chat_suggestion.c.sealed, text)
    if sealed is not None:
        tx.conn.execute(
            upsert(chat_suggestion, "made_at", "sealed").values(
                user_id=user_id, made_at=tx.now, sealed=sealed
            )
        )


def suggest_to_some(tx: Tx, keys: privacy.PurposeKeys, after: str) -> str | None:
    """Make the suggestions of some members anew.

    Args:
        tx: the transaction.
        keys: seal them.
        after: the id of the member before the first.

    Returns:
        The id of the last member, None at the end.
    """
    found = privacy.list_consenting(tx, _PURPOSE, after=after, limit=BATCH_SIZE)
    for user_id in found:
        suggest(tx, user_id, keys)
    return found[-1] if found else None


def forget_old(tx: Tx) -> None:
    """Forget suggestions that were not made anew for 30 days."""
    tx.conn.execute(sa.delete(chat_suggestion).where(chat_suggestion.c.made_at < tx.now - KEEP_MS))
