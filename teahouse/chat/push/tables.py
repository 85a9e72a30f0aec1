"""The push rules that members changed. Who changed nothing has no row."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import personal
from teahouse.platform.db import metadata

_RULES = personal("preference", "what to notify you of", keep="replaced", seen_by=("self",))

chat_push_rules = sa.Table(
    "chat_push_rules",
    metadata,
    sa.Column("user_id", sa.Text, primary_key=True, info=_RULES),
    # JSON of `StoredRules`.
    sa.Column("rules", sa.LargeBinary, nullable=False, info=_RULES),
)
