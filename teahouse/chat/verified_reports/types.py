"""What is told of a reported message, and of what came of a report."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from teahouse.platform.json import JsonObject

DeviceEvidence: TypeAlias = Literal["known", "unnamed", "gone", "contradicts"]
"""What is known of the device that sent a message.

known: the message names the key of the device whose login sent it; unnamed: it names none, as
newer apps may; gone: the device has signed out since; contradicts: it names another key.
"""

Outcome: TypeAlias = Literal["acted", "no_violation"]


class EncryptedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message as the server keeps it.

    Attributes:
        ciphertext: unpadded base64 of a Megolm message.
        session_id: unpadded base64 of the session's Ed25519 key.
    """

    room_id: str
    ciphertext: str
    session_id: str


class OpenedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What stood in an encrypted message.

    Attributes:
        index: the message's place in its session.
    """

    type: str
    content: JsonObject
    index: int


class NewVerifiedReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A report of an encrypted message that reveals its key.

    Attributes:
        event_id: the message.
        reason: what is wrong with it, up to 2,000 characters.
        message_key: unpadded base64 of 32 bytes: HKDF-SHA-256's extracted key of the ratchet
            at this message, from which its 80 bytes of keys follow.
    """

    event_id: str
    reason: str
    message_key: str


class VerifiedReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report whose message the server has checked."""

    report_id: str
    device: DeviceEvidence


class LookReason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why one of the staff opens a reported message; the member can read it."""

    reason: str


class ReportedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A reported message, opened for one of the staff.

    Attributes:
        evidence: `proven` by the key that the reporter revealed, or `stored`, as it was never
            encrypted.
        device: of an encrypted message.
    """

    report_id: str
    sender: str
    room_id: str
    event_id: str
    sent_at: int
    evidence: Literal["proven", "stored"]
    type: str
    content: JsonObject
    device: DeviceEvidence | None = None


class NewOutcome(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of a report.

    Attributes:
        note: told to the reporter.
    """

    outcome: Outcome
    note: str


class OwnReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report as its reporter sees it.

    Attributes:
        outcome: None: nobody has dealt with it yet.
        is_verified: whether it revealed a message that the server has checked.
    """

    report_id: str
    reported_at: int
    room_id: str | None
    event_id: str | None
    user_id: str | None
    reason: str
    is_verified: bool
    outcome: Outcome | None
    note: str | None
    decided_at: int | None


class OwnReportPage(msgspec.Struct, frozen=True, kw_only=True):
    """Reports, newest first; `next` is the cursor of the page after."""

    reports: list[OwnReport]
    next: str | None
