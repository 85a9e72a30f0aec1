"""Where mandates and their charges are kept. Read by this folder only."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import Viewer, impersonal, personal
from teahouse.platform.db import SortedText, metadata

_SEEN_BY: tuple[Viewer, ...] = ("self", "counterparty")
_PURPOSE = "who may charge you, and how much"

wallet_mandate = sa.Table(
    "wallet_mandate",
    metadata,
    sa.Column("mandate_id", SortedText, primary_key=True, info=impersonal()),
    # NULL while a proposal is open to whoever accepts it.
    sa.Column(
        "payer",
        sa.Text,
        info=personal("identifier", _PURPOSE, keep="financial law", seen_by=_SEEN_BY),
    ),
    # A wallet's id or the name of a house account.
    sa.Column(
        "payee",
        sa.Text,
        nullable=False,
        info=personal("identifier", _PURPOSE, keep="financial law", seen_by=_SEEN_BY),
    ),
    # The party of a payee that is a shop; NULL: the house.
    sa.Column(
        "payee_party",
        sa.Text,
        info=personal("identifier", _PURPOSE, keep="financial law", seen_by=_SEEN_BY),
    ),
    sa.Column("payee_name", sa.Text, nullable=False, info=impersonal()),
    # The payee's own, so that a mandate asked for twice is one.
    sa.Column("key", sa.Text, nullable=False, info=impersonal()),
    # The terms as JSON: they are consented to as a whole, and never change.
    sa.Column(
        "terms",
        sa.Text,
        nullable=False,
        info=personal("money", _PURPOSE, keep="financial law", seen_by=_SEEN_BY),
    ),
    sa.Column("end_on", sa.Date, info=impersonal()),
    sa.Column("status", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "created_at",
        sa.BigInteger,
        nullable=False,
        info=personal("activity", _PURPOSE, keep="financial law", seen_by=_SEEN_BY),
    ),
    sa.Column(
        "accepted_at",
        sa.BigInteger,
        info=personal("activity", "when you consented", keep="financial law", seen_by=_SEEN_BY),
    ),
    # The factors with which the payer confirmed, with spaces between.
    sa.Column(
        "confirmed_by",
        sa.Text,
        nullable=False,
        info=personal("activity", "how you consented", keep="financial law"),
    ),
    sa.Column("ended_at", sa.BigInteger, info=impersonal()),
    sa.Column("ended_by", sa.Text, info=impersonal()),
    sa.UniqueConstraint("payee", "key"),
    sa.CheckConstraint(
        "status IN ('proposed', 'active', 'declined', 'cancelled', 'ended')", name="status_known"
    ),
    sa.CheckConstraint(
        "accepted_at IS NOT NULL OR status NOT IN ('active', 'ended')", name="consented"
    ),
    sa.CheckConstraint("accepted_at IS NULL OR payer IS NOT NULL", name="somebody_consented"),
    sa.CheckConstraint(
        "(status IN ('proposed', 'active')) = (ended_at IS NULL)", name="ended_or_open"
    ),
    sa.Index(None, "payer", "mandate_id"),
    sa.Index(None, "payee_party", "mandate_id"),
    sa.Index(None, "status", "end_on"),
)

wallet_mandate_charge = sa.Table(
    "wallet_mandate_charge",
    metadata,
    sa.Column("charge_id", SortedText, primary_key=True, info=impersonal()),
    sa.Column(
        "mandate_id",
        SortedText,
        sa.ForeignKey("wallet_mandate.mandate_id"),
        nullable=False,
        info=impersonal(),
    ),
    # The payee's own, so that a charge asked for twice is one.
    sa.Column("key", sa.Text, nullable=False, info=impersonal()),
    sa.Column("currency", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "minor",
        sa.BigInteger,
        nullable=False,
        info=personal("money", "what you are charged", keep="financial law", seen_by=_SEEN_BY),
    ),
    sa.Column(
        "reference",
        sa.Text,
        nullable=False,
        info=personal("activity", "what it is for", keep="financial law", seen_by=_SEEN_BY),
    ),
    sa.Column("due_on", sa.Date, nullable=False, info=impersonal()),
    sa.Column("due_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("period_index", sa.Integer, nullable=False, info=impersonal()),
    # Planned ones come by themselves, at the beginning of their period.
    sa.Column("is_planned", sa.Boolean, nullable=False, info=impersonal()),
    sa.Column("status", sa.Text, nullable=False, info=impersonal()),
    # When something is to be done about it next; NULL: never again.
    sa.Column("act_at", sa.BigInteger, index=True, info=impersonal()),
    sa.Column("noticed_at", sa.BigInteger, info=impersonal()),
    sa.Column("attempt_count", sa.Integer, nullable=False, info=impersonal()),
    # The code of the last refusal.
    sa.Column(
        "refusal",
        sa.Text,
        nullable=False,
        info=personal("activity", "why it was not paid", keep="financial law", seen_by=_SEEN_BY),
    ),
    sa.Column(
        "payment_id",
        sa.Text,
        info=personal("money", "what you were charged", keep="financial law", seen_by=_SEEN_BY),
    ),
    sa.Column("created_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("settled_at", sa.BigInteger, info=impersonal()),
    sa.UniqueConstraint("mandate_id", "key"),
    sa.CheckConstraint("minor >= 1", name="more_than_nothing"),
    sa.CheckConstraint(
        "status IN ('announced', 'retrying', 'paid', 'failed', 'cancelled')", name="status_known"
    ),
    sa.CheckConstraint("(status = 'paid') = (payment_id IS NOT NULL)", name="paid_by_a_payment"),
    sa.CheckConstraint(
        "(status IN ('announced', 'retrying')) = (settled_at IS NULL)", name="settled_or_open"
    ),
    sa.CheckConstraint(
        "(status IN ('announced', 'retrying')) = (act_at IS NOT NULL)", name="acts_while_open"
    ),
    sa.Index(None, "mandate_id", "period_index"),
    sa.Index(None, "mandate_id", "due_on"),
)
