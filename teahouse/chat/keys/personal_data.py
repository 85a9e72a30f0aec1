"""What keys say about a member: for export and erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec
import sqlalchemy as sa

from teahouse.chat.keys.commands import remove_member
from teahouse.chat.keys.queries import find_cross_signing_keys, find_device_keys
from teahouse.chat.keys.tables import chat_dehydrated_device, chat_signature

if TYPE_CHECKING:
    from teahouse.platform.db import Read, Tx
    from teahouse.platform.json import JsonObject


def export_member(read: Read, user_id: str) -> JsonObject:
    """A member's public keys, the signatures they made, and their sealed device."""
    signature, dehydrated = chat_signature.c, chat_dehydrated_device.c
    signed = read.conn.execute(
        sa.select(signature.target_user_id, signature.target_key_id, signature.signer_key_id)
        .where(signature.signer_user_id == user_id)
        .order_by(signature.target_user_id, signature.target_key_id)
    )
    sealed = read.conn.execute(
        sa.select(dehydrated.device_data).where(dehydrated.user_id == user_id)
    ).scalar_one_or_none()
    exported = {
        "device_keys": find_device_keys(read, [user_id]).get(user_id, {}),
        "cross_signing_keys": {
            usage: stored.key
            for usage, stored in find_cross_signing_keys(read, [user_id]).get(user_id, {}).items()
        },
        "signed": [{"user_id": row[0], "key_id": row[1], "with": row[2]} for row in signed],
        "dehydrated_device": None if sealed is None else msgspec.json.decode(sealed),
    }
    return cast("JsonObject", exported)


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase all keys of a member."""
    remove_member(tx, user_id)
