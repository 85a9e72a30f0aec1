"""Where media are known; their content is in the file store. Read by this folder only."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import declare_files, impersonal, personal
from teahouse.platform.db import metadata

MEDIA_FILES = declare_files(
    "media",
    "content",
    "pictures and files that you upload; encrypted by your app in encrypted rooms",
    keep="account",
    seen_by=("members",),
)
THUMBNAIL_FILES = declare_files(
    "thumbnails",
    "content",
    "small forms of pictures that you upload unencrypted",
    keep="account",
    seen_by=("members",),
)

chat_media = sa.Table(
    "chat_media",
    metadata,
    sa.Column("media_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column(
        "user_id",
        sa.Text,
        nullable=False,
        info=personal("identifier", "who has uploaded it", keep="account"),
    ),
    sa.Column("status", sa.Text, nullable=False, info=impersonal()),
    sa.Column("content_type", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "file_name",
        sa.Text,
        info=personal("content", "what you named the file", keep="account", seen_by=("members",)),
    ),
    sa.Column("size", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column(
        "sha256",
        sa.Text,
        nullable=False,
        info=personal(
            "content", "to see whether the file is still whole", keep="account", seen_by=()
        ),
    ),
    # A name of its own for each try, so that of two at a time none spoils the other.
    sa.Column("stored_as", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "created_at",
        sa.BigInteger,
        nullable=False,
        info=personal("activity", "when you have uploaded it", keep="account"),
    ),
    # When a place that was asked for is given up; 0 where the content is there.
    sa.Column("expires_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("is_quarantined", sa.Boolean, nullable=False, info=impersonal()),
    # Exact to a day, which is enough to see what nobody looks at; 0 where it was not noted yet.
    sa.Column(
        "last_used_at",
        sa.BigInteger,
        nullable=False,
        server_default="0",
        info=personal("activity", "to remove what nobody looks at any more", keep="account"),
    ),
    # Whether `chat_media_use` knows every event that shows it; null where it is older than that
    # table.
    sa.Column("knows_uses", sa.Boolean, info=impersonal()),
    sa.CheckConstraint("status IN ('waiting', 'stored')", name="status_known"),
    sa.CheckConstraint("size >= 0", name="size_not_negative"),
    sa.Index(None, "user_id", "status"),
    sa.Index(None, "status", "expires_at"),
    sa.Index(None, "stored_as"),
)

# Which events show which media, as far as the server can read them. Both go with their event.
chat_media_use = sa.Table(
    "chat_media_use",
    metadata,
    sa.Column(
        "media_id",
        sa.Text,
        sa.ForeignKey("chat_media.media_id", ondelete="CASCADE"),
        primary_key=True,
        info=impersonal(),
    ),
    sa.Column(
        "position",
        sa.BigInteger,
        sa.ForeignKey("chat_event.position", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        info=impersonal(),
    ),
    sa.Index(None, "position"),
)

chat_media_thumbnail = sa.Table(
    "chat_media_thumbnail",
    metadata,
    sa.Column(
        "media_id",
        sa.Text,
        sa.ForeignKey("chat_media.media_id"),
        primary_key=True,
        info=impersonal(),
    ),
    sa.Column("form", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("content_type", sa.Text, nullable=False, info=impersonal()),
    sa.Column("size", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("stored_as", sa.Text, nullable=False, info=impersonal()),
    sa.Index(None, "stored_as"),
)
