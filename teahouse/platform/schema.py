"""Which release can still read the database."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal
from teahouse.platform.db import metadata

# One row. A migration that earlier releases could not live with raises `oldest_reader`, so that
# such a release refuses to start instead of writing what the schema no longer allows.
platform_schema = sa.Table(
    "platform_schema",
    metadata,
    sa.Column("name", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("oldest_reader", sa.Text, nullable=False, info=impersonal()),
)
