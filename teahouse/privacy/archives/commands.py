"""Asking for archives, and what becomes of them."""

from __future__ import annotations

import hashlib
from typing import Final

import sqlalchemy as sa

from teahouse.platform.db import Tx
from teahouse.platform.jobs import enqueue
from teahouse.platform.requester import Requester
from teahouse.platform.sealed_files import KEY_BYTES
from teahouse.privacy.archives.access import access_archive
from teahouse.privacy.archives.errors import ArchiveNotReady, ArchiveUnderWay, UnknownTicket
from teahouse.privacy.archives.queries import StoredKey, load_archive
from teahouse.privacy.archives.tables import privacy_archive
from teahouse.privacy.archives.types import (
    GROUPS,
    KEEP_MS,
    Archive,
    ArchiveBody,
    ArchiveId,
    ArchiveStatus,
    Ticket,
)

MAKE_JOB: Final = "privacy.make_archive"
DELETE_JOB: Final = "privacy.delete_archives"
# Long enough for a slow phone to send the next request, too short to be found somewhere.
_TICKET_MS: Final = 60_000
_NO_DIGEST: Final = b""

_row = privacy_archive.c


def ask_archive(tx: Tx, requester: Requester, body: ArchiveBody) -> Archive:
    """Ask for an archive of all that is kept about oneself.

    Raises:
        ArchiveUnderWay: one is being made already.
    """
    waiting = tx.conn.execute(
        sa.select(_row.archive_id).where(
            _row.user_id == requester.user_id, _row.status == "waiting", _row.expires_at > tx.now
        )
    ).first()
    if waiting is not None:
        raise ArchiveUnderWay(archive_id=waiting.archive_id)
    archive = Archive(
        archive_id=ArchiveId(tx.new_id("arc")),
        language=body.language,
        status="waiting",
        progress=0,
        step=GROUPS[0],
        byte_count=0,
        file_count=0,
        created_at=tx.now,
        expires_at=tx.now + KEEP_MS,
    )
    tx.conn.execute(
        sa.insert(privacy_archive).values(
            **{name: getattr(archive, name) for name in Archive.__struct_fields__},
            user_id=requester.user_id,
            file_key=tx.chance.secrets.token_bytes(KEY_BYTES),
            ticket_digest=_NO_DIGEST,
            ticket_expires_at=0,
        )
    )
    enqueue(tx, MAKE_JOB, {"archive_id": archive.archive_id}, key=archive.archive_id)
    return archive


def note_progress(tx: Tx, archive_id: str, *, progress: int, step: str) -> bool:
    """Tell how far an archive is, hundredths.

    Returns:
        Whether it is still wanted: not where it was deleted meanwhile.
    """
    changed = tx.conn.execute(
        sa.update(privacy_archive)
        .where(_row.archive_id == archive_id, _row.expires_at > tx.now)
        .values(progress=progress, step=step)
    )
    return changed.rowcount > 0


def end_archive(
    tx: Tx, archive_id: str, status: ArchiveStatus, *, byte_count: int = 0, file_count: int = 0
) -> bool:
    """Keep what became of an archive.

    Returns:
        Whether it is still wanted: not where it was deleted meanwhile.
    """
    changed = tx.conn.execute(
        sa.update(privacy_archive)
        .where(_row.archive_id == archive_id, _row.expires_at > tx.now)
        .values(status=status, progress=100, byte_count=byte_count, file_count=file_count)
    )
    return changed.rowcount > 0


def give_ticket(tx: Tx, requester: Requester, archive_id: str) -> Ticket:
    """A ticket that opens the download once; an earlier one is void.

    Raises:
        UnknownArchive: somebody else's, or there is none.
        ArchiveNotReady: it is not done.
    """
    archive = access_archive(tx, requester, archive_id)
    if archive.status != "done":
        raise ArchiveNotReady(archive_status=archive.status)
    ticket, until = tx.chance.secrets.token(), tx.now + _TICKET_MS
    tx.conn.execute(
        sa.update(privacy_archive)
        .where(_row.archive_id == archive_id)
        .values(ticket_digest=_digest(ticket), ticket_expires_at=until)
    )
    return Ticket(ticket, until)


def take_ticket(tx: Tx, archive_id: str, ticket: str) -> StoredKey:
    """Use a ticket up.

    Raises:
        UnknownTicket: it was used, is too old, is of another archive, or never was.
    """
    used = tx.conn.execute(
        sa.update(privacy_archive)
        .where(
            _row.archive_id == archive_id,
            _row.status == "done",
            _row.ticket_digest == _digest(ticket),
            _row.ticket_expires_at > tx.now,
        )
        .values(ticket_digest=_NO_DIGEST)
    )
    found = load_archive(tx, archive_id) if used.rowcount else None
    if found is None:
        raise UnknownTicket
    return found[0]


def delete_archive(tx: Tx, requester: Requester, archive_id: str) -> None:
    """Let an archive go now.

    Raises:
        UnknownArchive: somebody else's, or there is none.
    """
    archive = access_archive(tx, requester, archive_id)
    _expire(tx, _row.archive_id == archive.archive_id)


def expire_archives_of(tx: Tx, user_id: str) -> None:
    """Let all archives of a member go now: their keys at once, their files by a job."""
    _expire(tx, _row.user_id == user_id)


def forget_stale_tickets(tx: Tx) -> None:
    """Forget tickets that open nothing any more."""
    tx.conn.execute(
        sa.update(privacy_archive)
        .where(_row.ticket_digest != _NO_DIGEST, _row.ticket_expires_at <= tx.now)
        .values(ticket_digest=_NO_DIGEST)
    )


def forget_archive(tx: Tx, archive_id: str) -> None:
    """Forget an archive whose file is gone."""
    tx.conn.execute(sa.delete(privacy_archive).where(_row.archive_id == archive_id))


def _expire(tx: Tx, which: sa.ColumnElement[bool]) -> None:
    # Without its key the file says nothing, wherever a copy of it is. The row goes after the file,
    # so that what is left of a crash is found by its row.
    tx.conn.execute(
        sa.update(privacy_archive)
        .where(which)
        .values(expires_at=tx.now, file_key=_NO_DIGEST, ticket_digest=_NO_DIGEST)
    )
    enqueue(tx, DELETE_JOB, key="now")


def _digest(ticket: str) -> bytes:
    return hashlib.sha256(ticket.encode()).digest()
