"""Which rooms are open: whoever is in one can be found by all members of the server."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal
from teahouse.platform.db import metadata

# Kept beside the rooms' state, because no query could look into the events of all rooms.
chat_open_room = sa.Table(
    "chat_open_room",
    metadata,
    sa.Column("room_id", sa.Text, primary_key=True, info=impersonal()),
)
