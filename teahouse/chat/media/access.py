"""Who may do what with media: every member downloads, its uploader uploads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from teahouse.chat.media.errors import (
    AlreadyUploaded,
    MediaNotFound,
    NotAModerator,
    NotYourUpload,
)
from teahouse.chat.media.rules import is_media_id
from teahouse.chat.media.tables import chat_media
from teahouse.chat.media.types import Media

if TYPE_CHECKING:
    from teahouse.platform.db import Read
    from teahouse.platform.requester import Requester

_media = chat_media.c
MEDIA_COLUMNS = (
    _media.media_id,
    _media.user_id,
    _media.status,
    _media.content_type,
    _media.file_name,
    _media.size,
    _media.sha256,
    _media.stored_as,
    _media.created_at,
    _media.expires_at,
    _media.is_quarantined,
    _media.last_used_at,
)
_find = sa.select(*MEDIA_COLUMNS).where(_media.media_id == sa.bindparam("media_id"))


def to_media(row: sa.Row[*tuple[object, ...]]) -> Media:
    """A row of `MEDIA_COLUMNS`."""
    return Media(**row._mapping)  # noqa: SLF001 - SQLAlchemy's name for it


def access_download(read: Read, _requester: Requester, media_id: str) -> Media:
    """Media that a signed-in member may download: any, by its id, which cannot be guessed.

    Returns:
        The media, which may still be waiting for its content.

    Raises:
        MediaNotFound: never there, expired or quarantined.
    """
    media = _find_media(read, media_id)
    if media is None or media.is_quarantined:
        raise MediaNotFound
    if media.status == "waiting" and media.expires_at <= read.now:
        raise MediaNotFound
    return media


def access_upload(read: Read, requester: Requester, media_id: str) -> Media:
    """A place for content that the requester may fill.

    Raises:
        MediaNotFound: never created, or expired.
        NotYourUpload: created by someone else.
        AlreadyUploaded: its content is there.
    """
    media = _find_media(read, media_id)
    if media is None or (media.status == "waiting" and media.expires_at <= read.now):
        raise MediaNotFound
    if media.user_id != requester.user_id:
        raise NotYourUpload
    if media.status != "waiting":
        raise AlreadyUploaded
    return media


def access_moderated_media(read: Read, requester: Requester, media_id: str) -> Media:
    """Media that a moderator looks after, quarantined or not.

    Raises:
        NotAModerator: the requester is none, nor an operator.
        MediaNotFound: never there.
    """
    check_is_moderator(requester)
    media = _find_media(read, media_id)
    if media is None:
        raise MediaNotFound
    return media


def check_is_moderator(requester: Requester) -> None:
    """Check that a requester looks after others' media.

    Raises:
        NotAModerator: they do not.
    """
    if not requester.roles & {"moderator", "operator"}:
        raise NotAModerator


def _find_media(read: Read, media_id: str) -> Media | None:
    if not is_media_id(media_id):
        return None
    row = read.conn.execute(_find, {"media_id": media_id}).one_or_none()
    return None if row is None else to_media(row)
