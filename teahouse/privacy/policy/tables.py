"""The tables of the policy: every version as it was shown, and what members said to it."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import metadata

_PURPOSE = "what you said to a version of the privacy policy"

privacy_policy_version = sa.Table(
    "privacy_policy_version",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False, info=impersonal()),
    sa.Column("published_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("applies_at", sa.BigInteger, nullable=False, info=impersonal()),
    # What it was made from, as JSON, and SHA-256 of that: differs when the data map does.
    sa.Column("source", sa.Text, nullable=False, info=impersonal()),
    sa.Column("source_hash", sa.Text, nullable=False, info=impersonal()),
    sa.Column("html_en", sa.Text, nullable=False, info=impersonal()),
    sa.Column("html_zh", sa.Text, nullable=False, info=impersonal()),
    sa.Column("sha256_en", sa.Text, nullable=False, unique=True, info=impersonal()),
    sa.Column("sha256_zh", sa.Text, nullable=False, unique=True, info=impersonal()),
)

privacy_policy_reply = sa.Table(
    "privacy_policy_reply",
    metadata,
    sa.Column(
        "user_id", sa.Text, primary_key=True, info=personal("identifier", _PURPOSE, keep="account")
    ),
    sa.Column(
        "number", sa.Integer, sa.ForeignKey("privacy_policy_version.number"), primary_key=True,
        autoincrement=False, info=personal("preference", _PURPOSE, keep="account"),
    ),
    sa.Column(
        "reply", sa.Text, nullable=False, info=personal("preference", _PURPOSE, keep="account")
    ),
    sa.Column(
        "replied_at", sa.BigInteger, nullable=False,
        info=personal("activity", _PURPOSE, keep="account"),
    ),
    sa.CheckConstraint("reply IN ('accepted', 'refused')", name="reply_known"),
)  # fmt: skip
