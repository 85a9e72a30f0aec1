"""Takes a report with the key of one message, opens it for the staff, says what came of it."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from teahouse import accounts, privacy
from teahouse.chat.event_store.queries import find_event
from teahouse.chat.event_store.types import StoredEvent, decode_content
from teahouse.chat.keys.queries import find_device_keys
from teahouse.chat.moderation.commands import note_access, report_event
from teahouse.chat.moderation.rules import check_reason
from teahouse.chat.verified_reports.errors import DecidedAlready, NotEncrypted, NothingToOpen
from teahouse.chat.verified_reports.queries import find_proof, find_report
from teahouse.chat.verified_reports.rules import (
    judge_device,
    open_message,
    read_encrypted,
    read_message_key,
)
from teahouse.chat.verified_reports.tables import chat_report_outcome, chat_report_proof
from teahouse.chat.verified_reports.types import (
    DeviceEvidence,
    EncryptedMessage,
    NewOutcome,
    NewVerifiedReport,
    ReportedMessage,
    VerifiedReport,
)
from teahouse.platform.db import Tx
from teahouse.platform.errors import InvalidParam
from teahouse.platform.requester import Requester

ENCRYPTED: Final = "m.room.encrypted"
PROOF_KEEP_MS: Final = 30 * 86_400_000
OPEN_REPORT: Final = privacy.declare_deed(
    "reports.open",
    "chat_report_proof.sender",
    "chat_report_proof.ciphertext",
    "chat_report_proof.message_key",
    "chat_event.sender",
    "chat_event.origin_server_ts",
    "chat_event.pdu",
)
DECIDE_REPORT: Final = privacy.declare_deed("reports.decide", "chat_report_outcome.note")


def report_encrypted(
    tx: Tx, requester: Requester, *, room_id: str, report: NewVerifiedReport
) -> VerifiedReport:
    """Report an encrypted message, with the key that opens it and no other.

    What the key opens is looked at by the program alone and kept as it came: encrypted.

    Raises:
        InvalidParam: the key is no key, or the reason too long.
        NothingToReport: there is no such message, or the requester cannot see it.
        NotEncrypted: it can be read as it is.
        NotProven: the key does not open it, or not as its sender signed it.
        TooManyReports: by this member today.
    """
    message_key = read_message_key(report.message_key)
    report_id = report_event(
        tx, requester, room_id=room_id, event_id=report.event_id, reason=report.reason
    )
    event = find_event(tx, room_id, report.event_id)
    assert event is not None
    content = decode_content(event.json)
    message = read_encrypted(room_id, content) if event.type == ENCRYPTED else None
    if message is None:
        raise NotEncrypted
    open_message(message, message_key)
    device = _judge_device(tx, event)
    tx.conn.execute(
        sa.insert(chat_report_proof).values(
            report_id=report_id,
            verified_at=tx.now,
            reporter=requester.user_id,
            sender=event.sender,
            session_id=message.session_id,
            sent_at=event.origin_server_ts,
            device=device,
            ciphertext=message.ciphertext,
            message_key=message_key,
        )
    )
    return VerifiedReport(report_id=report_id, device=device)


def _judge_device(tx: Tx, event: StoredEvent) -> DeviceEvidence:
    device_id = event.sender_device
    known = find_device_keys(tx, [event.sender]).get(event.sender, {})
    return judge_device(decode_content(event.json), device_id, known.get(device_id or ""))


def open_report(tx: Tx, requester: Requester, *, report_id: str, reason: str) -> ReportedMessage:
    """Open a reported message for one of the staff.

    The look is entered in the log that its sender can read, in the same transaction: where it
    cannot be entered, nothing is shown.

    Raises:
        Forbidden: the requester has no such role.
        InvalidParam: no reason, or a very long one.
        NothingToOpen: no such report, or its message is no longer kept.
    """
    accounts.check_power(requester, "reports.see")
    check_reason(reason)
    if not reason.strip():
        raise InvalidParam("Say why you open this message: its sender can read it.")
    report = find_report(tx, report_id)
    if report is None or report.event_id is None or report.user_id is None:
        raise NothingToOpen
    note_access(tx, requester, OPEN_REPORT, report.user_id, reason=reason)
    proof = find_proof(tx, report_id)
    if proof is None:
        return _show_stored(tx, report_id, report.room_id, report.event_id)
    message = EncryptedMessage(
        room_id=report.room_id, ciphertext=proof.ciphertext, session_id=proof.session_id
    )
    opened = open_message(message, proof.message_key)
    return ReportedMessage(
        report_id=report_id,
        sender=proof.sender,
        room_id=report.room_id,
        event_id=report.event_id,
        sent_at=proof.sent_at,
        evidence="proven",
        type=opened.type,
        content=opened.content,
        device=proof.device,
    )


def _show_stored(tx: Tx, report_id: str, room_id: str, event_id: str) -> ReportedMessage:
    event = find_event(tx, room_id, event_id)
    if event is None or event.type == ENCRYPTED or event.redacted_by is not None:
        raise NothingToOpen
    return ReportedMessage(
        report_id=report_id,
        sender=event.sender,
        room_id=room_id,
        event_id=event_id,
        sent_at=event.origin_server_ts,
        evidence="stored",
        type=event.type,
        content=decode_content(event.json),
    )


def decide_report(tx: Tx, requester: Requester, *, report_id: str, outcome: NewOutcome) -> None:
    """Say what came of a report; its reporter is told.

    Raises:
        Forbidden: the requester has no such role.
        InvalidParam: no note, or a very long one.
        NothingToOpen: no such report.
        DecidedAlready: somebody has dealt with it.
    """
    accounts.check_power(requester, "reports.see")
    check_reason(outcome.note)
    if not outcome.note.strip():
        raise InvalidParam("Tell the reporter what came of it.")
    report = find_report(tx, report_id)
    if report is None:
        raise NothingToOpen
    standing = sa.select(chat_report_outcome.c.report_id).where(
        chat_report_outcome.c.report_id == report_id
    )
    if tx.conn.execute(standing).first() is not None:
        raise DecidedAlready
    note_access(
        tx, requester, DECIDE_REPORT, report.user_id or report.room_id or "", reason=outcome.note
    )
    tx.conn.execute(
        sa.insert(chat_report_outcome).values(
            report_id=report_id,
            reporter=report.reporter,
            decided_at=tx.now,
            decided_by=requester.user_id,
            outcome=outcome.outcome,
            note=outcome.note,
        )
    )


def forget_old_proofs(tx: Tx) -> int:
    """Forget what was revealed 30 days ago.

    Returns:
        How many.
    """
    old = chat_report_proof.c.verified_at < tx.now - PROOF_KEEP_MS
    return tx.conn.execute(sa.delete(chat_report_proof).where(old)).rowcount
