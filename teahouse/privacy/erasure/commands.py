"""Takes an erasure from the request to the certificate, a transaction at a time.

What a crash interrupts is begun again where it stands: everything is written down, and all that
destroys may run twice.
"""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec
import sqlalchemy as sa

from teahouse.platform.db import Tx
from teahouse.platform.jobs import enqueue
from teahouse.platform.json import encode_json
from teahouse.platform.requester import Requester
from teahouse.privacy.checkpoints.live import LogKey
from teahouse.privacy.erasure.announcements import ErasureAsked, ErasureTakenBack
from teahouse.privacy.erasure.errors import ErasureHindered, NoErasure
from teahouse.privacy.erasure.queries import count_found, find_erasure, load_erasure
from teahouse.privacy.erasure.rules import make_statement
from teahouse.privacy.erasure.tables import privacy_erasure
from teahouse.privacy.erasure.types import (
    Certificate,
    Eraser,
    ErasureId,
    Found,
    KeyEntry,
    Place,
    StoredErasure,
)
from teahouse.privacy.member_keys.live import MemberKeys
from teahouse.privacy.member_keys.rules import DAY_MS
from teahouse.privacy.sealed_boxes.commands import seal_box
from teahouse.privacy.transparency_log.commands import SALT_BYTES, record_commitment
from teahouse.privacy.transparency_log.queries import find_head, prove_inclusion

ERASE_JOB: Final = "privacy.erase_member"
_ERASURE: Final = "ers"
_CLAIM_BYTES: Final = 24
# For a certificate; the purpose of its column says so.
CERTIFICATE_DAYS: Final = 30

_e = privacy_erasure.c


class ErasureToDo(msgspec.Struct, frozen=True):
    """Which erasure is to be done, or gone on with."""

    erasure_id: str


def compute_claim_digest(claim: str) -> bytes:
    """What is kept of a claim."""
    return hashlib.sha256(claim.encode()).digest()


def ask_erasure(
    tx: Tx, requester: Requester, eraser: Eraser, *, days: int
) -> tuple[StoredErasure, str]:
    """Ask to be erased. Who asks again changes when, and gets another claim.

    Args:
        tx: the transaction.
        requester: who has shown again that it is them.
        eraser: knows what is in the way.
        days: to think it over; 0: at once.

    Returns:
        The erasure, and the claim by which its certificate is fetched.

    Raises:
        ErasureHindered: at once, and something must be settled before.
    """
    obstacles = eraser.find_obstacles(tx, requester.user_id)
    if days == 0 and any(one.blocks for one in obstacles):
        raise ErasureHindered(obstacles=msgspec.to_builtins(obstacles))
    tx.conn.execute(sa.delete(privacy_erasure).where(_is_waiting_for(requester.user_id)))
    claim = tx.chance.secrets.token(_CLAIM_BYTES)
    due_at = tx.now + days * DAY_MS
    made = _add(tx, requester.user_id, due_at=due_at, claim=claim)
    tx.announce(ErasureAsked(requester.user_id, due_at))
    return made, claim


def take_back(tx: Tx, requester: Requester) -> None:
    """Keep one's account after all.

    Raises:
        NoErasure: none was asked for, or it is under way.
    """
    gone = tx.conn.execute(sa.delete(privacy_erasure).where(_is_waiting_for(requester.user_id)))
    if gone.rowcount == 0:
        raise NoErasure
    tx.announce(ErasureTakenBack(requester.user_id))


def postpone(tx: Tx, erasure_id: str) -> None:
    """Try again tomorrow: something is still to be settled, as the member was told."""
    due_at = tx.now + DAY_MS
    tx.conn.execute(
        sa.update(privacy_erasure)
        .where(_e.erasure_id == erasure_id, _e.status == "waiting")
        .values(due_at=due_at)
    )
    enqueue(tx, ERASE_JOB, ErasureToDo(erasure_id), key=erasure_id, run_at=due_at)


def close_account(tx: Tx, erasure_id: str, eraser: Eraser, keys: MemberKeys) -> None:
    """Close the account of an erasure that is due, which begins it; not if it was taken back.

    Raises:
        Refusal: what another domain has against it; nothing has changed.
    """
    erasure = load_erasure(tx, erasure_id)
    if erasure is None or erasure.status != "waiting" or erasure.due_at > tx.now:
        return
    assert erasure.user_id is not None
    begin_erasure(tx, erasure.user_id, eraser, keys)
    eraser.close(tx, erasure.user_id)


