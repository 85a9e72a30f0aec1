"""Reporting, and deciding on join requests."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from teahouse import accounts
from teahouse.chat.event_store.commands import RoomStore
from teahouse.chat.event_store.queries import find_event, find_head, find_membership
from teahouse.chat.moderation.access import access_join_requests
from teahouse.chat.moderation.errors import NoJoinRequest, NothingToReport, TooManyReports
from teahouse.chat.moderation.queries import count_reports
from teahouse.chat.moderation.rules import check_reason
from teahouse.chat.moderation.tables import chat_report, chat_staff_access
from teahouse.chat.moderation.types import JoinDecision
from teahouse.chat.rooms.commands import change_membership
from teahouse.chat.rooms.queries import find_visible_stretches
from teahouse.chat.rooms.types import MembershipChange
from teahouse.platform.db import Tx
from teahouse.platform.requester import Requester

REPORTS_PER_DAY_MAX: Final = 100
_DAY_MS: Final = 86_400_000
_HOUR_MS: Final = 3_600_000


def report_room(tx: Tx, requester: Requester, *, room_id: str, reason: str) -> None:
    """Tell the moderators of the server of a room.

    Raises:
        NothingToReport: there is no such room.
        TooManyReports: by this member today.
    """
    check_reason(reason)
    if find_head(tx, room_id) is None:
        raise NothingToReport
    _insert_report(tx, requester, reason, room_id=room_id)


def report_event(tx: Tx, requester: Requester, *, room_id: str, event_id: str, reason: str) -> str:
    """Tell the moderators of the server of an event.

    Returns:
        The id of the report.

    Raises:
        NothingToReport: there is no such event, or the requester cannot see it.
        TooManyReports: by this member today.
    """
    check_reason(reason)
    membership = find_membership(tx, requester.user_id, room_id)
    event = find_event(tx, room_id, event_id)
    if event is None or membership is None or membership.membership != "join":
        raise NothingToReport
    stretches = find_visible_stretches(tx, room_id, requester.user_id)
    if not any(event.position in stretch for stretch in stretches):
        raise NothingToReport
    about = {"room_id": room_id, "event_id": event_id, "user_id": event.sender}
    return _insert_report(tx, requester, reason, **about)


def report_user(tx: Tx, requester: Requester, *, user_id: str, reason: str) -> None:
    """Tell the moderators of the server of a member.

    Raises:
        NothingToReport: there is no such member.
        TooManyReports: by this member today.
    """
    check_reason(reason)
    if not accounts.member_exists(tx, user_id):
        raise NothingToReport
    _insert_report(tx, requester, reason, user_id=user_id)


def _insert_report(tx: Tx, requester: Requester, reason: str, **about: str) -> str:
    made = count_reports(tx, requester.user_id, since=tx.now - _DAY_MS)
    if made >= REPORTS_PER_DAY_MAX:
        raise TooManyReports(retry_after_ms=_HOUR_MS)
    report_id = tx.new_id("report")
    tx.conn.execute(
        sa.insert(chat_report).values(
            report_id=report_id,
            reported_at=tx.now,
            reporter=requester.user_id,
            reason=reason,
            **about,
        )
    )
    return report_id


def decide_join_request(
    tx: Tx, store: RoomStore, requester: Requester, *, room_id: str, decision: JoinDecision
) -> None:
    """Let somebody in who knocks (by an invite), or turn them away.

    Raises:
        NotAModerator: the requester may not let others in.
        NoJoinRequest: the member does not knock.
        Forbidden: the room's rules refuse it, such as turning away without the power to kick.
    """
    if decision.reason is not None:
        check_reason(decision.reason)
    access_join_requests(tx, requester, room_id)
    membership = find_membership(tx, decision.user_id, room_id)
    if membership is None or membership.membership != "knock":
        raise NoJoinRequest
    change_membership(
        tx,
        store,
        MembershipChange(
            room_id=room_id,
            sender=requester.user_id,
            target=decision.user_id,
            membership="invite" if decision.decision == "approve" else "leave",
            reason=decision.reason,
        ),
    )


def note_access(
    tx: Tx, requester: Requester, deed: str, about: str = "", *, reason: str = ""
) -> None:
    """Note that one of the staff looks at something or changes it.

    Args:
        tx: the transaction.
        requester: who of the staff.
        deed: what is done, as declared by `privacy.declare_deed`.
        about: the member, room or medium it is about; empty where it is about all.
        reason: why, where what was asked says it; otherwise the requester must have.
    """
    accounts.note_staff_act(tx, requester, deed, about, reason=reason)


def follow_staff(tx: Tx, acted: accounts.StaffActed) -> None:
    """Note what one of the staff did."""
    tx.conn.execute(
        sa.insert(chat_staff_access).values(
            access_id=tx.new_id("access"),
            at=tx.now,
            staff_user_id=acted.staff_user_id,
            deed=acted.deed,
            about=acted.about,
        )
    )
