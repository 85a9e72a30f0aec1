"""The tables of sealed boxes. What is in a box nobody reads here; its key is elsewhere."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import metadata

_STAFF = personal(
    "activity",
    "who of the staff had a sealed box opened",
    keep="financial law",
    seen_by=("bank_officer", "auditor"),
)

privacy_sealed_box = sa.Table(
    "privacy_sealed_box",
    metadata,
    sa.Column("box_id", sa.Text, primary_key=True, info=impersonal()),
    # HMAC of the member's id: who has a case finds the box, who has the box not the member.
    sa.Column("member_index", sa.LargeBinary, nullable=False, index=True, info=impersonal()),
    sa.Column("made_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("expires_at", sa.BigInteger, nullable=False, index=True, info=impersonal()),
    # How many records of which kind, as JSON.
    sa.Column("contents", sa.Text, nullable=False, info=impersonal()),
    # NULL once the key is destroyed.
    sa.Column(
        "sealed",
        sa.LargeBinary,
        info=personal(
            "money",
            "what the law keeps of you after you are erased, sealed until a date you know",
            keep="financial law",
            seen_by=("nobody",),
        ),
    ),
    sa.Column("destroyed_at", sa.BigInteger, info=impersonal()),
    sa.CheckConstraint("(sealed IS NULL) = (destroyed_at IS NOT NULL)", name="sealed_or_destroyed"),
)

privacy_box_opening = sa.Table(
    "privacy_box_opening",
    metadata,
    sa.Column("opening_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column(
        "box_id",
        sa.Text,
        sa.ForeignKey("privacy_sealed_box.box_id"),
        nullable=False,
        index=True,
        info=impersonal(),
    ),
    sa.Column("case_name", sa.Text, nullable=False, info=impersonal()),
    sa.Column("reason", sa.Text, nullable=False, info=_STAFF),
    sa.Column("asked_by", sa.Text, nullable=False, info=_STAFF),
    sa.Column("asked_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("approved_by", sa.Text, info=_STAFF),
    sa.Column("approved_at", sa.BigInteger, info=impersonal()),
    sa.Column("opened_at", sa.BigInteger, info=impersonal()),
    sa.CheckConstraint("approved_by IS NULL OR approved_by <> asked_by", name="two_people"),
    sa.CheckConstraint("opened_at IS NULL OR approved_by IS NOT NULL", name="opened_by_two"),
)
