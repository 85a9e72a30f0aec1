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
from teahouse.chat.media.tables import chat_media, chat_media_thumbnail, chat_media_use
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

    from teahouse.chat.event_store.announcements import EventRedacted, EventsAppended
    from teahouse.platform.db import Tx
    from teahouse.platform.requester import Requester

REMOVE_FILES_JOB = "chat.remove_media_files"
BATCH_SIZE = 500
# 24 letters, of which nobody guesses one.
_MEDIA_ID_BYTES = 18

_media, _thumbnail, _use = chat_media.c, chat_media_thumbnail.c, chat_media_use.c
_insert_use = sa.insert(chat_media_use)
_find_used = (
    sa.select(_use.media_id).where(_use.position == sa.bindparam("at")).order_by(_use.media_id)
)
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
        "last_used_at": tx.now,
    }
    tx.conn.execute(sa.insert(chat_media).values(knows_uses=True), row)
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


def set_quarantine(tx: Tx, requester: Requester, *, media_id: str, is_quarantined: bool) -> str:
    """Keep media from everybody, or give it back.

    Returns:
        Who uploaded it.

    Raises:
        NotAModerator: the requester is none, nor an operator.
        MediaNotFound: never there.
    """
    media = access_moderated_media(tx, requester, media_id)
    tx.conn.execute(
        sa.update(chat_media)
        .where(_media.media_id == media_id)
        .values(is_quarantined=is_quarantined)
    )
    return media.user_id


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
    remove_media(tx, [media_id])


def delete_own_media(tx: Tx, user_id: str, media_ids: Sequence[str]) -> int:
    """Delete some of what a member has uploaded.

    Returns:
        How many were theirs.
    """
    query = (
        sa.select(_media.media_id)
        .where(_media.user_id == user_id, _media.media_id.in_(media_ids))
        .order_by(_media.media_id)
    )
    return remove_media(tx, list(tx.conn.execute(query).scalars()))


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
    return remove_media(tx, list(tx.conn.execute(query).scalars()))


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
    return remove_media(tx, list(tx.conn.execute(query).scalars()))


# What events show


def follow_appended(tx: Tx, appended: EventsAppended, server_name: str) -> None:
    """Note which media new events show."""
    shown = {
        event.position: found
        for event in appended.events
        if (found := rules.find_media_ids(event.json, server_name))
    }
    media_ids = sorted({media_id for found in shown.values() for media_id in found})
    known: set[str] = set()
    for start in range(0, len(media_ids), BATCH_SIZE):
        some = media_ids[start : start + BATCH_SIZE]
        known |= set(queries.find_uploaders(tx, some))
    rows = [
        {"media_id": media_id, "position": position}
        for position, found in shown.items()
        for media_id in found
        if media_id in known
    ]
    if rows:
        tx.conn.execute(_insert_use, rows)


def follow_redacted(tx: Tx, redacted: EventRedacted, server_name: str) -> None:
    """Forget what an emptied event showed; where its time had come, that goes with it.

    Only what its sender uploaded, and nothing that is still shown elsewhere. Of media in
    encrypted events the server cannot know: for them there is `media_days`.
    """
    event = redacted.event
    media_ids = list(tx.conn.execute(_find_used, {"at": event.position}).scalars())
    if not media_ids:
        return
    tx.conn.execute(sa.delete(chat_media_use).where(_use.position == event.position))
    if event.redacted_by is None:
        shown = queries.find_shown(tx, event.sender, media_ids, server_name=server_name)
        own = queries.find_uploaders(tx, media_ids, if_uses_are_known=True)
        remove_media(tx, [m for m in media_ids if own.get(m) == event.sender and m not in shown])


def note_looks(tx: Tx, media_ids: list[str]) -> list[None]:
    """Note that somebody has looked at media."""
    tx.conn.execute(
        sa.update(chat_media).where(_media.media_id.in_(media_ids)).values(last_used_at=tx.now)
    )
    return [None] * len(media_ids)


def delete_unused_media(
    tx: Tx, *, server_name: str, unused_ms: int, after: str
) -> tuple[str | None, int]:
    """Delete what nobody has looked at for long, of `BATCH_SIZE` media.

    Pictures of members and rooms stay, and what else the present state of a room or a member's
    settings show; so does what moderators have put aside.

    Args:
        tx: the transaction.
        server_name: of this server.
        unused_ms: how long nobody looked, milliseconds.
        after: the media id before the first.

    Returns:
        The last media id looked at, None at the end; and how many were deleted.
    """
    found = queries.find_unused(tx, before=tx.now - unused_ms, after=after, limit=BATCH_SIZE)
    if not found:
        return None, 0
    kept = queries.find_kept(tx, found, server_name=server_name)
    return max(found), remove_media(tx, sorted(found.keys() - kept))


def remove_media(tx: Tx, media_ids: Sequence[str]) -> int:
    """Delete some media for good, whosever they are; a job removes the files.

    Args:
        tx: the transaction.
        media_ids: some hundred; the caller knows that nothing shows them any more.

    Returns:
        How many.
    """
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
