"""Grants and revokes staff roles."""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa

from teahouse import privacy
from teahouse.accounts.announcements import RolesChanged, StaffActed
from teahouse.accounts.members.queries import is_active
from teahouse.accounts.staff.queries import holds_role, list_staff
from teahouse.accounts.staff.rules import check_power
from teahouse.accounts.tables import accounts_staff_log, accounts_staff_role
from teahouse.platform.db import Tx
from teahouse.platform.errors import NotFound
from teahouse.platform.requester import Requester, Role

CHANGE_ROLE = privacy.declare_deed("roles.change", "accounts_staff_role.role")

_r = accounts_staff_role.c


def grant_role(tx: Tx, user_id: str, role: Role, *, by: Requester | None) -> None:
    """Give a member a staff role; nothing happens where they hold it.

    Args:
        tx: the transaction it becomes part of.
        user_id: who gets it.
        role: which.
        by: the operator who grants it; None: the command line.

    Raises:
        Forbidden: `by` is no operator.
        NotFound: no such account, or it is closed.
    """
    if by is not None:
        check_power(by, "roles.change")
    if not is_active(tx, user_id):
        raise NotFound("There is no such member.")
    if holds_role(tx, user_id, role):
        return
    tx.conn.execute(
        sa.insert(accounts_staff_role).values(
            user_id=user_id,
            role=role,
            granted_at=tx.now,
            granted_by=by.user_id if by else None,
        )
    )
    _log(tx, user_id, role, by=by, change="granted")


def revoke_role(tx: Tx, user_id: str, role: Role, *, by: Requester | None) -> None:
    """Take a staff role from a member.

    Raises:
        Forbidden: `by` is no operator.
        NotFound: the member does not hold it.
    """
    if by is not None:
        check_power(by, "roles.change")
    removed = tx.conn.execute(
        sa.delete(accounts_staff_role).where(_r.user_id == user_id, _r.role == role)
    )
    if removed.rowcount == 0:
        raise NotFound("The member does not hold this role.")
    _log(tx, user_id, role, by=by, change="revoked")


def change_role(
    tx: Tx, requester: Requester, user_id: str, role: Role, *, change: Literal["grant", "revoke"]
) -> None:
    """Give a member a role or take it, as an operator; the member can read that in the log.

    Raises:
        Forbidden, NotFound: as of `grant_role` and `revoke_role`.
        ReasonNeeded: nobody said why.
    """
    check_power(requester, "roles.change")
    note_staff_act(tx, requester, CHANGE_ROLE, user_id)
    (grant_role if change == "grant" else revoke_role)(tx, user_id, role, by=requester)


def revoke_all_roles(tx: Tx, user_id: str) -> None:
    """Take all staff roles from a member who leaves."""
    for grant in list_staff(tx, user_id):
        revoke_role(tx, user_id, grant.role, by=None)


def note_staff_act(
    tx: Tx, requester: Requester, deed: str, about: str = "", *, reason: str = ""
) -> None:
    """Tell that one of the staff sees or changes members' data; it is entered in the log.

    Called in the transaction that reads what is shown, or before it.

    Args:
        tx: the transaction it becomes part of.
        requester: of the staff.
        deed: what, as declared by `privacy.declare_deed`.
        about: the member; empty where it is about all.
        reason: why, where what was asked says it; otherwise the requester must have.

    Raises:
        ReasonNeeded: nobody said why.
    """
    why = reason.strip() or requester.needed_reason()
    tx.announce(StaffActed(requester.user_id, deed, about, why))


def enter_look(tx: Tx, acted: StaffActed) -> None:
    """Enter in the log of who looked what one of the staff did, in the same transaction."""
    held = sorted(grant.role for grant in list_staff(tx, acted.staff_user_id))
    look = privacy.Look(
        actor=acted.staff_user_id,
        role=", ".join(held),
        fields=privacy.DEEDS[acted.deed],
        reason=acted.reason,
        deed=acted.deed,
    )
    # Who is in a room changes: whoever might be meant may know that one was looked at.
    of_all = not acted.about or acted.about.startswith("!")
    privacy.record_look(tx, look, about=privacy.EVERYBODY if of_all else acted.about)


def _log(
    tx: Tx,
    user_id: str,
    role: Role,
    *,
    by: Requester | None,
    change: Literal["granted", "revoked"],
) -> None:
    tx.conn.execute(
        sa.insert(accounts_staff_log).values(
            entry_id=tx.new_id("staff"),
            at=tx.now,
            by_user_id=by.user_id if by else None,
            user_id=user_id,
            role=role,
            change=change,
        )
    )
    # Another process that serves this house sees by it that what it remembers of roles is old.
    tx.next_position()
    tx.announce(RolesChanged(user_id))
