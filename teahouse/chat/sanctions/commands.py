"""Imposes sanctions, hears appeals, and ends what has ended."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import sqlalchemy as sa

from teahouse import accounts, privacy
from teahouse.chat.auth_rules import server_name_of
from teahouse.chat.event_store.announcements import EventsAppended
from teahouse.chat.event_store.commands import RoomStore
from teahouse.chat.event_store.queries import find_membership
from teahouse.chat.event_store.types import ROOM_MEMBER, StoredEvent, decode_content
from teahouse.chat.house.commands import send_house_message
from teahouse.chat.moderation.access import find_levels
from teahouse.chat.moderation.commands import note_access
from teahouse.chat.moderation.rules import log_entry
from teahouse.chat.moderation.types import LogEntry
from teahouse.chat.rooms.commands import change_membership, kick
from teahouse.chat.rooms.types import MembershipChange
from teahouse.chat.sanctions.errors import (
    AppealedAlready,
    BadSanction,
    NoSuchSanction,
    NothingToDecide,
    NotSuspendable,
    OwnDecision,
    TooLateToAppeal,
)
from teahouse.chat.sanctions.queries import find_due, find_sanction, find_standing
from teahouse.chat.sanctions.rules import TERMS, check_sanction, check_words, read_terms
from teahouse.chat.sanctions.tables import chat_sanction
from teahouse.chat.sanctions.types import (
    AppealDecision,
    Ending,
    NewSuspension,
    Removal,
    Sanction,
)
from teahouse.platform.db import Tx
from teahouse.platform.errors import NotFound, Refusal
from teahouse.platform.requester import Requester

CHANGED: Final = "org.teahouse.sanctions.changed"
"""To-device message to a member: something was imposed on them, or decided."""

_SEEN: Final = (
    "chat_sanction.user_id",
    "chat_sanction.by_user_id",
    "chat_sanction.reason",
    "chat_sanction.appeal",
    "chat_sanction.decision_reason",
    "chat_sanction.decided_by",
)
SEE: Final = privacy.declare_deed("sanctions.see", *_SEEN)
IMPOSE: Final = privacy.declare_deed("sanctions.impose", *_SEEN)
DECIDE: Final = privacy.declare_deed("sanctions.decide", *_SEEN)
LIFT: Final = privacy.declare_deed("sanctions.lift", "accounts_suspension.user_id")
SEE_SUSPENSION: Final = privacy.declare_deed("suspensions.see", "accounts_suspension.user_id")

_SENDER: Final = "moderation"
_ENDED_ON_ITS_DATE: Final = "The ban ended on its date."
_LIFTED: Final = "Lifted on appeal: {reason}"
# Of one run of the job; the next one takes more.
_DUE_AT_ONCE: Final = 100
_s = chat_sanction.c


# In rooms


def remove_from_room(
    tx: Tx, store: RoomStore, requester: Requester, *, room_id: str, removal: Removal
) -> None:
    """Kick or ban a member, with the rule, the reason and the end that they are told.

    Raises:
        BadSanction: no reason; a ban without an end within a year.
        Forbidden: the room's rules refuse it.
    """
    check_sanction(removal.reason, until=removal.until, now=tx.now)
    is_ban = removal.kind == "ban"
    if is_ban == (removal.until is None):
        raise BadSanction("A ban has an end, and a kick is over at once.")
    ends = {"until": removal.until} if is_ban else {}
    change = MembershipChange(
        room_id=room_id,
        sender=requester.user_id,
        target=removal.user_id,
        membership="ban" if is_ban else "leave",
        reason=removal.reason,
        content={TERMS: {"rule": removal.rule, **ends}},
    )
    (change_membership if is_ban else kick)(tx, store, change)


def follow_events(tx: Tx, appended: EventsAppended) -> None:
    """Note kicks and bans, whichever client they come from, so that each can be appealed."""
    for event in appended.events:
        if event.type == ROOM_MEMBER and event.state_key != event.sender:
            _follow_membership(tx, event)


def _follow_membership(tx: Tx, event: StoredEvent) -> None:
    entry = log_entry(event)
    if entry is None or entry.about is None:
        return
    if entry.deed in {"kick", "ban"}:
        _end(tx, find_standing(tx, "ban", entry.about, room_id=event.room_id), why="lifted")
        _insert_of_room(tx, event, entry)
    elif entry.deed == "unban":
        _end(tx, find_standing(tx, "ban", entry.about, room_id=event.room_id), why="lifted")


def _insert_of_room(tx: Tx, event: StoredEvent, entry: LogEntry) -> None:
    rule, until = read_terms(decode_content(event.json), now=tx.now)
    assert entry.about is not None
    is_ban = entry.deed == "ban"
    _insert(
        tx,
        kind=entry.deed,
        user_id=entry.about,
        by_user_id=entry.by,
        room_id=event.room_id,
        event_id=event.event_id,
        rule=rule,
        reason=entry.reason or "",
        until=until if is_ban else None,
    )


def _insert(tx: Tx, *, user_id: str, **columns: object) -> str:
    sanction_id = tx.new_id("sanction")
    tx.conn.execute(
        sa.insert(chat_sanction).values(
            sanction_id=sanction_id, user_id=user_id, imposed_at=tx.now, **columns
        )
    )
    _tell(tx, user_id)
    return sanction_id


def _tell(tx: Tx, user_id: str) -> None:
    sender = f"@{_SENDER}:{server_name_of(user_id)}"
    send_house_message(tx, sender, CHANGED, to=[user_id], content={})


def _end(tx: Tx, sanction_ids: Iterable[str], *, why: Ending) -> None:
    ids = list(sanction_ids)
    if ids:
        tx.conn.execute(
            sa.update(chat_sanction)
            .where(_s.sanction_id.in_(ids), _s.ended_at.is_(None))
            .values(ended_at=tx.now, ended_why=why)
        )


# In the house


def suspend(tx: Tx, requester: Requester, suspension: NewSuspension) -> Sanction:
    """Keep a member from writing anywhere in the house, for a time.

    Raises:
        Forbidden: the requester has no such role.
        BadSanction: no reason, or no end within a year.
        NotFound: no such member.
        NotSuspendable: oneself, or one of the staff.
    """
    accounts.check_power(requester, "sanctions.decide")
    check_sanction(suspension.reason, until=suspension.until, now=tx.now)
    user_id = suspension.user_id
    _check_suspendable(tx, requester, user_id)
    note_access(tx, requester, IMPOSE, user_id, reason=suspension.reason)
    _end(tx, find_standing(tx, "suspension", user_id, room_id=None), why="lifted")
    accounts.suspend_member(tx, user_id, until=suspension.until)
    sanction_id = _insert(
        tx,
        kind="suspension",
        user_id=user_id,
        by_user_id=requester.user_id,
        rule=suspension.rule,
        reason=suspension.reason,
        until=suspension.until,
    )
    found = find_sanction(tx, sanction_id)
    assert found is not None
    return found


def end_suspension(tx: Tx, requester: Requester, user_id: str) -> None:
    """Let a suspended member do all again.

    Raises:
        Forbidden: the requester has no such role.
        NotFound: no such member.
        NotSuspendable: oneself, or one of the staff.
    """
    accounts.check_power(requester, "sanctions.decide")
    _check_suspendable(tx, requester, user_id)
    note_access(tx, requester, LIFT, user_id)
    _end(tx, find_standing(tx, "suspension", user_id, room_id=None), why="lifted")
    accounts.end_suspension(tx, user_id)
    _tell(tx, user_id)


def _check_suspendable(tx: Tx, requester: Requester, user_id: str) -> None:
    if not accounts.is_active(tx, user_id):
        raise NotFound("There is no such member.")
    if user_id == requester.user_id or accounts.list_staff(tx, user_id):
        raise NotSuspendable


def read_suspension(tx: Tx, requester: Requester, user_id: str) -> bool:
    """Whether a member is suspended; a look that is noted.

    Raises:
        Forbidden, NotFound, NotSuspendable: as in `suspend`.
    """
    accounts.check_power(requester, "sanctions.decide")
    _check_suspendable(tx, requester, user_id)
    note_access(tx, requester, SEE_SUSPENSION, user_id)
    return accounts.find_suspension(tx, user_id) is not None


def put_suspension(tx: Tx, requester: Requester, plain: NewSuspension, *, suspended: bool) -> None:
    """Suspend a member or let them do all again, if that is not so already.

    Raises:
        Forbidden, NotFound, NotSuspendable: as in `suspend`.
    """
    accounts.check_power(requester, "sanctions.decide")
    _check_suspendable(tx, requester, plain.user_id)
    is_suspended = accounts.find_suspension(tx, plain.user_id) is not None
    if is_suspended == suspended:
        note_access(tx, requester, SEE_SUSPENSION, plain.user_id)
    elif suspended:
        suspend(tx, requester, plain)
    else:
        end_suspension(tx, requester, plain.user_id)


# Appeals


def appeal(tx: Tx, requester: Requester, *, sanction_id: str, text: str) -> Sanction:
    """Say what speaks against a sanction; somebody else than who imposed it decides.

    Raises:
        BadSanction: nothing is said, or very much.
        NoSuchSanction: none of theirs.
        AppealedAlready: it is heard once.
        TooLateToAppeal: 30 days have passed.
    """
    check_words(text)
    found = find_sanction(tx, sanction_id)
    if found is None or found.user_id != requester.user_id:
        raise NoSuchSanction
    if found.appeal is not None:
        raise AppealedAlready
    if tx.now > found.appealable_until:
        raise TooLateToAppeal
    _update(tx, sanction_id, appeal=text, appealed_at=tx.now)
    return _found(tx, sanction_id)


def decide_appeal(
    tx: Tx, store: RoomStore, requester: Requester, *, sanction_id: str, decision: AppealDecision
) -> Sanction:
    """Uphold a sanction or lift it; a lifted ban is taken back, who was kicked is invited.

    In a room another of its moderators decides, or the staff: many rooms have one owner alone.

    Raises:
        BadSanction: no reason.
        NoSuchSanction: none that the requester may decide about.
        OwnDecision: the requester imposed it, or it is about them.
        NothingToDecide: there is no appeal, or it is decided.
    """
    check_words(decision.reason)
    found = _access_for_decision(tx, requester, sanction_id, why=decision.reason)
    if found.appeal is None or found.decision is not None:
        raise NothingToDecide
    _update(
        tx,
        sanction_id,
        decision=decision.decision,
        decision_reason=decision.reason,
        decided_by=requester.user_id,
        decided_at=tx.now,
    )
    if decision.decision == "lifted":
        _end(tx, [sanction_id], why="appeal")
        _lift(tx, store, found, by=requester.user_id, reason=_LIFTED.format(reason=decision.reason))
    _tell(tx, found.user_id)
    return _found(tx, sanction_id)


def _access_for_decision(tx: Tx, requester: Requester, sanction_id: str, *, why: str) -> Sanction:
    found = find_sanction(tx, sanction_id)
    is_staff = accounts.is_allowed(requester.roles, "sanctions.decide")
    if found is None or not (is_staff or _moderates(tx, requester, found)):
        raise NoSuchSanction
    if requester.user_id in {found.by_user_id, found.user_id}:
        raise OwnDecision
    if is_staff:
        note_access(tx, requester, DECIDE, found.user_id, reason=why)
    return found


def _moderates(tx: Tx, requester: Requester, sanction: Sanction) -> bool:
    if sanction.room_id is None:
        return False
    levels = find_levels(tx, requester.user_id, sanction.room_id)
    if levels is None:
        return False
    needed = levels.ban if sanction.kind == "ban" else levels.kick
    return levels.of(requester.user_id) >= needed


def _found(tx: Tx, sanction_id: str) -> Sanction:
    found = find_sanction(tx, sanction_id)
    assert found is not None
    return found


def _update(tx: Tx, sanction_id: str, **columns: object) -> None:
    tx.conn.execute(sa.update(chat_sanction).where(_s.sanction_id == sanction_id).values(**columns))


def _lift(tx: Tx, store: RoomStore, sanction: Sanction, *, by: str | None, reason: str) -> None:
    if sanction.room_id is None:
        accounts.end_suspension(tx, sanction.user_id)
        return
    membership = find_membership(tx, sanction.user_id, sanction.room_id)
    now = None if membership is None else membership.membership
    if (sanction.kind, now) in {("ban", "ban"), ("kick", "leave")}:
        _change_in_room(tx, store, sanction, by=by, reason=reason)


def _change_in_room(
    tx: Tx,
    store: RoomStore,
    sanction: Sanction,
    *,
    by: str | None,
    reason: str,
) -> None:
    """Have the room say it by who decides, by who imposed it, or by another with the power.

    Who imposes a sanction agrees to its end; the event says that it was the house that did it.
    """
    assert sanction.room_id is not None
    for sender in _find_voices(tx, sanction, by):
        change = MembershipChange(
            room_id=sanction.room_id,
            sender=sender,
            target=sanction.user_id,
            membership="leave" if sanction.kind == "ban" else "invite",
            reason=reason,
            content={TERMS: {"ends": sanction.sanction_id}},
        )
        # A refused event writes nothing.
        with suppress(Refusal):
            change_membership(tx, store, change)
            return


def _find_voices(tx: Tx, sanction: Sanction, by: str | None) -> list[str]:
    assert sanction.room_id is not None
    first = [by] if by is not None else []
    levels = find_levels(tx, None, sanction.room_id)
    named = [] if levels is None else sorted({*levels.users, *levels.creators})
    strong = sorted(named, key=lambda one: -(levels.of(one) if levels else 0))
    return list(dict.fromkeys([*first, sanction.by_user_id, *strong]))[:20]


def end_due(tx: Tx, store: RoomStore) -> int:
    """End what has reached its end: bans are taken back, suspensions forgotten.

    Returns:
        How many.
    """
    due = find_due(tx, limit=_DUE_AT_ONCE)
    for sanction in due:
        _end(tx, [sanction.sanction_id], why="expired")
        _lift(tx, store, sanction, by=None, reason=_ENDED_ON_ITS_DATE)
        _tell(tx, sanction.user_id)
    return len(due)
