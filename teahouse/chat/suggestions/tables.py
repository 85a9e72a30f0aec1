"""Suggestions, sealed under the consent that they are made under."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse import privacy
from teahouse.platform.data_map import DAY_MS, derived, impersonal, limit_age, personal
from teahouse.platform.db import metadata

_PURPOSE = "to suggest people to you, if you said yes to that"
KEEP_MS = 30 * DAY_MS
SUGGEST_JOB = "chat.suggest_contacts"

chat_suggestion = sa.Table(
    "chat_suggestion",
    metadata,
    sa.Column(
        "user_id",
        sa.Text,
        primary_key=True,
        info=personal("identifier", _PURPOSE, keep="30 days", basis="consent"),
    ),
    sa.Column("made_at", sa.BigInteger, nullable=False, index=True, info=impersonal()),
    sa.Column(
        "sealed",
        sa.LargeBinary,
        nullable=False,
        info=derived("relation", _PURPOSE, keep="30 days", under=privacy.CONTACT_SUGGESTIONS.name),
    ),
)

limit_age(chat_suggestion.c.made_at, keep="30 days", keep_ms=KEEP_MS, job=SUGGEST_JOB)
