"""What chat can give of one member: where they are and when they did something.

Never what was said: nobody who holds the whole database could tell it of an encrypted chat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa

from teahouse import privacy
from teahouse.chat.event_store.tables import chat_event, chat_membership
from teahouse.chat.media.tables import chat_media
from teahouse.chat.receipts.tables import chat_receipt
from teahouse.platform.db import Read
from teahouse.platform.json import JsonObject

_member, _event = chat_membership.c, chat_event.c
_media, _receipt = chat_media.c, chat_receipt.c


def _read_by(
    select: Callable[[str], sa.Select[Any]],
) -> Callable[[Read, str], Iterator[JsonObject]]:
    def read_items(read: Read, user_id: str) -> Iterator[JsonObject]:
        for row in read.conn.execute(select(user_id)):
            yield dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it

    return read_items


def _memberships(user_id: str) -> sa.Select[Any]:
    return (
        sa.select(
            _member.user_id,
            _member.room_id,
            _member.membership,
            _event.origin_server_ts.label("since"),
        )
        .where(_member.user_id == user_id, _event.position == _member.position)
        .order_by(_member.room_id)
    )


def _envelopes(user_id: str) -> sa.Select[Any]:
    rooms = sa.select(_member.room_id).where(_member.user_id == user_id)
    return (
        sa.select(
            _event.sender,
            _event.room_id,
            _event.type,
            _event.origin_server_ts.label("sent_at"),
        )
        # There is an index by room, none by sender.
        .where(_event.sender == user_id, _event.room_id.in_(rooms))
        .order_by(_event.position)
    )


def _uploads(user_id: str) -> sa.Select[Any]:
    return (
        sa.select(_media.user_id, _media.created_at, _media.last_used_at)
        .where(_media.user_id == user_id)
        .order_by(_media.created_at, _media.media_id)
    )


def _read_marks(user_id: str) -> sa.Select[Any]:
    return (
        sa.select(_receipt.user_id, _receipt.event_id, _receipt.ts)
        .where(_receipt.user_id == user_id)
        .order_by(_receipt.ts, _receipt.room_id, _receipt.event_id)
    )


_MEMBERSHIPS = privacy.Field(
    name="chat.memberships",
    en="chats that the member is in or was in, and since when; no names of chats",
    zh="成员所在或曾在的聊天，以及自何时起；不含聊天名称",
    at="since",
    columns={
        "user_id": "chat_membership.user_id",
        "room_id": "chat_membership.room_id",
        "membership": "chat_membership.membership",
        "since": "chat_event.origin_server_ts",
    },
)
_ENVELOPES = privacy.Field(
    name="chat.envelopes",
    en="when the member sent something, into which chat and of which kind; never what it says",
    zh="成员何时向哪个聊天发送了何种内容；绝不含内容本身",
    at="sent_at",
    columns={
        "sender": "chat_event.sender",
        "room_id": "chat_event.room_id",
        "type": "chat_event.type",
        "sent_at": "chat_event.origin_server_ts",
    },
)
_UPLOADS = privacy.Field(
    name="chat.media",
    en="when files were uploaded and last looked at; neither names nor contents",
    zh="文件上传和最近被查看的时间；不含文件名和内容",
    at="created_at",
    columns={
        "user_id": "chat_media.user_id",
        "created_at": "chat_media.created_at",
        "last_used_at": "chat_media.last_used_at",
    },
)
_READ_MARKS = privacy.Field(
    name="chat.receipts",
    en="when the member read up to which message",
    zh="成员在何时读到哪条消息",
    at="ts",
    columns={
        "user_id": "chat_receipt.user_id",
        "event_id": "chat_receipt.event_id",
        "ts": "chat_receipt.ts",
    },
)

RELEASABLE = privacy.QueryHolder(
    (
        (_MEMBERSHIPS, _read_by(_memberships)),
        (_ENVELOPES, _read_by(_envelopes)),
        (_UPLOADS, _read_by(_uploads)),
        (_READ_MARKS, _read_by(_read_marks)),
    )
)