def begin_erasure(tx: Tx, user_id: str, eraser: Eraser, keys: MemberKeys) -> None:
    """Write down what there is of a member, and seal what the law keeps, before any of it goes.

    Called in the transaction that closes the account, by whatever way it is closed, before the
    domains erase theirs; the second call does nothing.
    """
    erasure = find_erasure(tx, user_id)
    if erasure is not None and erasure.status == "running":
        return
    found = count_found(tx, user_id, eraser.owners)
    kept = eraser.gather(tx, user_id)
    if kept is not None:
        box = seal_box(tx, keys, user_id, kept, keep_years=eraser.keep_years(tx))
        found = msgspec.structs.replace(
            found,
            box_id=box.box_id,
            box_contents=box.contents,
            box_expires_at=box.expires_at,
        )
    erasure = erasure or _add(tx, user_id, due_at=tx.now, claim=None)
    tx.conn.execute(
        sa.update(privacy_erasure)
        .where(_e.erasure_id == erasure.erasure_id)
        .values(status="running", begun_at=tx.now, found=encode_json(found).decode())
    )
    go_on_later(tx, erasure.erasure_id, wait_ms=0)


def note_emptied(tx: Tx, erasure_id: str) -> None:
    """Note that only jobs have something left to remove, and look after them at once."""
    tx.conn.execute(
        sa.update(privacy_erasure)
        .where(_e.erasure_id == erasure_id, _e.status == "running")
        .values(emptied_at=tx.now)
    )
    go_on_later(tx, erasure_id, wait_ms=0)


def go_on_later(tx: Tx, erasure_id: str, *, wait_ms: int) -> None:
    """Go on with an erasure after a while."""
    run_at = tx.now + wait_ms
    enqueue(tx, ERASE_JOB, ErasureToDo(erasure_id), key=erasure_id, run_at=run_at)


def enter_destruction(tx: Tx, erasure_id: str, key_id: str) -> None:
    """Enter in the log that a key is destroyed, before it is; once."""
    erasure = load_erasure(tx, erasure_id)
    if erasure is None or erasure.status != "running" or erasure.key_entry is not None:
        return
    salt = tx.chance.secrets.token_bytes(SALT_BYTES)
    # Names no member: who has the certificate opens it.
    told = {"act": "the key of a member who was erased is destroyed", "key": key_id, "at": tx.now}
    body = encode_json(told)
    index = record_commitment(tx, hashlib.sha256(salt + body).digest())
    entry = KeyEntry(index=index, salt=salt.hex(), body=body.decode())
    tx.conn.execute(
        sa.update(privacy_erasure)
        .where(_e.erasure_id == erasure_id)
        .values(key_entry=encode_json(entry).decode())
    )


def finish_erasure(
    tx: Tx, erasure_id: str, log_key: LogKey, *, house: str, copies_days: int
) -> None:
    """Write the certificate, and forget whose it is; once.

    Args:
        tx: the transaction.
        erasure_id: of an erasure of which nothing is left to do.
        log_key: signs it.
        house: the server's name.
        copies_days: how long PostgreSQL's log and base backups are kept; 0: nobody said.
    """
    erasure = load_erasure(tx, erasure_id)
    if erasure is None or erasure.status != "running":
        return
    assert erasure.found is not None
    assert erasure.key_entry is not None
    entry = msgspec.json.decode(erasure.key_entry, type=KeyEntry)
    text = make_statement(
        erasure,
        msgspec.json.decode(erasure.found, type=Found),
        entry,
        place=Place(
            house=house,
            database=tx.conn.dialect.name,
            copies_days=copies_days if tx.conn.dialect.name == "postgresql" else 0,
        ),
        now=tx.now,
    )
    head = find_head(tx)
    proof = prove_inclusion(tx, index=entry.index, size=head.size)
    certificate = Certificate(
        note=log_key.sign_statement(text),
        verifier_key=log_key.verifier_key,
        checkpoint=log_key.sign(head.size, head.root),
        inclusion=[one.hex() for one in proof],
    )
    is_claimed = sa.case((_e.claim_digest.is_not(None), encode_json(certificate).decode()))
    tx.conn.execute(
        sa.update(privacy_erasure)
        .where(_e.erasure_id == erasure_id)
        .values(
            status="done",
            user_id=None,
            done_at=tx.now,
            found=None,
            key_entry=None,
            certificate=is_claimed,
        )
    )


def forget_old_certificates(tx: Tx) -> int:
    """Forget certificates that were kept their 30 days, and that there was an erasure.

    Returns:
        How many.
    """
    old = sa.delete(privacy_erasure).where(
        _e.status == "done", _e.done_at < tx.now - CERTIFICATE_DAYS * DAY_MS
    )
    return tx.conn.execute(old).rowcount


def _add(tx: Tx, user_id: str, *, due_at: int, claim: str | None) -> StoredErasure:
    erasure_id = ErasureId(tx.new_id(_ERASURE))
    tx.conn.execute(
        sa.insert(privacy_erasure).values(
            erasure_id=erasure_id,
            user_id=user_id,
            status="waiting",
            asked_at=tx.now,
            due_at=due_at,
            claim_digest=None if claim is None else compute_claim_digest(claim),
        )
    )
    enqueue(tx, ERASE_JOB, ErasureToDo(erasure_id), key=erasure_id, run_at=due_at)
    made = load_erasure(tx, erasure_id)
    assert made is not None
    return made


def _is_waiting_for(user_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(_e.user_id == user_id, _e.status == "waiting")
