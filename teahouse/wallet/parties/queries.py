"""Reads parties."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from teahouse.platform.db import Read
from teahouse.wallet.parties.tables import wallet_party
from teahouse.wallet.parties.types import Party, PartyId

_c = wallet_party.c
# For every payment; to be built once.
_select_party = sa.select(_c.party_id).where(_c.user_id == sa.bindparam("user_id"))
_select_user = sa.select(_c.user_id).where(_c.party_id == sa.bindparam("party"))


def find_party(read: Read, user_id: str) -> PartyId | None:
    """The party that a member is, or None before their first wallet and after their erasure."""
    found = read.conn.execute(_select_party, {"user_id": user_id}).scalar_one_or_none()
    return None if found is None else PartyId(found)


def user_of(read: Read, party: str) -> str | None:
    """The member behind a party; None for shops and erased members."""
    found: str | None = read.conn.execute(_select_user, {"party": party}).scalar_one_or_none()
    return found


def users_of(read: Read, parties: Iterable[str]) -> dict[PartyId, str]:
    """The members behind some parties; shops and erased members are left out."""
    wanted = sorted(set(parties))
    if not wanted:
        return {}
    rows = read.conn.execute(
        sa.select(_c.party_id, _c.user_id).where(_c.party_id.in_(wanted), _c.user_id.is_not(None))
    )
    return {PartyId(row.party_id): row.user_id for row in rows}


def load_party(read: Read, party: str) -> Party | None:
    """A party, or None where there is none."""
    row = read.conn.execute(
        sa.select(_c.party_id, _c.kind, _c.user_id).where(_c.party_id == party)
    ).one_or_none()
    return None if row is None else Party(PartyId(row.party_id), row.kind, row.user_id)


def party_exists(read: Read, party: str) -> bool:
    """Whether there is such a party."""
    return load_party(read, party) is not None
