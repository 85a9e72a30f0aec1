"""Answers. Yes and no take the same way, and neither is ever refused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import msgspec
import sqlalchemy as sa

from teahouse.platform.db import Tx
from teahouse.platform.languages import Language
from teahouse.privacy.consents.announcements import ConsentChanged
from teahouse.privacy.consents.errors import NoSuchPurpose
from teahouse.privacy.consents.queries import find_last, list_consents, standing_of, tell_consent
from teahouse.privacy.consents.rules import (
    Answered,
    apply_answer,
    hash_purpose,
    is_opted_out,
    make_receipt,
)
from teahouse.privacy.consents.tables import privacy_consent
from teahouse.privacy.consents.types import ConsentState, ConsentView, ConsentWish, Voice
from teahouse.privacy.policy.queries import find_version
from teahouse.privacy.policy.types import PURPOSES, House, Purpose
from teahouse.privacy.transparency_log.commands import SALT_BYTES, record_commitment


class Asking(msgspec.Struct, frozen=True):
    """Who asks members, and how what they say is attested.

    Attributes:
        house: who asks.
        sign: signs a canonical receipt.
        signal: the header `Sec-GPC` of the request, or None.
    """

    house: House
    sign: Callable[[str], bytes]
    signal: str | None = None


def answer_purpose(
    tx: Tx, user_id: str, name: str, wish: ConsentWish, *, asking: Asking
) -> ConsentView:
    """Take a member's answer, with a receipt. The same answer again changes nothing.

    While the browser signals Global Privacy Control, sharing and ads are refused, whatever the
    page that was clicked on says: the signal is the member's, the page is not.

    Raises:
        NoSuchPurpose: nothing of this name is asked for.
    """
    purpose = PURPOSES.get(name)
    if purpose is None:
        raise NoSuchPurpose
    voice: Voice = "member"
    if is_opted_out(purpose, asking.signal):
        wish, voice = msgspec.structs.replace(wish, answer="no"), "gpc"
    last = find_last(tx, user_id, name)
    standing = standing_of(last, purpose)
    state = apply_answer(standing, wish.answer)
    if state != standing:
        number = 1 if last is None else last.number + 1
        answered = Answered(
            receipt_id=tx.new_id("receipt"),
            user_id=user_id,
            number=number,
            state=state,
            at=tx.now,
            voice=voice,
            language=wish.language,
        )
        _enter(tx, answered, purpose, asking)
        _announce(tx, answered, purpose, before=standing)
    return tell_consent(find_last(tx, user_id, name), purpose, wish.language)


def heed_signal(tx: Tx, user_id: str, *, asking: Asking, language: Language) -> list[ConsentView]:
    """Store a browser's Global Privacy Control as refusals, and tell how the member stands."""
    for name, purpose in PURPOSES.items():
        if is_opted_out(purpose, asking.signal):
            no = ConsentWish(answer="no", language=language)
            answer_purpose(tx, user_id, name, no, asking=asking)
    return list_consents(tx, user_id, language=language)


def forget_consents(tx: Tx, user_id: str) -> None:
    """Erase every answer and receipt of a member; the log keeps commitments that say nothing."""
    tx.conn.execute(sa.delete(privacy_consent).where(privacy_consent.c.user_id == user_id))


def _enter(tx: Tx, answered: Answered, purpose: Purpose, asking: Asking) -> None:
    notice = find_version(tx, None).view
    receipt = make_receipt(answered, purpose, notice, asking.house)
    salt = tx.chance.secrets.token_bytes(SALT_BYTES)
    log_index = record_commitment(tx, hashlib.sha256(salt + receipt.encode()).digest())
    tx.conn.execute(
        sa.insert(privacy_consent).values(
            user_id=answered.user_id,
            purpose=purpose.name,
            number=answered.number,
            state=answered.state,
            answered_at=answered.at,
            voice=answered.voice,
            purpose_hash=hash_purpose(purpose),
            notice_version=notice.number,
            receipt_id=answered.receipt_id,
            receipt=receipt,
            signature=asking.sign(receipt),
            log_index=log_index,
            log_salt=salt,
        )
    )


def _announce(tx: Tx, answered: Answered, purpose: Purpose, *, before: ConsentState) -> None:
    """Tell whoever works under the consent: that it is there, or that it no longer is."""
    is_given = answered.state == "given"
    if is_given or before in {"given", "expired"}:
        tx.announce(ConsentChanged(answered.user_id, purpose.name, is_given))
