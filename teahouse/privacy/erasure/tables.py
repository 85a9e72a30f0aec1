"""The table of erasures: those asked for, those under way, and certificates to be fetched."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import DAY_MS, impersonal, limit_age, personal
from teahouse.platform.db import metadata

_PURPOSE = "to erase your account when you asked for it"

privacy_erasure = sa.Table(
    "privacy_erasure",
    metadata,
    sa.Column("erasure_id", sa.Text, primary_key=True, info=impersonal()),
    # NULL once it is done.
    sa.Column(
        "user_id",
        sa.Text,
        unique=True,
        info=personal("identifier", _PURPOSE, keep="job"),
    ),
    sa.Column("status", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "asked_at", sa.BigInteger, nullable=False, info=personal("activity", _PURPOSE, keep="job")
    ),
    sa.Column("due_at", sa.BigInteger, nullable=False, index=True, info=impersonal()),
    sa.Column("begun_at", sa.BigInteger, info=impersonal()),
    # When all that takes more than one transaction was done, but for jobs that remove files.
    sa.Column("emptied_at", sa.BigInteger, info=impersonal()),
    sa.Column("done_at", sa.BigInteger, index=True, info=impersonal()),
    # Of the words by which the member fetches the certificate without an account.
    sa.Column("claim_digest", sa.LargeBinary, index=True, info=impersonal()),
    # What there was of theirs, counted before it went; JSON.
    sa.Column("found", sa.Text, info=impersonal()),
    # What the log commits to about the key, which the certificate opens; JSON.
    sa.Column("key_entry", sa.Text, info=impersonal()),
    sa.Column(
        "certificate",
        sa.Text,
        info=personal("identifier", "proves that you were erased", keep="30 days"),
    ),
    sa.CheckConstraint("status IN ('waiting', 'running', 'done')", name="status_known"),
    sa.CheckConstraint("(status = 'done') = (user_id IS NULL)", name="done_names_nobody"),
    sa.CheckConstraint("(status = 'done') = (done_at IS NOT NULL)", name="done_has_a_time"),
)

limit_age(
    privacy_erasure.c.done_at, keep="30 days", keep_ms=30 * DAY_MS, job="privacy.tidy_erasures"
)
