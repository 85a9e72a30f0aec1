"""Reading about media."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from teahouse import accounts
from teahouse.chat.account_data.queries import list_contents_with
from teahouse.chat.event_store.tables import chat_current_state, chat_event
from teahouse.chat.media.access import (
    MEDIA_COLUMNS,
    access_download,
    access_upload,
    check_is_moderator,
    to_media,
)
from teahouse.chat.media.errors import QuotaExceeded
from teahouse.chat.media.rules import find_media_ids
from teahouse.chat.media.tables import chat_media, chat_media_thumbnail, chat_media_use
from teahouse.chat.media.types import Media, MediaLimits, StoredThumbnail

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from teahouse.platform.db import Read
    from teahouse.platform.requester import Requester

LIST_LIMIT = 1000

_media, _thumbnail, _use = chat_media.c, chat_media_thumbnail.c, chat_media_use.c
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


# What is shown


def find_uploaders(
    read: Read, media_ids: Collection[str], *, if_uses_are_known: bool = False
) -> dict[str, str]:
    """Who has uploaded some media; those that are not there are left out.

    Args:
        read: the view.
        media_ids: some hundred.
        if_uses_are_known: leaves out those that events older than our notes may show.
    """
    query = sa.select(_media.media_id, _media.user_id).where(_media.media_id.in_(media_ids))
    if if_uses_are_known:
        query = query.where(_media.knows_uses)
    rows = read.conn.execute(query.order_by(_media.media_id))
    return {row.media_id: row.user_id for row in rows}


def find_shown(
    read: Read, user_id: str, media_ids: Collection[str], *, server_name: str
) -> set[str]:
    """Of some hundred media of a member those that events, the profile or settings show."""
    query = sa.select(_use.media_id).where(_use.media_id.in_(media_ids)).distinct()
    shown = set(read.conn.execute(query.order_by(_use.media_id)).scalars())
    return shown | _find_outside_rooms(read, {user_id}, media_ids, server_name=server_name)


def find_shown_by_rooms(
    read: Read, rooms: sa.Select[Any], *, after: str, limit: int
) -> dict[str, str]:
    """Media that events of some rooms show, with who has uploaded them; in the order of their ids.

    Without those that older events than our notes may show, and what moderators have put aside.
    """
    rows = read.conn.execute(
        sa.select(_media.media_id, _media.user_id)
        .join(chat_media_use, _use.media_id == _media.media_id)
        .join(chat_event, chat_event.c.position == _use.position)
        .where(
            chat_event.c.room_id.in_(rooms),
            _media.media_id > after,
            _media.knows_uses,
            _media.is_quarantined == sa.false(),
        )
        .distinct()
        .order_by(_media.media_id)
        .limit(limit)
    )
    return {row.media_id: row.user_id for row in rows}


def find_shown_elsewhere(
    read: Read, media: Mapping[str, str], *, but_rooms: sa.Select[Any], server_name: str
) -> set[str]:
    """Of some hundred media those that other rooms, profiles or settings show.

    Args:
        read: the view.
        media: ids, with who has uploaded them.
        but_rooms: selects the rooms that do not count.
        server_name: of this server.
    """
    used = (
        sa.select(_use.media_id)
        .join(chat_event, chat_event.c.position == _use.position)
        .where(_use.media_id.in_(media), chat_event.c.room_id.not_in(but_rooms))
        .distinct()
        .order_by(_use.media_id)
    )
    shown = set(read.conn.execute(used).scalars())
    return shown | _find_outside_rooms(read, set(media.values()), media, server_name=server_name)


def find_unused(read: Read, *, before: int, after: str, limit: int) -> dict[str, str]:
    """Media that nobody looked at since an instant, with who has uploaded them, by their ids."""
    rows = read.conn.execute(
        sa.select(_media.media_id, _media.user_id)
        .where(
            _media.media_id > after,
            _media.status == "stored",
            _media.last_used_at < before,
            _media.created_at < before,
            _media.is_quarantined == sa.false(),
        )
        .order_by(_media.media_id)
        .limit(limit)
    )
    return {row.media_id: row.user_id for row in rows}


def find_kept(read: Read, media: Mapping[str, str], *, server_name: str) -> set[str]:
    """Of some hundred media those that the present shows: states, profiles, settings.

    Args:
        read: the view.
        media: ids, with who has uploaded them.
        server_name: of this server.
    """
    used = (
        sa.select(_use.media_id)
        .join(chat_current_state, chat_current_state.c.position == _use.position)
        .where(_use.media_id.in_(media))
        .distinct()
        .order_by(_use.media_id)
    )
    kept = set(read.conn.execute(used).scalars())
    kept |= _find_outside_rooms(read, set(media.values()), media, server_name=server_name)
    # Of what is older than our notes of uses, at least the pictures of rooms stay.
    avatars = (
        sa.select(chat_event.c.pdu)
        .join(chat_current_state, chat_current_state.c.position == chat_event.c.position)
        .where(chat_current_state.c.type == "m.room.avatar")
    )
    if len(find_uploaders(read, media, if_uses_are_known=True)) < len(media):
        for pdu in read.conn.execute(avatars).scalars():
            kept.update(find_media_ids(pdu, server_name))
    return kept & media.keys()


def _find_outside_rooms(
    read: Read, user_ids: Collection[str], media_ids: Collection[str], *, server_name: str
) -> set[str]:
    """Media that are somebody's picture, or that members' settings name, such as stickers."""
    uris = {f"mxc://{server_name}/{media_id}": media_id for media_id in media_ids}
    shown = {uris[uri] for uri in accounts.find_avatars(read, uris)}
    for content in list_contents_with(read, user_ids, f"mxc://{server_name}/"):
        shown.update(find_media_ids(content, server_name))
    return shown.intersection(media_ids)
