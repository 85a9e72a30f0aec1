"""Reports to moderators, and what staff have looked at or done."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import metadata

_REPORTED = "to look into what members report"

chat_report = sa.Table(
    "chat_report",
    metadata,
    sa.Column("report_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("reported_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column(
        "reporter",
        sa.Text,
        nullable=False,
        info=personal(
            "identifier",
            _REPORTED,
            keep="account",
            seen_by=("self", "moderator"),
            basis="legitimate interest",
        ),
    ),
    # What is reported: an event of a room, a room, or a member.
    sa.Column("room_id", sa.Text, info=impersonal()),
    sa.Column("event_id", sa.Text, info=impersonal()),
    sa.Column(
        "user_id",
        sa.Text,
        info=personal(
            "identifier",
            _REPORTED,
            keep="account",
            seen_by=("moderator",),
            basis="legitimate interest",
        ),
    ),
    sa.Column(
        "reason",
        sa.Text,
        nullable=False,
        info=personal(
            "content",
            _REPORTED,
            keep="account",
            seen_by=("self", "moderator"),
            basis="legitimate interest",
        ),
    ),
    sa.CheckConstraint("room_id IS NOT NULL OR user_id IS NOT NULL", name="names_something"),
    sa.Index(None, "reported_at", "report_id"),
    sa.Index(None, "reporter"),
)

chat_staff_access = sa.Table(
    "chat_staff_access",
    metadata,
    sa.Column("access_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column(
        "staff_user_id",
        sa.Text,
        nullable=False,
        info=personal(
            "identifier",
            "so that members can see who of the staff has looked at what",
            keep="account",
            seen_by=("self", "members"),
            basis="legitimate interest",
        ),
    ),
    sa.Column("deed", sa.Text, nullable=False, info=impersonal()),
    # About whom or what: a member's id, a room's, a medium's; empty where it is about all.
    sa.Column(
        "about",
        sa.Text,
        nullable=False,
        info=personal(
            "identifier",
            "so that members can see what staff have looked at of theirs",
            keep="account",
            seen_by=("self",),
            basis="legitimate interest",
        ),
    ),
    sa.Index(None, "about", "at"),
)
