"""Seals boxes, opens them for two of the staff and a case, destroys them on their date.

Each look is entered in the log in the transaction that shows what is in the box.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
import sqlalchemy as sa

from teahouse.platform.db import Tx
from teahouse.platform.json import encode_json
from teahouse.platform.requester import Requester
from teahouse.privacy.member_keys.live import MemberKeys
from teahouse.privacy.member_keys.rules import NONCE_BYTES, open_sealed, seal
from teahouse.privacy.sealed_boxes.access import BoxPower, check_box_power
from teahouse.privacy.sealed_boxes.errors import BoxDestroyed, NotApproved, OnePerson
from teahouse.privacy.sealed_boxes.queries import find_boxes, load_box, load_opening
from teahouse.privacy.sealed_boxes.rules import compute_expiry, compute_index, owner_of_key
from teahouse.privacy.sealed_boxes.tables import privacy_box_opening, privacy_sealed_box
from teahouse.privacy.sealed_boxes.types import (
    Box,
    BoxContent,
    BoxId,
    NewOpening,
    Opened,
    Opening,
    OpeningId,
)
from teahouse.privacy.transparency_log.commands import record_look
from teahouse.privacy.transparency_log.types import DEEDS, ROLE_OF_JOBS, Look, declare_deed

DESTROY_JOB: Final = "privacy.destroy_boxes"
_INDEX_KEY: Final = "house:boxes"
HANDLE_BOX: Final = declare_deed(
    "boxes.handle",
    "privacy_sealed_box.sealed",
    "privacy_box_opening.reason",
    "privacy_box_opening.asked_by",
    "privacy_box_opening.approved_by",
)
DESTROY_BOX: Final = declare_deed("boxes.destroy", "privacy_sealed_box.sealed")

_b, _o = privacy_sealed_box.c, privacy_box_opening.c


def seal_box(tx: Tx, keys: MemberKeys, user_id: str, kept: BoxContent, *, keep_years: int) -> Box:
    """Put what the law keeps of a member into a box.

    Args:
        tx: the transaction, which also erases what is put in.
        keys: where the box's key is kept.
        user_id: the member.
        kept: what is put in.
        keep_years: how long the law keeps it.
    """
    box_id = BoxId(tx.new_id("box"))
    key = _key_of(tx, keys, owner_of_key(box_id))
    box = Box(
        box_id=box_id,
        made_at=tx.now,
        expires_at=compute_expiry(tx.now, keep_years),
        contents=kept.contents,
    )
    nonce = tx.chance.secrets.token_bytes(NONCE_BYTES)
    tx.conn.execute(
        sa.insert(privacy_sealed_box).values(
            box_id=box_id,
            member_index=compute_index(_key_of(tx, keys, _INDEX_KEY), user_id),
            made_at=box.made_at,
            expires_at=box.expires_at,
            contents=encode_json(box.contents).decode(),
            sealed=seal(key, encode_json(kept.content), place=box_id, nonce=nonce),
        )
    )
    return box


def look_for_boxes(tx: Tx, requester: Requester, keys: MemberKeys, user_id: str) -> list[Box]:
    """The boxes of a member who was erased; that somebody looked is entered in the log.

    Raises:
        Forbidden: neither bank officer nor auditor.
    """
    check_box_power(requester, "boxes.find")
    found = find_boxes(tx, compute_index(_key_of(tx, keys, _INDEX_KEY), user_id))
    for box in found:
        _enter(tx, requester, box.box_id, reason=requester.needed_reason(), case="")
    return found


def ask_opening(tx: Tx, requester: Requester, box_id: str, new: NewOpening) -> Opening:
    """Ask for a box to be opened.

    Raises:
        Forbidden: no bank officer.
        BoxNotFound, BoxDestroyed: see there.
    """
    box = _access(tx, requester, box_id, "boxes.ask")
    opening_id = OpeningId(tx.new_id("open"))
    tx.conn.execute(
        sa.insert(privacy_box_opening).values(
            opening_id=opening_id,
            box_id=box.box_id,
            case_name=new.case,
            reason=new.reason,
            asked_by=requester.user_id,
            asked_at=tx.now,
        )
    )
    _enter(tx, requester, box_id, reason=f"asked to open: {new.reason}", case=new.case)
    return load_opening(tx, opening_id)


def approve_opening(tx: Tx, requester: Requester, opening_id: str) -> Opening:
    """Agree that a box is opened.

    Raises:
        Forbidden: no role for it.
        BoxNotFound, BoxDestroyed, OnePerson: see there.
        NotApproved: somebody has agreed before.
    """
    check_box_power(requester, "boxes.approve")
    opening = load_opening(tx, opening_id)
    _access(tx, requester, opening.box_id, "boxes.approve")
    if opening.asked_by == requester.user_id:
        raise OnePerson
    if opening.approved_by is not None:
        raise NotApproved("Somebody has agreed to this opening before.")
    _change(tx, opening_id, approved_by=requester.user_id, approved_at=tx.now)
    _enter(tx, requester, opening.box_id, reason="agreed to open", case=opening.case)
    return load_opening(tx, opening_id)


def open_box(tx: Tx, requester: Requester, keys: MemberKeys, opening_id: str) -> Opened:
    """Show what is in a box, once, to who asked for it.

    Raises:
        Forbidden: no bank officer.
        OnePerson: somebody else asked for it.
        NotApproved: nobody else has agreed, or it was opened by this before.
        BoxNotFound, BoxDestroyed: see there.
    """
    check_box_power(requester, "boxes.ask")
    opening = load_opening(tx, opening_id)
    box = _access(tx, requester, opening.box_id, "boxes.ask")
    if opening.asked_by != requester.user_id:
        raise OnePerson("Only who asked for it, and was allowed to, opens the box.")
    if opening.approved_by is None or opening.opened_at is not None:
        raise NotApproved
    # Entered before the key is taken out: what can't be entered is not shown.
    _enter(tx, requester, box.box_id, reason=f"opened: {opening.reason}", case=opening.case)
    _change(tx, opening_id, opened_at=tx.now)
    found = keys.find(owner_of_key(box.box_id))
    sealed = tx.conn.execute(sa.select(_b.sealed).where(_b.box_id == box.box_id)).scalar_one()
    if found is None or found.key is None:
        raise BoxDestroyed
    text = open_sealed(found.key, sealed, place=box.box_id)
    content = msgspec.json.decode(text, type=dict[str, Any])
    return Opened(load_opening(tx, opening_id), content)


def note_destroyed(tx: Tx, box_id: BoxId) -> None:
    """Empty a box whose key was destroyed, and enter that in the log."""
    look = Look(
        actor=DESTROY_JOB,
        role=ROLE_OF_JOBS,
        fields=DEEDS[DESTROY_BOX],
        deed=DESTROY_BOX,
        reason="its date has come: the key was destroyed",
    )
    record_look(tx, look, about=box_id)
    tx.conn.execute(
        sa.update(privacy_sealed_box)
        .where(_b.box_id == box_id, _b.destroyed_at.is_(None))
        .values(sealed=None, destroyed_at=tx.now)
    )


def _access(tx: Tx, requester: Requester, box_id: str, power: BoxPower) -> Box:
    check_box_power(requester, power)
    box = load_box(tx, box_id)
    # Also where the job that destroys it is late.
    if box.destroyed_at is not None or box.expires_at <= tx.now:
        raise BoxDestroyed
    return box


def _enter(tx: Tx, requester: Requester, box_id: str, *, reason: str, case: str) -> None:
    look = Look(
        actor=requester.user_id,
        role=", ".join(sorted(requester.roles)),
        fields=DEEDS[HANDLE_BOX],
        deed=HANDLE_BOX,
        reason=reason,
        case=case,
    )
    record_look(tx, look, about=box_id)


def _change(tx: Tx, opening_id: str, **values: object) -> None:
    tx.conn.execute(
        sa.update(privacy_box_opening).where(_o.opening_id == opening_id).values(**values)
    )


def _key_of(tx: Tx, keys: MemberKeys, owner: str) -> bytes:
    found = keys.ensure([owner], now=tx.now)[owner].key
    assert found is not None, "a key of this name was destroyed before"
    return found
