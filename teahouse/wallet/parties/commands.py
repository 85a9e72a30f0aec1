"""Makes parties, and cuts erased members off from theirs."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.db import Tx
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.parties.tables import wallet_party
from teahouse.wallet.parties.types import PartyId, PartyKind

PARTY = "pty"
_c = wallet_party.c


def party_of(tx: Tx, user_id: str) -> PartyId:
    """The party that a member is; made at the first call.

    Args:
        tx: the transaction.
        user_id: of a member that is there: the caller has made sure.
    """
    found = find_party(tx, user_id)
    return found or _add(tx, "member", user_id)


def new_shop_party(tx: Tx) -> PartyId:
    """A party for a new shop."""
    return _add(tx, "shop", None)


def cut_off(tx: Tx, user_id: str) -> PartyId | None:
    """Let a member's party be nobody's: lawful records stay, and name nobody.

    Returns:
        The party, or None where the member had none.
    """
    found = find_party(tx, user_id)
    if found is not None:
        tx.conn.execute(sa.update(wallet_party).where(_c.party_id == found).values(user_id=None))
    return found


def _add(tx: Tx, kind: PartyKind, user_id: str | None) -> PartyId:
    made = PartyId(tx.new_id(PARTY))
    tx.conn.execute(
        sa.insert(wallet_party).values(party_id=made, kind=kind, user_id=user_id, created_at=tx.now)
    )
    return made
