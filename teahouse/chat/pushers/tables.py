"""Where members' apps want to hear of news while they are not looking."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import personal
from teahouse.platform.db import metadata

_WAKE = personal("identifier", "to wake your device when there is news", keep="device")
_APP = personal("profile", "to show you which app is woken", keep="device")

chat_pusher = sa.Table(
    "chat_pusher",
    metadata,
    sa.Column("user_id", sa.Text, primary_key=True, info=_WAKE),
    sa.Column("app_id", sa.Text, primary_key=True, info=_WAKE),
    sa.Column("pushkey", sa.Text, primary_key=True, info=_WAKE),
    # Empty where an application service set it.
    sa.Column("device_id", sa.Text, nullable=False, info=_WAKE),
    sa.Column("app_display_name", sa.Text, nullable=False, info=_APP),
    sa.Column("device_display_name", sa.Text, nullable=False, info=_APP),
    sa.Column("profile_tag", sa.Text, info=_APP),
    sa.Column("lang", sa.Text, nullable=False, info=_APP),
    # JSON, with the URL of the gateway.
    sa.Column("data", sa.Text, nullable=False, info=_WAKE),
    sa.Column(
        "created_at",
        sa.BigInteger,
        nullable=False,
        info=personal("activity", "gateways ask since when a key is known", keep="device"),
    ),
    # The number of unread messages that it was told last; null before the first.
    sa.Column(
        "told_unread",
        sa.BigInteger,
        info=personal("activity", "to take the number off your app's icon", keep="device"),
    ),
)
sa.Index("ix_chat_pusher_key", chat_pusher.c.app_id, chat_pusher.c.pushkey)
