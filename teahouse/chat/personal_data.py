"""What chat can give of one member: when things were done, never what was said."""

from __future__ import annotations

from teahouse import privacy
from teahouse.chat.media.personal_data import export_member as export_media
from teahouse.chat.receipts.personal_data import export_member as export_receipts
from teahouse.platform.db import Read
from teahouse.platform.json import JsonObject


def _export_for_release(read: Read, user_id: str) -> JsonObject:
    return {**export_media(read, user_id), **export_receipts(read, user_id)}


RELEASABLE = privacy.ExportHolder(
    fields=(
        privacy.Field(
            name="chat.media",
            en="when files were uploaded and last looked at; neither names nor contents",
            zh="文件上传和最近被查看的时间；不含文件名和内容",
            at="created_at",
            columns={
                "user_id": "chat_media.user_id",
                "created_at": "chat_media.created_at",
                "last_used_at": "chat_media.last_used_at",
            },
        ),
        privacy.Field(
            name="chat.receipts",
            en="when the member read up to which message",
            zh="成员在何时读到哪条消息",
            at="ts",
            columns={
                "user_id": "chat_receipt.user_id",
                "event_id": "chat_receipt.event_id",
                "ts": "chat_receipt.ts",
            },
        ),
    ),
    export=_export_for_release,
)
