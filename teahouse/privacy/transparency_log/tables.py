"""The tables of the log. Commitments and nodes stay for good; what they commit to can go."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import metadata

_PURPOSE = "to show you who looked at your data"

# One row; whoever appends holds it until the commit, so that entries follow one another.
privacy_log_head = sa.Table(
    "privacy_log_head",
    metadata,
    sa.Column("name", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("size", sa.BigInteger, nullable=False, info=impersonal()),
)

privacy_log_entry = sa.Table(
    "privacy_log_entry",
    metadata,
    sa.Column(
        "entry_index", sa.BigInteger, primary_key=True, autoincrement=False, info=impersonal()
    ),
    # Salted, so that nobody can guess a body and see that it is there.
    sa.Column("commitment", sa.LargeBinary, nullable=False, info=impersonal()),
    sa.Column("entered_at", sa.BigInteger, nullable=False, info=impersonal()),
    # NULL once the member is erased, as are salt and body.
    sa.Column("about", sa.Text, info=personal("identifier", _PURPOSE, keep="account")),
    sa.Column("salt", sa.LargeBinary, info=impersonal()),
    sa.Column("body", sa.Text, info=personal("activity", _PURPOSE, keep="account")),
    sa.Index(None, "about", "entry_index"),
)

# The hashes of the complete subtrees (rules.py).
privacy_log_node = sa.Table(
    "privacy_log_node",
    metadata,
    sa.Column("level", sa.Integer, primary_key=True, autoincrement=False, info=impersonal()),
    sa.Column(
        "node_index", sa.BigInteger, primary_key=True, autoincrement=False, info=impersonal()
    ),
    sa.Column("hash", sa.LargeBinary, nullable=False, info=impersonal()),
)
