"""Bringing an archive, and taking it back."""

from __future__ import annotations

from typing import Final

import msgspec
import sqlalchemy as sa

from teahouse.platform.db import Tx, upsert
from teahouse.platform.jobs import enqueue
from teahouse.platform.json import encode_json
from teahouse.platform.requester import Requester
from teahouse.privacy.archives.types import Manifest
from teahouse.privacy.imports.access import access_import, to_import
from teahouse.privacy.imports.announcements import BroughtForgotten
from teahouse.privacy.imports.errors import ImportNotPossible
from teahouse.privacy.imports.tables import privacy_import, privacy_import_item
from teahouse.privacy.imports.types import (
    KEEP_MS,
    Import,
    ImportBody,
    ImportId,
    ImportStatus,
    Item,
    Offer,
)

RECEIVE_JOB: Final = "privacy.receive_import"
UNDO_JOB: Final = "privacy.undo_import"
DELETE_JOB: Final = "privacy.delete_imports"
_NO_KEY: Final = b""

_row, _item = privacy_import.c, privacy_import_item.c


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """An uploaded archive that is what its house signed.

    Attributes:
        manifest: what it says of itself.
        digest: SHA-256 of the manifest.
        signed_by: the key, base64.
        offers: what it holds.
    """

    manifest: Manifest
    digest: bytes
    signed_by: str
    offers: list[Offer]


def find_same(tx: Tx, requester: Requester, digest: bytes) -> Import | None:
    """The import of the same archive that stands already: nothing is brought twice."""
    row = tx.conn.execute(
        sa.select(privacy_import)
        .where(
            _row.user_id == requester.user_id,
            _row.digest == digest,
            sa.or_(_row.status.in_(("importing", "done", "undoing")), _row.expires_at > tx.now),
            _row.status != "undone",
        )
        .order_by(_row.import_id.desc())
        .limit(1)
    ).first()
    return None if row is None else to_import(tx, row)


def keep_import(
    tx: Tx, requester: Requester, verified: Verified, *, import_id: str, file_key: bytes
) -> Import:
    """Keep an archive whose file is stored, until the member says what shall come in."""
    manifest = verified.manifest
    tx.conn.execute(
        sa.insert(privacy_import).values(
            import_id=import_id,
            user_id=requester.user_id,
            status="ready",
            progress=0,
            step="",
            from_server=manifest.server_name,
            from_user=manifest.user_id,
            made_at=manifest.created_at,
            signed_by=verified.signed_by,
            digest=verified.digest,
            offers=encode_json(verified.offers).decode(),
            chosen="",
            created_at=tx.now,
            expires_at=tx.now + KEEP_MS,
            file_key=file_key,
        )
    )
    return access_import(tx, requester, import_id)


def begin_import(tx: Tx, requester: Requester, import_id: str, body: ImportBody) -> Import:
    """Bring in what is wanted, by a job.

    Raises:
        UnknownImport: somebody else's, or there is none.
        ImportNotPossible: it is under way or over, or its file is gone.
    """
    found = access_import(tx, requester, import_id)
    if found.status != "ready" or found.expires_at <= tx.now:
        raise ImportNotPossible(import_status=found.status)
    wanted = {offer.kind for offer in found.offers if offer.will} & set(body.kinds)
    _set(tx, import_id, "importing", chosen=",".join(sorted(wanted)))
    enqueue(tx, RECEIVE_JOB, {"import_id": import_id}, key=import_id)
    return access_import(tx, requester, import_id)


def undo_import(tx: Tx, requester: Requester, import_id: str) -> Import:
    """Take back what was brought in, by a job; or drop an archive that waits.

    Raises:
        UnknownImport: somebody else's, or there is none.
        ImportNotPossible: it was taken back already.
    """
    found = access_import(tx, requester, import_id)
    if found.status not in {"ready", "importing", "done"}:
        raise ImportNotPossible(import_status=found.status)
    _set(tx, import_id, "undoing")
    enqueue(tx, UNDO_JOB, {"import_id": import_id}, key=import_id)
    return access_import(tx, requester, import_id)


