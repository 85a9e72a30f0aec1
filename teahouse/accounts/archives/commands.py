"""Brings a profile in, and takes it back where the member has not changed it since."""

from __future__ import annotations

from teahouse import privacy
from teahouse.accounts.profiles.commands import remove_profile_field, set_profile_field
from teahouse.accounts.profiles.queries import find_field
from teahouse.platform.db import Tx
from teahouse.platform.errors import Refusal
from teahouse.platform.json import Json, decode_json, encode_json
from teahouse.platform.requester import Requester


def bring_field(
    tx: Tx, import_id: str, user_id: str, *, field: str, value: Json, kind: str = "profile"
) -> None:
    """Set a field, noting what stood there before. One that is not valid here stays behind."""
    before = find_field(tx, user_id, field)
    try:
        set_profile_field(tx, Requester(user_id=user_id), user_id, field=field, value=value)
    except Refusal:
        # Another house may allow more; nothing was written.
        return
    item = privacy.Item(
        kind=kind,
        key=field,
        made=encode_json(value).decode(),
        before="" if before is None else encode_json(before[0]).decode(),
    )
    privacy.note_item(tx, import_id, user_id, item)


def take_back_field(tx: Tx, user_id: str, item: privacy.Item) -> None:
    """Put back what stood there before."""
    requester, now = Requester(user_id=user_id), find_field(tx, user_id, item.key)
    if now is None or encode_json(now[0]).decode() != item.made:
        return
    if not item.before:
        remove_profile_field(tx, requester, user_id, item.key)
        return
    before = decode_json(item.before.encode())
    set_profile_field(tx, requester, user_id, field=item.key, value=before)
