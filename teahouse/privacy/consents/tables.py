"""The table of consents: every answer ever given, the newest of which holds."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import metadata

_PURPOSE = "to prove what you said yes and no to"
# Source: Regulation (EU) 2016/679, article 7(1).
_who = personal("identifier", _PURPOSE, keep="account", basis="legal obligation")
_what = personal("preference", _PURPOSE, keep="account", basis="legal obligation")

privacy_consent = sa.Table(
    "privacy_consent",
    metadata,
    sa.Column("user_id", sa.Text, primary_key=True, info=_who),
    sa.Column("purpose", sa.Text, primary_key=True, info=_what),
    # From 1, without gaps.
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False, info=impersonal()),
    sa.Column("state", sa.Text, nullable=False, info=_what),
    sa.Column("answered_at", sa.BigInteger, nullable=False, info=_what),
    sa.Column("voice", sa.Text, nullable=False, info=_what),
    # What was asked, so that consent to something else is not taken for consent to this.
    sa.Column("purpose_hash", sa.Text, nullable=False, info=impersonal()),
    sa.Column("notice_version", sa.Integer, nullable=False, info=impersonal()),
    sa.Column("receipt_id", sa.Text, nullable=False, unique=True, info=impersonal()),
    sa.Column("receipt", sa.Text, nullable=False, info=_what),
    sa.Column("signature", sa.LargeBinary, nullable=False, info=impersonal()),
    sa.Column("log_index", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("log_salt", sa.LargeBinary, nullable=False, info=impersonal()),
    sa.CheckConstraint("state IN ('given', 'refused', 'withdrawn')", name="state_known"),
    sa.CheckConstraint("voice IN ('member', 'gpc')", name="voice_known"),
)
