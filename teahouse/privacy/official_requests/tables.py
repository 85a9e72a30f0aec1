"""The tables of the register. What a constraint can say of the rules, it says here again."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import declare_files, impersonal, personal
from teahouse.platform.db import metadata

_STAFF = personal(
    "activity",
    "who of the staff dealt with an official request",
    keep="account",
    seen_by=("operator", "bank_officer", "auditor"),
)
_WHOSE = personal(
    "identifier",
    "whose data an authority asked for",
    keep="account",
    seen_by=("self", "operator", "bank_officer", "auditor"),
)
_LOOK = personal(
    "activity",
    "to show you what an authority was given of yours",
    keep="account",
    seen_by=("self",),
)

# Named by the SHA-256 of what is in them.
DOCUMENT_FILES = declare_files(
    "official-documents",
    "activity",
    "the document by which an authority asked for data",
    keep="account",
    seen_by=("operator", "bank_officer", "auditor"),
)


def _request_id(*, is_key: bool) -> sa.Column[str]:
    return sa.Column(
        "request_id",
        sa.Text,
        sa.ForeignKey("privacy_official_request.request_id"),
        primary_key=is_key,
        nullable=False,
        info=impersonal(),
    )


privacy_official_request = sa.Table(
    "privacy_official_request",
    metadata,
    sa.Column("request_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("status", sa.Text, nullable=False, info=impersonal()),
    sa.Column("instrument", sa.Text, nullable=False, info=impersonal()),
    sa.Column("category", sa.Text, nullable=False, info=impersonal()),
    sa.Column("country", sa.Text, nullable=False, info=impersonal()),
    sa.Column("authority", sa.Text, nullable=False, info=impersonal()),
    sa.Column("legal_basis", sa.Text, nullable=False, info=impersonal()),
    sa.Column("court", sa.Text, nullable=False, info=impersonal()),
    sa.Column("document", sa.Text, info=impersonal()),
    sa.Column("document_on", sa.Text, info=impersonal()),
    sa.Column("danger", sa.Text, nullable=False, info=_LOOK),
    sa.Column("entered_by", sa.Text, nullable=False, info=_STAFF),
    sa.Column("entered_at", sa.BigInteger, nullable=False, index=True, info=impersonal()),
    sa.Column("lapses_at", sa.BigInteger, info=impersonal()),
    sa.Column("scope_version", sa.Integer, nullable=False, info=impersonal()),
    sa.Column("scoped_by", sa.Text, info=_STAFF),
    sa.Column("validated_by", sa.Text, info=_STAFF),
    sa.Column("outcome", sa.Text, info=impersonal()),
    sa.Column("reason", sa.Text, nullable=False, info=_LOOK),
    sa.Column("concluded_by", sa.Text, info=_STAFF),
    sa.Column("concluded_at", sa.BigInteger, info=impersonal()),
    sa.Column("notice_at", sa.BigInteger, info=impersonal()),
    sa.Column("notified_at", sa.BigInteger, info=impersonal()),
    sa.Column("reviewed_by", sa.Text, info=_STAFF),
    # What was given: never what it said.
    sa.Column("package_sha256", sa.Text, info=impersonal()),
    sa.Column("fields_given", sa.Text, nullable=False, info=impersonal()),
    sa.Column("accounts_given", sa.Integer, nullable=False, info=impersonal()),
    # The commitment made at receipt: where it is in the log, and what opens it.
    sa.Column("log_index", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("salt", sa.LargeBinary, nullable=False, info=impersonal()),
    sa.Column("sealed", sa.Text, nullable=False, info=impersonal()),
    sa.CheckConstraint(
        "status IN ('received', 'validated', 'scoped', 'approved', 'released', 'narrowed', "
        "'rejected', 'notified')",
        name="status_known",
    ),
    sa.CheckConstraint("outcome IN ('released', 'narrowed', 'rejected')", name="outcome_known"),
    # No outcome without a time at which the members are told, whatever the code does.
    sa.CheckConstraint("outcome IS NULL OR notice_at IS NOT NULL", name="notice_settled"),
    sa.CheckConstraint(
        "outcome IS NULL OR outcome = 'rejected' OR "
        "(validated_by IS NOT NULL AND scoped_by IS NOT NULL AND package_sha256 IS NOT NULL)",
        name="given_in_order",
    ),
    sa.CheckConstraint("(danger = '') = (lapses_at IS NULL)", name="emergency_names_danger"),
    sa.Index(None, "notified_at", "notice_at"),
)

privacy_official_line = sa.Table(
    "privacy_official_line",
    metadata,
    _request_id(is_key=True),
    sa.Column("kind", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False, info=impersonal()),
    sa.Column("user_id", sa.Text, nullable=False, index=True, info=_WHOSE),
    sa.Column("field", sa.Text, nullable=False, info=impersonal()),
    sa.Column("start_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("end_at", sa.BigInteger, info=impersonal()),
    sa.CheckConstraint("kind IN ('asked', 'scope')", name="kind_known"),
)

privacy_official_approval = sa.Table(
    "privacy_official_approval",
    metadata,
    _request_id(is_key=True),
    # Nobody approves twice, whatever the code does.
    sa.Column("by_user_id", sa.Text, primary_key=True, info=_STAFF),
    sa.Column("at", sa.BigInteger, nullable=False, info=impersonal()),
)

privacy_official_gag = sa.Table(
    "privacy_official_gag",
    metadata,
    _request_id(is_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False, info=impersonal()),
    sa.Column("document", sa.Text, nullable=False, info=impersonal()),
    sa.Column("ends_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("entered_at", sa.BigInteger, nullable=False, info=impersonal()),
    # 90 days: a renewal is a new document.
    sa.CheckConstraint("ends_at <= entered_at + 7776000000", name="gag_is_short"),
    sa.UniqueConstraint("request_id", "document"),
)

# The look of a release, sealed until the member is told; then it is in their log.
privacy_official_look = sa.Table(
    "privacy_official_look",
    metadata,
    _request_id(is_key=True),
    sa.Column("user_id", sa.Text, primary_key=True, info=_WHOSE),
    sa.Column("log_index", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("salt", sa.LargeBinary, nullable=False, info=impersonal()),
    sa.Column("sealed", sa.Text, nullable=False, info=_LOOK),
)

privacy_official_act = sa.Table(
    "privacy_official_act",
    metadata,
    _request_id(is_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False, info=impersonal()),
    sa.Column("at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("act", sa.Text, nullable=False, info=impersonal()),
    # NULL: time itself.
    sa.Column("by_user_id", sa.Text, info=_STAFF),
    sa.Column("note", sa.Text, nullable=False, info=_STAFF),
)
