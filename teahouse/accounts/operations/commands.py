"""What the staff do by the console. Every look at members is told."""

from __future__ import annotations

from teahouse import privacy
from teahouse.accounts.operations.queries import list_members
from teahouse.accounts.operations.types import ListedMember
from teahouse.accounts.staff.commands import note_staff_act
from teahouse.accounts.staff.rules import check_power
from teahouse.platform.db import Tx
from teahouse.platform.jobs import discard_job, replay_job
from teahouse.platform.requester import Requester

LIST_MEMBERS = privacy.declare_deed(
    "members.list",
    "accounts_member.user_id",
    "accounts_member.created_at",
    "accounts_member.deactivated_at",
    "accounts_profile.value",
    "accounts_staff_role.role",
)


def look_at_members(
    tx: Tx, requester: Requester, *, search: str, after: str, limit: int
) -> list[ListedMember]:
    """Show members to one of the staff, and tell that they looked.

    Raises:
        Forbidden: the requester may not see members.
    """
    check_power(requester, "members.list")
    note_staff_act(tx, requester, LIST_MEMBERS)
    return list_members(tx, search=search, after=after, limit=limit)


def replay_dead_job(tx: Tx, requester: Requester, job_id: str) -> None:
    """Give a dead job all its tries again.

    Raises:
        Forbidden: the requester may not change jobs.
        NotFound: there is no dead job of that id.
    """
    check_power(requester, "jobs.change")
    replay_job(tx, job_id)


def discard_dead_job(tx: Tx, requester: Requester, job_id: str) -> None:
    """Give a dead job up for good.

    Raises:
        Forbidden: the requester may not change jobs.
        NotFound: there is no dead job of that id.
    """
    check_power(requester, "jobs.change")
    discard_job(tx, job_id)
