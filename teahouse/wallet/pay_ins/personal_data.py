"""What paying in says about a member: for export and erasure."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.db import Read, Tx
from teahouse.platform.json import JsonObject, decode_json, encode_json
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.pay_ins.commands import forget_references
from teahouse.wallet.pay_ins.queries import list_pay_ins
from teahouse.wallet.pay_ins.tables import wallet_pay_in, wallet_pay_in_reference

_PAY_INS_MAX = 10_000


def export_member(read: Read, user_id: str) -> JsonObject:
    """A member's references, and all that came with them."""
    party = find_party(read, user_id)
    if party is None:
        return {"references": [], "pay_ins": []}
    row = wallet_pay_in_reference.c
    rows = read.conn.execute(
        sa.select(row.currency, row.reference).where(row.party == party).order_by(row.currency)
    )
    told = {
        "references": [{"currency": one.currency, "reference": one.reference} for one in rows],
        "pay_ins": list_pay_ins(read, party, before=None, limit=_PAY_INS_MAX).items,
    }
    found: JsonObject = decode_json(encode_json(told))
    return found


def erase_member(tx: Tx, user_id: str) -> None:
    """Forget a member's references and who paid; amounts stay in the books, of a party of nobody's.

    It must run before the member is cut off from their party.
    """
    party = find_party(tx, user_id)
    if party is None:
        return
    forget_references(tx, party)
    tx.conn.execute(sa.update(wallet_pay_in).where(wallet_pay_in.c.party == party).values(name=""))
