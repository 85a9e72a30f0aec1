"""Reading consents, their history and their receipts."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa

from teahouse.platform.checks import ROWS_A_STEP
from teahouse.platform.db import Read
from teahouse.platform.languages import Language
from teahouse.privacy.consents.errors import NoSuchReceipt
from teahouse.privacy.consents.rules import hash_purpose
from teahouse.privacy.consents.tables import privacy_consent
from teahouse.privacy.consents.types import ConsentEvent, ConsentState, ConsentView, Receipt
from teahouse.privacy.policy.types import PURPOSES, Purpose

_row = privacy_consent.c
_of = privacy_consent.alias("of")
# What a page of the history shows; a member who answers more often has the rest on the next.
HISTORY_MAX: Final = 200


def has_consented(read: Read, user_id: str, purpose: str) -> bool:
    """Whether a member consents to a purpose, as it is now."""
    return standing_of(find_last(read, user_id, purpose), PURPOSES[purpose]) == "given"


def list_given(read: Read, user_id: str, purpose: str, *, limit: int) -> list[str]:
    """The receipts of a member's yeses to a purpose, the last first."""
    rows = read.conn.execute(
        sa.select(_row.receipt_id)
        .where(_row.user_id == user_id, _row.purpose == purpose, _row.state == "given")
        .order_by(_row.number.desc())
        .limit(limit)
    )
    return list(rows.scalars())


def list_consenting(read: Read, purpose: str, *, after: str, limit: int) -> list[str]:
    """Members who consent to a purpose as it is now, in the order of their ids.

    Args:
        read: a view.
        purpose: its name.
        after: the id before the first.
        limit: look at so many.
    """
    newest = (
        sa.select(sa.func.max(_row.number))
        .where(_row.user_id == _of.c.user_id, _row.purpose == purpose)
        .scalar_subquery()
    )
    rows = read.conn.execute(
        sa.select(_of.c.user_id)
        .where(
            _of.c.purpose == purpose,
            _of.c.user_id > after,
            _of.c.state == "given",
            _of.c.purpose_hash == hash_purpose(PURPOSES[purpose]),
            _of.c.number == newest,
        )
        .order_by(_of.c.user_id)
        .limit(limit)
    )
    return list(rows.scalars())


def list_consents(read: Read, user_id: str, *, language: Language) -> list[ConsentView]:
    """Every purpose, and how the member stands to it."""
    return [
        tell_consent(find_last(read, user_id, name), purpose, language)
        for name, purpose in sorted(PURPOSES.items())
    ]


def find_last(read: Read, user_id: str, purpose: str) -> sa.Row[Any] | None:
    """The last answer of a member about a purpose."""
    return read.conn.execute(
        sa.select(privacy_consent)
        .where(_row.user_id == user_id, _row.purpose == purpose)
        .order_by(_row.number.desc())
        .limit(1)
    ).first()


def standing_of(last: sa.Row[Any] | None, purpose: Purpose) -> ConsentState:
    """How a member stands to a purpose, by their last answer."""
    if last is None:
        return "none"
    if last.state == "given" and last.purpose_hash != hash_purpose(purpose):
        return "expired"
    state: ConsentState = last.state
    return state


def tell_consent(last: sa.Row[Any] | None, purpose: Purpose, language: Language) -> ConsentView:
    """A purpose, and how the member stands to it."""
    return ConsentView(
        purpose=purpose.name,
        title=purpose.title[language],
        text=purpose.text[language],
        kind=purpose.kind,
        state=standing_of(last, purpose),
        since=None if last is None else last.answered_at,
        voice=None if last is None else last.voice,
        receipt_id=None if last is None else last.receipt_id,
    )


def list_history(
    read: Read, user_id: str, *, before: tuple[int, str] | None, limit: int
) -> list[ConsentEvent]:
    """Every answer of a member, the newest first.

    Args:
        read: a view.
        user_id: the member.
        before: only answers before this instant and receipt.
        limit: at most so many.
    """
    statement = sa.select(privacy_consent).where(_row.user_id == user_id)
    if before is not None:
        place = sa.tuple_(_row.answered_at, _row.receipt_id)
        statement = statement.where(place < sa.tuple_(sa.literal(before[0]), sa.literal(before[1])))
    rows = read.conn.execute(
        statement.order_by(_row.answered_at.desc(), _row.receipt_id.desc()).limit(limit)
    )
    return [
        ConsentEvent(
            receipt_id=row.receipt_id,
            purpose=row.purpose,
            number=row.number,
            state=row.state,
            at=row.answered_at,
            voice=row.voice,
            notice_version=row.notice_version,
        )
        for row in rows
    ]


def find_receipt(read: Read, user_id: str, receipt_id: str, *, public_key: bytes) -> Receipt:
    """A receipt of a member.

    Raises:
        NoSuchReceipt: the member has none of this id.
    """
    row = read.conn.execute(
        sa.select(privacy_consent).where(_row.user_id == user_id, _row.receipt_id == receipt_id)
    ).first()
    if row is None:
        raise NoSuchReceipt
    return Receipt(
        receipt=row.receipt,
        signature=b64encode(row.signature).decode(),
        public_key=b64encode(public_key).decode(),
        log_index=row.log_index,
        log_salt=row.log_salt.hex(),
    )


def find_histories_amiss(read: Read) -> Iterator[str | None]:
    """Verify that the answers of each member about each purpose follow one another."""
    last: tuple[str, str, int] | None = None
    rows = read.conn.execution_options(yield_per=ROWS_A_STEP).execute(
        sa.select(_row.user_id, _row.purpose, _row.number, _row.receipt_id).order_by(
            _row.user_id, _row.purpose, _row.number
        )
    )
    for seen, row in enumerate(rows, start=1):
        is_first = last is None or last[:2] != (row.user_id, row.purpose)
        if row.number != (1 if is_first or last is None else last[2] + 1):
            yield f"An answer before the consent {row.receipt_id} is not there"
        last = (row.user_id, row.purpose, row.number)
        if seen % ROWS_A_STEP == 0:
            yield None
