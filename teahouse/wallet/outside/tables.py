"""Tables of the link to outside banks."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import declare_files, impersonal, personal
from teahouse.platform.db import metadata

_LINK = "the bank account that you top up from and withdraw to"
_MOVE = "money that you had moved from or to your bank"

# In the folder that is shared with the bank.
ORDER_FILES = declare_files(
    "inbox",
    "money",
    "orders to the partner bank, until it has fetched them",
    keep="delivery",
    seen_by=("bank_officer",),
)
ANSWER_FILES = declare_files(
    "outbox",
    "money",
    "answers of the partner bank, until they were read",
    keep="delivery",
    seen_by=("bank_officer",),
)
# In the house's own store.
KEPT_FILES = declare_files(
    "bank-files",
    "money",
    "what was told to the partner bank and what it answered, sealed until the law's years are over",
    keep="financial law",
    seen_by=("bank_officer", "auditor"),
)

wallet_outside_account = sa.Table(
    "wallet_outside_account",
    metadata,
    sa.Column("outside_account_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column(
        "party",
        sa.Text,
        nullable=False,
        index=True,
        info=personal("identifier", _LINK, keep="financial law"),
    ),
    sa.Column("bank", sa.Text, nullable=False, info=personal("money", _LINK, keep="replaced")),
    # Number, holder and code are sealed: a copy of the database alone tells none of them.
    sa.Column(
        "sealed",
        sa.LargeBinary,
        info=personal("credential", _LINK, keep="replaced", seen_by=("self", "bank_officer")),
    ),
    sa.Column("last4", sa.Text, nullable=False, info=personal("money", _LINK, keep="replaced")),
    sa.Column("is_iban", sa.Boolean, nullable=False, info=impersonal()),
    sa.Column("currency", sa.Text, nullable=False, info=impersonal()),
    sa.Column("status", sa.Text, nullable=False, info=impersonal()),
    sa.Column("reason", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "allows_debits",
        sa.Boolean,
        nullable=False,
        info=personal("preference", _LINK, keep="replaced"),
    ),
    sa.Column(
        "linked_at",
        sa.BigInteger,
        nullable=False,
        info=personal("activity", _LINK, keep="financial law"),
    ),
    sa.Column("verified_at", sa.BigInteger, info=impersonal()),
    sa.Column("tries_left", sa.Integer, nullable=False, info=impersonal()),
    # What the bank says of the holder's name, and what the member makes of it.
    sa.Column("name_check", sa.Text, nullable=False, index=True, info=impersonal()),
    sa.CheckConstraint(
        "status IN ('pending', 'verified', 'failed', 'removed')", name="status_known"
    ),
    sa.CheckConstraint(
        "name_check IN ('wanted', 'asked', 'match', 'close', 'different', 'impossible', 'kept')",
        name="name_check_known",
    ),
    sa.CheckConstraint("tries_left >= 0", name="tries_not_negative"),
)

wallet_bank_file = sa.Table(
    "wallet_bank_file",
    metadata,
    sa.Column("file_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("kind", sa.Text, nullable=False, info=impersonal()),
    sa.Column("currency", sa.Text, nullable=False, info=impersonal()),
    sa.Column("created_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("sent_at", sa.BigInteger, index=True, info=impersonal()),
    sa.Column("order_count", sa.Integer, nullable=False, info=impersonal()),
    sa.Column("total_minor", sa.BigInteger, nullable=False, info=impersonal()),
    sa.CheckConstraint("kind IN ('transfers', 'debits')", name="kind_known"),
    sa.CheckConstraint("order_count > 0 AND total_minor > 0", name="not_empty"),
)

wallet_bank_order = sa.Table(
    "wallet_bank_order",
    metadata,
    sa.Column("order_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("kind", sa.Text, nullable=False, info=impersonal()),
    sa.Column("status", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "party", sa.Text, nullable=False, info=personal("identifier", _MOVE, keep="financial law")
    ),
    sa.Column(
        "outside_account_id",
        sa.Text,
        sa.ForeignKey(wallet_outside_account.c.outside_account_id),
        nullable=False,
        index=True,
        info=impersonal(),
    ),
    sa.Column("currency", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "minor", sa.BigInteger, nullable=False, info=personal("money", _MOVE, keep="financial law")
    ),
    # What its receiver reads on their statement.
    sa.Column("text", sa.Text, nullable=False, info=personal("money", _MOVE, keep="financial law")),
    sa.Column("reason", sa.Text, nullable=False, info=impersonal()),
    sa.Column("payment_id", sa.Text, nullable=False, index=True, info=impersonal()),
    sa.Column("return_payment_id", sa.Text, info=impersonal()),
    sa.Column(
        "file_id",
        sa.Text,
        sa.ForeignKey(wallet_bank_file.c.file_id),
        index=True,
        info=impersonal(),
    ),
    sa.Column(
        "requested_at",
        sa.BigInteger,
        nullable=False,
        info=personal("activity", _MOVE, keep="financial law"),
    ),
    sa.Column("sent_at", sa.BigInteger, info=impersonal()),
    sa.Column("booked_at", sa.BigInteger, info=impersonal()),
    sa.Column("ended_at", sa.BigInteger, info=impersonal()),
    # When it, and its return, stood on a statement.
    sa.Column("stated_at", sa.BigInteger, info=impersonal()),
    sa.Column("return_stated_at", sa.BigInteger, info=impersonal()),
    sa.CheckConstraint(
        "kind IN ('top_up', 'withdrawal', 'payout', 'verification')", name="kind_known"
    ),
    sa.CheckConstraint(
        "status IN ('requested', 'sent', 'accepted', 'booked', 'rejected', 'returned')",
        name="status_known",
    ),
    sa.CheckConstraint("minor > 0", name="positive"),
    sa.Index(None, "party", "order_id"),
    sa.Index(None, "status", "booked_at"),
)

# Every message of the bank, so that each is acted on once. Some banks number each kind by itself.
wallet_bank_message = sa.Table(
    "wallet_bank_message",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("message_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("digest", sa.LargeBinary, nullable=False, info=impersonal()),
    sa.Column("received_at", sa.BigInteger, nullable=False, index=True, info=impersonal()),
    # What is wrong with it; empty where it was acted on.
    sa.Column("problem", sa.Text, nullable=False, info=impersonal()),
)
