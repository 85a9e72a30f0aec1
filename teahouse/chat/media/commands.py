"""Changing what is known of media. Content comes and goes outside of transactions.

An upload first gets its place (a row that expires), then its file, then the row is completed. What
breaks off in between leaves a row that expires or a file that nothing knows; jobs remove both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from teahouse.chat.media import queries, rules
from teahouse.chat.media.access import (
    access_moderated_media,
    access_upload,
    check_is_moderator,
)
from teahouse.chat.media.announcements import MediaUploaded
from teahouse.chat.media.errors import MediaNotFound, QuotaExceeded, TooManyPendingUploads
from teahouse.chat.media.tables import chat_media, chat_media_thumbnail
from teahouse.chat.media.types import (
    FilesOutdated,
    Media,
    MediaLimits,
    ReceivedFile,
    StoredThumbnail,
    UploadDetails,
)
from teahouse.platform.db import upsert
from teahouse.platform.jobs import enqueue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from teahouse.platform.db import Tx
    from teahouse.platform.requester import Requester

REMOVE_FILES_JOB = "chat.remove_media_files"
BATCH_SIZE = 500
# 24 letters, of which nobody guesses one.
_MEDIA_ID_BYTES = 18

_media, _thumbnail = chat_media.c, chat_media_thumbnail.c
_count_pending = sa.select(sa.func.count()).where(
    _media.user_id == sa.bindparam("user_id"),
    _media.status == "waiting",
    _media.expires_at > sa.bindparam("now"),
)


def create_media(tx: Tx, requester: Requester, *, limits: MediaLimits, unused_ms: int) -> Media:
    """Give out a place for content that will come.

    Args:
        tx: the transaction.
        requester: who will upload.
        limits: what the operator has set.
        unused_ms: after this time the place is given up, milliseconds.

    Raises:
        TooManyPendingUploads: too many places wait for content.
        QuotaExceeded: nothing more may be uploaded.
    """
    values = {"user_id": requester.user_id, "now": tx.now}
    if tx.conn.execute(_count_pending, values).scalar_one() >= rules.PENDING_UPLOADS_MAX:
        raise TooManyPendingUploads(retry_after_ms=unused_ms)
    if queries.count_bytes(tx, requester.user_id) >= limits.member_bytes:
        raise QuotaExceeded
    row = {
        "media_id": tx.chance.secrets.token(_MEDIA_ID_BYTES),
        "user_id": requester.user_id,
        "status": "waiting",
        "content_type": rules.OCTET_STREAM,
        "file_name": None,
        "size": 0,
        "sha256": "",
        "stored_as": "",
        "created_at": tx.now,
        "expires_at": tx.now + unused_ms,
        "is_quarantined": False,
    }
    tx.conn.execute(sa.insert(chat_media), row)
    return Media(**row)  # type: ignore[arg-type]  # the row as it was just written


def complete_upload(
    tx: Tx,
    requester: Requester,
    *,
    limits: MediaLimits,
    media_id: str,
    details: UploadDetails,
    received: ReceivedFile,
) -> None:
    """Note that the content has come; whoever waits for it is told.

    Raises:
        MediaNotFound: never created, or expired meanwhile.
        NotYourUpload: created by someone else.
        AlreadyUploaded: another upload was faster.
        QuotaExceeded: other uploads have filled the quota meanwhile.
    """
    access_upload(tx, requester, media_id)
    if queries.count_bytes(tx, requester.user_id) + received.size > limits.member_bytes:
        raise QuotaExceeded
    tx.conn.execute(
        sa.update(chat_media)
        .where(_media.media_id == media_id)
        .values(
            status="stored",
            content_type=details.content_type,
            file_name=details.file_name,
            size=received.size,
            sha256=received.sha256,
            stored_as=received.stored_as,
            expires_at=0,
        )
    )
    tx.announce(MediaUploaded(media_id))


def abandon_upload(tx: Tx, requester: Requester, *, media_id: str) -> None:
    """Give up a place that got no content."""
    tx.conn.execute(
        sa.delete(chat_media).where(
            _media.media_id == media_id,
            _media.user_id == requester.user_id,
            _media.status == "waiting",
        )
    )


def store_thumbnail(tx: Tx, media_id: str, *, form: str, thumbnail: StoredThumbnail) -> None:
    """Note that a thumbnail was made.

    Raises:
        MediaNotFound: the picture was deleted meanwhile.
    """
    known = sa.select(_media.media_id).where(_media.media_id == media_id)
    if tx.conn.execute(known).one_or_none() is None:
        raise MediaNotFound
    tx.conn.execute(
        upsert(chat_media_thumbnail, "content_type", "size", "stored_as"),
        {
            "media_id": media_id,
            "form": form,
            "content_type": thumbnail.content_type,
            "size": thumbnail.size,
            "stored_as": thumbnail.stored_as,
        },
    )


def set_quarantine(tx: Tx, requester: Requester, *, media_id: str, is_quarantined: bool) -> None:
    """Keep media from everybody, or give it back.

    Raises:
        NotAModerator: the requester is none, nor an operator.
        MediaNotFound: never there.
    """
    access_moderated_media(tx, requester, media_id)
    tx.conn.execute(
        sa.update(chat_media)
        .where(_media.media_id == media_id)
        .values(is_quarantined=is_quarantined)
    )


def quarantine_media_of_member(tx: Tx, requester: Requester, *, user_id: str) -> int:
    """Keep all that a member has uploaded from everybody.

    Returns:
        How many were not quarantined before.

    Raises:
        NotAModerator: the requester is none, nor an operator.
    """
    check_is_moderator(requester)
    changed = tx.conn.execute(
        sa.update(chat_media)
        .where(_media.user_id == user_id, _media.is_quarantined == sa.false())
        .values(is_quarantined=True)
    )
    return changed.rowcount


def delete_media(tx: Tx, requester: Requester, *, media_id: str) -> None:
    """Delete media for good.

    Raises:
        NotAModerator: the requester is none, nor an operator.
        MediaNotFound: never there.
    """
    access_moderated_media(tx, requester, media_id)
    _delete(tx, [media_id])


def delete_media_of_member(tx: Tx, user_id: str) -> int:
    """Erase what a member has uploaded, at most `BATCH_SIZE` at a time.

    Returns:
        How many were deleted; call it again until none is.
    """
    query = (
        sa.select(_media.media_id)
        .where(_media.user_id == user_id)
        .order_by(_media.media_id)
        .limit(BATCH_SIZE)
    )
    return _delete(tx, list(tx.conn.execute(query).scalars()))


def delete_expired_places(tx: Tx) -> int:
    """Give up places that got no content in time, at most `BATCH_SIZE` at a time.

    Returns:
        How many were given up; call it again until none is.
    """
    query = (
        sa.select(_media.media_id)
        .where(_media.status == "waiting", _media.expires_at <= tx.now)
        .order_by(_media.media_id)
        .limit(BATCH_SIZE)
    )
    return _delete(tx, list(tx.conn.execute(query).scalars()))


def _delete(tx: Tx, media_ids: Sequence[str]) -> int:
    if not media_ids:
        return 0
    files = _take_names(tx, sa.select(_media.stored_as).where(_media.media_id.in_(media_ids)))
    thumbnails = _take_names(
        tx, sa.select(_thumbnail.stored_as).where(_thumbnail.media_id.in_(media_ids))
    )
    tx.conn.execute(sa.delete(chat_media_thumbnail).where(_thumbnail.media_id.in_(media_ids)))
    tx.conn.execute(sa.delete(chat_media).where(_media.media_id.in_(media_ids)))
    if files or thumbnails:
        enqueue(tx, REMOVE_FILES_JOB, FilesOutdated(files, thumbnails))
    return len(media_ids)


def _take_names(tx: Tx, query: sa.Select[str]) -> list[str]:
    return [name for name in tx.conn.execute(query).scalars() if name]
