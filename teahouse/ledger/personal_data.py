"""What the books hold of one owner, for export.

Erasing a member cuts their party off (the wallet does): nothing here then says who it was. The
books themselves are kept as long as the law of bookkeeping asks, so there is nothing to erase.
"""

from __future__ import annotations

from typing import Final

from teahouse import privacy
from teahouse.ledger.queries import LINES_MAX, find_balance, list_accounts, list_postings
from teahouse.ledger.types import PostingLine
from teahouse.platform.db import Read
from teahouse.platform.json import JsonObject, decode_json, encode_json

_LINES_MAX = 100_000


def export_owner(read: Read, owner: str) -> JsonObject:
    """All accounts of an owner, with their balances and every line of their statements.

    Args:
        read: a view of the database.
        owner: as the accounts were opened with.

    Returns:
        JSON; without accounts where there never was such an owner.
    """
    accounts = [
        {
            "account": account,
            "balance": find_balance(read, account.id),
            "postings": _list_all(read, account.id),
        }
        for account in list_accounts(read, owner=owner)
    ]
    found: JsonObject = decode_json(encode_json({"accounts": accounts}))
    return found


def _list_all(read: Read, account_id: str) -> list[PostingLine]:
    lines: list[PostingLine] = []
    cursor = 0
    while len(lines) < _LINES_MAX and (
        page := list_postings(read, account_id, after=cursor, limit=LINES_MAX)
    ):
        lines += page
        cursor = page[-1].cursor
    return lines


_BOOKS: Final = privacy.NobodysOwn(
    "The books name parties, and nobody knows whose they were once a member is cut off.",
    "账簿只记代号；与成员断开之后，没有人知道代号属于谁。",
    by_law=True,
)
OWNERSHIPS: Final[privacy.DeclaredOwnership] = {
    "ledger_account": _BOOKS,
    "ledger_posting": _BOOKS,
    "ledger_transaction": _BOOKS,
}
