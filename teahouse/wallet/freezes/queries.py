"""Reads freezes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from teahouse.platform.db import Read
from teahouse.wallet.freezes.errors import FreezeNotFound
from teahouse.wallet.freezes.rules import is_in_force
from teahouse.wallet.freezes.tables import wallet_freeze, wallet_freeze_log
from teahouse.wallet.freezes.types import Freeze, FreezeView, LogLine, StaffView
from teahouse.wallet.parties.queries import find_party, user_of
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.wallets.queries import list_wallets
from teahouse.wallet.wallets.types import Wallet

# A member with more is one whom the staff knows.
FREEZES_MAX = 200

_f = wallet_freeze.c
_l = wallet_freeze_log.c


def find_freeze_of(read: Read, wallet: Wallet) -> Freeze | None:
    """The freeze that stops a wallet now, the oldest of several."""
    found = (
        freeze
        for freeze in list_in_force(read, wallet.party)
        if freeze.wallet_id in {None, wallet.id}
    )
    return next(found, None)


def list_in_force(read: Read, party: PartyId) -> list[Freeze]:
    """All freezes of a party that hold now, the oldest first."""
    statement = (
        sa.select(wallet_freeze)
        .where(_f.party == party, _f.status == "in_force")
        .order_by(_f.freeze_id)
        .limit(FREEZES_MAX)
    )
    found = [_freeze(row) for row in read.conn.execute(statement)]
    return [freeze for freeze in found if is_in_force(freeze, read.now)]


def find_freeze(read: Read, freeze_id: str) -> Freeze:
    """A freeze.

    Raises:
        FreezeNotFound: there is none.
    """
    row = read.conn.execute(sa.select(wallet_freeze).where(_f.freeze_id == freeze_id)).one_or_none()
    if row is None:
        raise FreezeNotFound
    return _freeze(row)


def list_own_freezes(read: Read, user_id: str) -> list[FreezeView]:
    """A member's freezes, those of the past too; what is only proposed is not told."""
    return list_freezes_of(read, find_party(read, user_id))


def list_freezes_of(read: Read, party: PartyId | None) -> list[FreezeView]:
    """A party's freezes as it sees them itself."""
    statement = (
        sa.select(wallet_freeze)
        .where(_f.party == party, _f.status.in_(("in_force", "lifted", "lapsed")))
        .order_by(_f.freeze_id.desc())
        .limit(FREEZES_MAX)
    )
    return [show_freeze(_freeze(row), read.now) for row in read.conn.execute(statement)]


def show_freeze(freeze: Freeze, now: int) -> FreezeView:
    """A freeze as its member sees it."""
    is_gagged = freeze.gag_until is not None and freeze.gag_until > now
    holds = is_in_force(freeze, now)
    return FreezeView(
        freeze_id=freeze.freeze_id,
        wallet_id=freeze.wallet_id,
        kind=freeze.kind,
        status="lapsed" if freeze.status == "in_force" and not holds else freeze.status,
        since=freeze.created_at,
        until=freeze.lapses_at,
        reason=None if is_gagged else freeze.reason,
        reason_from=freeze.gag_until if is_gagged else None,
        can_lift=freeze.kind == "own" and holds,
    )


def list_freezes(read: Read, status: str, *, before: str | None, limit: int) -> list[StaffView]:
    """Freezes of all members at one status, the latest first, for officers."""
    statement = (
        sa.select(wallet_freeze)
        .where(_f.status == status)
        .order_by(_f.freeze_id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(_f.freeze_id < before)
    return [_staff_view(read, _freeze(row)) for row in read.conn.execute(statement)]


def find_staff_view(read: Read, freeze_id: str) -> StaffView:
    """A freeze with its log, for officers.

    Raises:
        FreezeNotFound: there is none.
    """
    return _staff_view(read, find_freeze(read, freeze_id))


def list_overdue(read: Read) -> list[Freeze]:
    """Emergency freezes that nobody approved in time."""
    statement = (
        sa.select(wallet_freeze)
        .where(_f.status == "in_force", _f.lapses_at <= read.now)
        .order_by(_f.lapses_at)
        .limit(FREEZES_MAX)
    )
    return [_freeze(row) for row in read.conn.execute(statement)]


def list_log(read: Read, freeze_id: str) -> list[LogLine]:
    """All that was done to a freeze, the first first."""
    statement = (
        sa.select(_l.at, _l.act, _l.by_user_id, _l.note)
        .where(_l.freeze_id == freeze_id)
        .order_by(_l.number)
        .limit(FREEZES_MAX)
    )
    return [
        LogLine(row.at, row.act, row.by_user_id, row.note) for row in read.conn.execute(statement)
    ]


def find_open_though_frozen(read: Read) -> Iterator[str]:
    """Wallets that take part in payments although a freeze holds them."""
    statement = sa.select(_f.party).where(_f.status == "in_force").distinct().order_by(_f.party)
    for party in read.conn.execute(statement).scalars():
        for freeze in list_in_force(read, party):
            for wallet in list_wallets(read, party):
                is_held = freeze.wallet_id in {None, wallet.id}
                # One that was opened since is stopped by the freeze itself.
                if is_held and wallet.status == "open" and wallet.opened_at < freeze.created_at:
                    yield f"wallet {wallet.id} is open, and {freeze.freeze_id} freezes it"


def _staff_view(read: Read, freeze: Freeze) -> StaffView:
    return StaffView(freeze, user_of(read, freeze.party), list_log(read, freeze.freeze_id))


def _freeze(row: sa.Row[*tuple[Any, ...]]) -> Freeze:
    return Freeze(
        freeze_id=row.freeze_id,
        party=row.party,
        wallet_id=row.wallet_id,
        kind=row.kind,
        is_total=bool(row.is_total),
        status=row.status,
        reason=row.reason,
        gag_until=row.gag_until,
        created_at=row.created_at,
        created_by=row.created_by,
        approved_by=row.approved_by,
        lapses_at=row.lapses_at,
        lift_proposed_by=row.lift_proposed_by,
    )
