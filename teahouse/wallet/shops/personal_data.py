"""What shops hold of one member: where they work. Shops themselves are no persons."""

from __future__ import annotations

from typing import cast

import msgspec

from teahouse.platform.db import Read, Tx
from teahouse.platform.json import JsonObject
from teahouse.platform.requester import Requester
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.shops.commands import leave_all_shops
from teahouse.wallet.shops.queries import list_my_shops


def export_member(read: Read, user_id: str) -> JsonObject:
    """The shops a member works for, and as what."""
    mine = list_my_shops(read, Requester(user_id=user_id))
    return cast("JsonObject", {"shops": msgspec.to_builtins(mine)})


def erase_member(tx: Tx, user_id: str) -> None:
    """Let an erased member work nowhere; before their party is cut off."""
    party = find_party(tx, user_id)
    if party is not None:
        leave_all_shops(tx, party)
