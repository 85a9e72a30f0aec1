"""What charges hold of one member: what they paid to shops. The law of bookkeeping keeps it."""

from __future__ import annotations

from typing import cast

import msgspec

from teahouse.platform.db import Read, Tx
from teahouse.platform.json import JsonObject
from teahouse.platform.requester import Requester
from teahouse.wallet.charges.commands import blank_words
from teahouse.wallet.charges.queries import list_own_charges
from teahouse.wallet.parties.queries import find_party

_EXPORTED_MAX = 100_000


def export_member(read: Read, user_id: str) -> JsonObject:
    """What a member has paid to shops."""
    page = list_own_charges(read, Requester(user_id=user_id), wanted={}, limit=_EXPORTED_MAX)
    return cast("JsonObject", {"charges": msgspec.to_builtins(page.items)})


def erase_member(tx: Tx, user_id: str) -> None:
    """Blank what an erased member wrote; before their party is cut off."""
    party = find_party(tx, user_id)
    if party is not None:
        blank_words(tx, party)
