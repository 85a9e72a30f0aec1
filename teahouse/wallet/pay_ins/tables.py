"""Tables of paying in."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import metadata

_REFERENCE = "by which money that you transfer here is known to be yours"
_PAY_IN = "money that was transferred to your wallet"

wallet_pay_in_reference = sa.Table(
    "wallet_pay_in_reference",
    metadata,
    sa.Column(
        "reference",
        sa.Text,
        primary_key=True,
        info=personal("identifier", _REFERENCE, keep="account"),
    ),
    sa.Column(
        "party", sa.Text, nullable=False, info=personal("identifier", _REFERENCE, keep="account")
    ),
    sa.Column("currency", sa.Text, nullable=False, info=impersonal()),
    sa.Column("made_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.UniqueConstraint("party", "currency"),
)

wallet_pay_in = sa.Table(
    "wallet_pay_in",
    metadata,
    sa.Column("pay_in_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column(
        "party",
        sa.Text,
        nullable=False,
        info=personal("identifier", _PAY_IN, keep="financial law"),
    ),
    sa.Column("currency", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "minor",
        sa.BigInteger,
        nullable=False,
        info=personal("money", _PAY_IN, keep="financial law"),
    ),
    # Who paid, as the bank says: often the member, sometimes somebody else.
    sa.Column("name", sa.Text, nullable=False, info=personal("money", _PAY_IN, keep="account")),
    # Opaque, and nobody's any more once `wallet_pay_in_reference` has forgotten whose it was.
    sa.Column("reference", sa.Text, nullable=False, info=impersonal()),
    # The bank's own name for the line: by it a notification and a statement are known to be one.
    sa.Column("bank_reference", sa.Text, nullable=False, info=impersonal()),
    sa.Column("booked_on", sa.Date, nullable=False, info=impersonal()),
    sa.Column("payment_id", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "credited_at",
        sa.BigInteger,
        nullable=False,
        info=personal("activity", _PAY_IN, keep="financial law"),
    ),
    # When it stood on a statement.
    sa.Column("stated_at", sa.BigInteger, info=impersonal()),
    sa.CheckConstraint("minor > 0", name="positive"),
    sa.Index(None, "reference", "minor"),
    sa.Index(None, "party", "pay_in_id"),
)
