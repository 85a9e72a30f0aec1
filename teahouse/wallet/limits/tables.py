"""The tables of limits: what was paid, what was decided and why, and by which rules."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import metadata

_COUNT = personal("money", "to keep payments within the limits of the law", keep="financial law")
_WHOSE = personal(
    "identifier", "to keep payments within the limits of the law", keep="financial law"
)
_DECISION = personal(
    "activity",
    "so that every decision about a payment can be explained",
    keep="financial law",
    seen_by=("self", "bank_officer", "auditor"),
)
_DECISION_MONEY = personal(
    "money",
    "so that every decision about a payment can be explained",
    keep="financial law",
    seen_by=("self", "bank_officer", "auditor"),
)
_DECISION_WHOSE = personal(
    "identifier",
    "so that every decision about a payment can be explained",
    keep="financial law",
    seen_by=("self", "bank_officer", "auditor"),
)

# What a member has paid on one day, by kind and proof. Sums over days answer every cap, and stay
# right where the rules change.
wallet_spent = sa.Table(
    "wallet_spent",
    metadata,
    sa.Column("party", sa.Text, primary_key=True, info=_WHOSE),
    sa.Column("currency", sa.Text, primary_key=True, info=_COUNT),
    # ISO 8601, by the house's clock on that day.
    sa.Column("day", sa.Text, primary_key=True, info=_COUNT),
    sa.Column("kind", sa.Text, primary_key=True, info=_COUNT),
    sa.Column("proof", sa.Text, primary_key=True, info=_COUNT),
    sa.Column("minor", sa.BigInteger, nullable=False, info=_COUNT),
    sa.CheckConstraint("minor >= 0", name="not_negative"),
)

wallet_decision = sa.Table(
    "wallet_decision",
    metadata,
    sa.Column("decision_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("party", sa.Text, nullable=False, info=_DECISION_WHOSE),
    sa.Column("at", sa.BigInteger, nullable=False, info=_DECISION),
    sa.Column("outcome", sa.Text, nullable=False, info=_DECISION),
    sa.Column("kind", sa.Text, nullable=False, info=_DECISION),
    sa.Column("currency", sa.Text, nullable=False, info=_DECISION_MONEY),
    sa.Column("minor", sa.BigInteger, nullable=False, info=_DECISION_MONEY),
    sa.Column("payee_party", sa.Text, info=_DECISION_WHOSE),
    sa.Column("payment_id", sa.Text, info=_DECISION),
    sa.Column("tier", sa.Text, nullable=False, info=_DECISION),
    sa.Column("proof", sa.Text, nullable=False, info=_DECISION),
    # Names of factors with spaces between.
    sa.Column("confirmed", sa.Text, nullable=False, info=_DECISION),
    sa.Column("rule_set", sa.Text, nullable=False, info=impersonal()),
    # A list of reasons, as JSON.
    sa.Column("reasons", sa.Text, nullable=False, info=_DECISION),
    # The day it was counted on; NULL where it was not counted.
    sa.Column("day", sa.Text, info=_DECISION),
    sa.Column("given_back", sa.BigInteger, nullable=False, info=_DECISION_MONEY),
    sa.CheckConstraint("minor > 0", name="something"),
    sa.CheckConstraint("given_back >= 0 AND given_back <= minor", name="given_back_in_bounds"),
    sa.CheckConstraint("outcome IN ('passed', 'factor_asked', 'refused')", name="outcome_known"),
    sa.CheckConstraint("day IS NULL OR outcome = 'passed'", name="counted_if_passed"),
    sa.UniqueConstraint("payment_id"),
    sa.Index(None, "party", "decision_id"),
    sa.Index(None, "party", "payee_party"),
)

# Every text of the rules that was ever in force, so that old decisions can be read by it.
wallet_rule_set = sa.Table(
    "wallet_rule_set",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False, info=impersonal()),
    sa.Column("digest", sa.Text, nullable=False, info=impersonal()),
    sa.Column("name", sa.Text, nullable=False, info=impersonal()),
    sa.Column("text", sa.Text, nullable=False, info=impersonal()),
    sa.Column("time_zone", sa.Text, nullable=False, info=impersonal()),
    sa.Column("in_force_from", sa.BigInteger, nullable=False, info=impersonal()),
)
