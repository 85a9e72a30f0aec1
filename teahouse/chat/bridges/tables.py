"""How far each application service has been told of the stream."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal
from teahouse.platform.db import metadata

chat_appservice_stream = sa.Table(
    "chat_appservice_stream",
    metadata,
    sa.Column("appservice_id", sa.Text, primary_key=True, info=impersonal()),
    # Everything up to here has arrived.
    sa.Column("position", sa.BigInteger, nullable=False, info=impersonal()),
    # The end of the transaction under way, decided before the first try: a retry must carry
    # the same events under the same id. Equal to `position` where none is under way.
    sa.Column("pending_position", sa.BigInteger, nullable=False, info=impersonal()),
    sa.CheckConstraint("pending_position >= position", name="forward"),
)
