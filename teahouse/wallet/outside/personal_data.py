"""What the link to outside banks holds of one member."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.accounts import Seal
from teahouse.platform.db import Read, Tx
from teahouse.platform.json import JsonObject, decode_json, encode_json
from teahouse.wallet.outside.access import open_secret, select_orders, to_order
from teahouse.wallet.outside.commands import remove_accounts_of
from teahouse.wallet.outside.queries import list_outside_accounts
from teahouse.wallet.outside.tables import wallet_bank_order, wallet_outside_account
from teahouse.wallet.parties.queries import find_party

_ORDERS_MAX = 10_000


def export_member(read: Read, user_id: str, seal: Seal) -> JsonObject:
    """A member's outside accounts, with their whole numbers, and all that moved from and to them.

    Args:
        read: a view.
        user_id: the member.
        seal: opens the numbers.
    """
    party = find_party(read, user_id)
    if party is None:
        return {}
    orders = select_orders().where(wallet_bank_order.c.party == party)
    latest = orders.order_by(wallet_bank_order.c.order_id.desc()).limit(_ORDERS_MAX)
    told = {
        "outside_accounts": list_outside_accounts(read, party, seal),
        "numbers": _list_numbers(read, party, seal),
        "bank_orders": [to_order(row) for row in read.conn.execute(latest)],
    }
    found: JsonObject = decode_json(encode_json(told))
    return found


def erase_member(tx: Tx, user_id: str) -> None:
    """Remove a member's outside accounts; orders stay in the books, under the party's id.

    It must run before the member is cut off from their party.
    """
    party = find_party(tx, user_id)
    if party is not None:
        remove_accounts_of(tx, party)


def _list_numbers(read: Read, party: str, seal: Seal) -> dict[str, str]:
    row = wallet_outside_account.c
    found = sa.select(wallet_outside_account).where(row.party == party, row.sealed.is_not(None))
    return {
        one.outside_account_id: open_secret(one, seal).number
        for one in read.conn.execute(found.order_by(row.outside_account_id))
    }