def note_step(tx: Tx, import_id: str, *, progress: int, step: str) -> None:
    """Tell how far it is."""
    tx.conn.execute(
        sa.update(privacy_import)
        .where(_row.import_id == import_id)
        .values(progress=progress, step=step)
    )


def note_item(tx: Tx, import_id: str, user_id: str, item: Item) -> None:
    """Keep what was brought in, in the transaction that brings it in.

    Raises:
        ImportNotPossible: the member takes it back already; nothing comes in any more.
    """
    status = tx.conn.execute(
        sa.select(_row.status).where(_row.import_id == import_id).with_for_update()
    ).scalar_one_or_none()
    if status != "importing":
        raise ImportNotPossible(import_status=status)
    tx.conn.execute(
        upsert(privacy_import_item, "made", "before").values(
            import_id=import_id,
            user_id=user_id,
            kind=item.kind,
            key=item.key,
            made=item.made,
            before=item.before,
        )
    )


def end_import(tx: Tx, import_id: str) -> None:
    """All that was wanted is in, unless the member takes it back already."""
    done = tx.conn.execute(
        sa.update(privacy_import)
        .where(_row.import_id == import_id, _row.status == "importing")
        .values(status="done", progress=100)
    )
    if not done.rowcount:
        return
    _drop_file(tx, _row.import_id == import_id)


def end_undo(tx: Tx, import_id: str) -> None:
    """All of it is out again."""
    tx.conn.execute(sa.delete(privacy_import_item).where(_item.import_id == import_id))
    _set(tx, import_id, "undone", progress=100)
    _drop_file(tx, _row.import_id == import_id)


def forget_file(tx: Tx, import_id: str) -> None:
    """Note that a file is gone; an archive that nobody acted on is forgotten whole."""
    tx.conn.execute(
        sa.delete(privacy_import).where(_row.import_id == import_id, _row.status == "ready")
    )
    tx.conn.execute(
        sa.update(privacy_import)
        .where(_row.import_id == import_id)
        .values(expires_at=0, file_key=b"")
    )


def forget_imports_of(tx: Tx, user_id: str) -> None:
    """Forget all that a member has brought, and tell whoever made something of it."""
    rows = tx.conn.execute(
        sa.select(_item.kind, _item.made)
        .where(_item.user_id == user_id)
        .order_by(_item.import_id, _item.kind, _item.key)
    ).all()
    for row in rows:
        tx.announce(BroughtForgotten(row.kind, row.made))
    tx.conn.execute(sa.delete(privacy_import_item).where(_item.user_id == user_id))
    gone = tx.conn.execute(
        sa.select(_row.import_id).where(_row.user_id == user_id, _row.expires_at > 0)
    )
    for import_id in list(gone.scalars()):
        enqueue(tx, DELETE_JOB, {"import_id": import_id}, key=import_id)
    tx.conn.execute(sa.delete(privacy_import).where(_row.user_id == user_id))


def _drop_file(tx: Tx, which: sa.ColumnElement[bool]) -> None:
    tx.conn.execute(
        sa.update(privacy_import).where(which).values(file_key=_NO_KEY, expires_at=tx.now)
    )
    enqueue(tx, DELETE_JOB, {"import_id": ""}, key="now")


def _set(
    tx: Tx, import_id: str, status: ImportStatus, *, progress: int = 0, chosen: str | None = None
) -> None:
    values: dict[str, object] = {"status": status, "progress": progress}
    if chosen is not None:
        values["chosen"] = chosen
    tx.conn.execute(sa.update(privacy_import).where(_row.import_id == import_id).values(**values))


def new_import_id(tx: Tx) -> ImportId:
    """An id for an archive that is about to be stored."""
    return ImportId(tx.new_id("imp"))
