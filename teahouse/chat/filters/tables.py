"""Where filters are kept. Read by this folder only."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import metadata

chat_filter = sa.Table(
    "chat_filter",
    metadata,
    sa.Column(
        "user_id",
        sa.Text,
        primary_key=True,
        info=personal("identifier", "whose filter this is", keep="account"),
    ),
    # Made from the definition, so that the same one is kept once.
    sa.Column("filter_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column(
        "definition",
        sa.Text,
        nullable=False,
        info=personal("preference", "what your apps want to be told of", keep="account"),
    ),
)
