"""Changes what members allowed."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse import accounts
from teahouse.miniprograms.grants.errors import PermissionNotDeclared, TooManyGrants
from teahouse.miniprograms.grants.queries import GRANTS_MAX, require_grant
from teahouse.miniprograms.grants.tables import miniprograms_alias, miniprograms_grant
from teahouse.miniprograms.grants.types import Decision, Grant, Whoami
from teahouse.miniprograms.registry.types import Manifest
from teahouse.platform.db import Tx, upsert
from teahouse.platform.requester import Requester

# 16 random bytes: nobody finds another's, and nobody finds out whose one is.
_ALIAS_BYTES = 16
_g = miniprograms_grant.c
_a = miniprograms_alias.c


def decide(tx: Tx, requester: Requester, program: Manifest, decision: Decision) -> Grant:
    """Keep a member's answer to a program's question.

    Raises:
        PermissionNotDeclared: the program may not ask for this.
        TooManyGrants: `GRANTS_MAX` answers are kept already.
    """
    is_of_room = decision.permission == "room"
    if decision.permission not in program.permissions or is_of_room != bool(decision.room_id):
        raise PermissionNotDeclared
    kept = tx.conn.execute(
        sa.select(sa.func.count()).where(_g.user_id == requester.user_id)
    ).scalar_one()
    if kept >= GRANTS_MAX:
        raise TooManyGrants
    grant = Grant(
        program_id=program.id,
        permission=decision.permission,
        is_allowed=decision.is_allowed,
        room_id=decision.room_id,
        decided_at=tx.now,
    )
    row = {name: getattr(grant, name) for name in grant.__struct_fields__}
    keep = upsert(miniprograms_grant, "is_allowed", "decided_at")
    tx.conn.execute(keep.values(user_id=requester.user_id, **row))
    if decision.permission == "profile" and not decision.is_allowed:
        _forget_alias(tx, requester.user_id, program.id)
    return grant


def take_back(tx: Tx, requester: Requester, program_id: str) -> None:
    """Forget all that a member answered a program, and the id it knows them by.

    Also of a program that is no longer installed. It will have to ask anew.
    """
    tx.conn.execute(
        sa.delete(miniprograms_grant).where(
            _g.user_id == requester.user_id, _g.program_id == program_id
        )
    )
    _forget_alias(tx, requester.user_id, program_id)


def _forget_alias(tx: Tx, user_id: str, program_id: str) -> None:
    tx.conn.execute(
        sa.delete(miniprograms_alias).where(_a.user_id == user_id, _a.program_id == program_id)
    )


def identify(tx: Tx, requester: Requester, program_id: str) -> Whoami:
    """Who a member is to a program.

    Raises:
        PermissionMissing: they have not allowed it.
    """
    require_grant(tx, requester.user_id, program_id, "profile")
    profile = accounts.find_profile(tx, requester.user_id)
    name = profile.displayname or accounts.localpart_of(requester.user_id)
    return Whoami(id=_find_alias(tx, requester.user_id, program_id), display_name=name)


def _find_alias(tx: Tx, user_id: str, program_id: str) -> str:
    known: str | None = tx.conn.execute(
        sa.select(_a.alias).where(_a.user_id == user_id, _a.program_id == program_id)
    ).scalar_one_or_none()
    if known is not None:
        return known
    alias = f"mpu_{tx.chance.secrets.token(_ALIAS_BYTES)}"
    tx.conn.execute(
        sa.insert(miniprograms_alias).values(
            user_id=user_id, program_id=program_id, alias=alias, made_at=tx.now
        )
    )
    return alias


def forget_member(tx: Tx, user_id: str) -> None:
    """Erase all that is kept of a member's answers."""
    tx.conn.execute(sa.delete(miniprograms_grant).where(_g.user_id == user_id))
    tx.conn.execute(sa.delete(miniprograms_alias).where(_a.user_id == user_id))
