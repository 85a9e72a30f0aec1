"""Reading about media."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from teahouse.chat.media.access import (
    MEDIA_COLUMNS,
    access_download,
    access_upload,
    check_is_moderator,
    to_media,
)
from teahouse.chat.media.errors import QuotaExceeded
from teahouse.chat.media.tables import chat_media, chat_media_thumbnail
from teahouse.chat.media.types import Media, MediaLimits, StoredThumbnail

if TYPE_CHECKING:
    from collections.abc import Collection

    from teahouse.platform.db import Read
    from teahouse.platform.requester import Requester

LIST_LIMIT = 1000

_media, _thumbnail = chat_media.c, chat_media_thumbnail.c
_sum_sizes = sa.select(sa.func.coalesce(sa.func.sum(_media.size), 0)).where(
    _media.user_id == sa.bindparam("user_id"), _media.status == "stored"
)
_find_thumbnail = sa.select(_thumbnail.stored_as, _thumbnail.content_type, _thumbnail.size).where(
    _thumbnail.media_id == sa.bindparam("media_id"), _thumbnail.form == sa.bindparam("form")
)


def find_thumbnail(
    read: Read, requester: Requester, *, media_id: str, form: str
) -> tuple[Media, StoredThumbnail | None]:
    """Media that a member may see, and its thumbnail of a form if it was made before.

    Raises:
        MediaNotFound: never there, expired or quarantined.
    """
    media = access_download(read, requester, media_id)
    row = read.conn.execute(_find_thumbnail, {"media_id": media_id, "form": form}).one_or_none()
    return media, None if row is None else StoredThumbnail(*row)


def find_upload_bytes_left(
    read: Read, requester: Requester, *, limits: MediaLimits, media_id: str
) -> int:
    """How many bytes the requester may upload to a place that they have created.

    Raises:
        MediaNotFound: never created, or expired.
        NotYourUpload: created by someone else.
        AlreadyUploaded: its content is there.
        QuotaExceeded: none.
    """
    access_upload(read, requester, media_id)
    left = limits.member_bytes - count_bytes(read, requester.user_id)
    if left <= 0:
        raise QuotaExceeded
    return min(left, limits.upload_bytes)


def count_bytes(read: Read, user_id: str) -> int:
    """How many bytes a member's uploads take."""
    counted: int = read.conn.execute(_sum_sizes, {"user_id": user_id}).scalar_one()
    # PostgreSQL sums big integers to a decimal.
    return int(counted)


def list_media_of_member(
    read: Read, requester: Requester, *, user_id: str, limit: int = LIST_LIMIT
) -> list[Media]:
    """What a member has uploaded, newest first: for themself, moderators and operators.

    Raises:
        NotAModerator: someone else's.
    """
    if requester.user_id != user_id:
        check_is_moderator(requester)
    return list_media(read, user_id, limit=limit)


def list_media(read: Read, user_id: str, *, limit: int = LIST_LIMIT) -> list[Media]:
    """What a member has uploaded, newest first."""
    rows = read.conn.execute(
        sa.select(*MEDIA_COLUMNS)
        .where(_media.user_id == user_id)
        .order_by(_media.created_at.desc(), _media.media_id)
        .limit(min(limit, LIST_LIMIT))
    )
    return [to_media(row) for row in rows]


def find_unknown_files(
    read: Read, *, media: Collection[str], thumbnails: Collection[str]
) -> tuple[set[str], set[str]]:
    """Which files, of at most some hundred, belong to nothing that is known."""
    kept_media = read.conn.execute(
        sa.select(_media.stored_as)
        .where(_media.stored_as.in_(sorted(media)))
        .order_by(_media.stored_as)
    )
    kept_thumbnails = read.conn.execute(
        sa.select(_thumbnail.stored_as)
        .where(_thumbnail.stored_as.in_(sorted(thumbnails)))
        .order_by(_thumbnail.stored_as)
    )
    return (
        set(media) - set(kept_media.scalars()),
        set(thumbnails) - set(kept_thumbnails.scalars()),
    )
