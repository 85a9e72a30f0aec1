"""What the bank's statements say of one member: under which name it saw their money."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.db import Read, Tx
from teahouse.platform.json import Json, JsonObject
from teahouse.wallet.outside.tables import wallet_bank_order
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.pay_ins.tables import wallet_pay_in
from teahouse.wallet.reconciliation.tables import wallet_bank_statement_line

_LINES_MAX = 10_000

_line, _order = wallet_bank_statement_line.c, wallet_bank_order.c
_pay_in = wallet_pay_in.c


def export_member(read: Read, user_id: str) -> JsonObject:
    """The lines of the bank's statements that are of a member's orders, or came for them."""
    party = find_party(read, user_id)
    if party is None:
        return {"bank_statement_lines": []}
    rows = read.conn.execute(
        sa.select(_line.booked_on, _line.minor, _line.name, _line.text, _line.order_id)
        .where(_is_of(party))
        .order_by(_line.statement_id, _line.line_index)
        .limit(_LINES_MAX)
    )
    lines: list[Json] = [
        {
            "booked_on": str(row.booked_on),
            "minor": row.minor,
            "name": row.name,
            "text": row.text,
            "order_id": row.order_id,
        }
        for row in rows
    ]
    return {"bank_statement_lines": lines}


def erase_member(tx: Tx, user_id: str) -> None:
    """Take names out of the lines of a member's orders, and of what came for them.

    It must run before the member is cut off from their party.

    What the law keeps of it was sealed before. Amounts stay, as the bank stated them.
    """
    party = find_party(tx, user_id)
    if party is not None:
        tx.conn.execute(
            sa.update(wallet_bank_statement_line).where(_is_of(party)).values(name="", text="")
        )


def _is_of(party: str) -> sa.ColumnElement[bool]:
    orders = sa.select(_order.order_id).where(_order.party == party)
    pay_ins = sa.select(_pay_in.pay_in_id).where(_pay_in.party == party)
    return sa.or_(_line.order_id.in_(orders), _line.order_id.in_(pay_ins))
