"""Rooms, events, and state. Positions are those of the one stream of all that happens.

Every room is a line: each event follows the one before, since only this server appends. So the
state at an event is, for each slot, the latest entry of `chat_state` not after its position, and
the stored events carry all that other servers would need (`prev_events`, `auth_events`).
"""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import metadata

_MEMBERS = personal("relation", "who is in which room", keep="room", seen_by=("self", "room"))
_SENDER = personal("identifier", "who sent an event", keep="room", seen_by=("self", "room"))
_ACTIVITY = personal("activity", "when an event was sent", keep="room", seen_by=("self", "room"))
_DEVICE = personal(
    "identifier", "to send the same event only once per device", keep="device", seen_by=("self",)
)

chat_room = sa.Table(
    "chat_room",
    metadata,
    sa.Column("room_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("version", sa.Text, nullable=False, info=impersonal()),
    sa.Column("created_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("head_event_id", sa.Text, nullable=False, info=impersonal()),
    sa.Column("head_position", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("depth", sa.BigInteger, nullable=False, info=impersonal()),
    # The last event that changed the state. Its hash stands for the whole history before it, so
    # whoever remembers the state under this id remembers the right one.
    sa.Column("state_event_id", sa.Text, nullable=False, info=impersonal()),
    sa.Column("is_blocked", sa.Boolean, nullable=False, info=impersonal()),
)

chat_event = sa.Table(
    "chat_event",
    metadata,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False, info=impersonal()),
    sa.Column("event_id", sa.Text, nullable=False, unique=True, info=impersonal()),
    sa.Column(
        "room_id", sa.Text, sa.ForeignKey("chat_room.room_id"), nullable=False, info=impersonal()
    ),
    sa.Column("type", sa.Text, nullable=False, info=impersonal()),
    sa.Column("state_key", sa.Text, info=_MEMBERS),
    sa.Column("sender", sa.Text, nullable=False, info=_SENDER),
    sa.Column("origin_server_ts", sa.BigInteger, nullable=False, info=_ACTIVITY),
    sa.Column(
        "pdu",
        sa.LargeBinary,
        nullable=False,
        info=personal(
            "content",
            "what was said; ciphertext in encrypted rooms",
            keep="room",
            seen_by=("self", "room"),
        ),
    ),
    # The state event whose place this one took.
    sa.Column("replaces_position", sa.BigInteger, info=impersonal()),
    sa.Column("relates_to", sa.Text, info=impersonal()),
    sa.Column("rel_type", sa.Text, info=impersonal()),
    # The redaction that emptied this event.
    sa.Column("redacted_by", sa.Text, info=impersonal()),
    # What the default push rules may make of it: 0 nothing, 1 unread, 2 perhaps a highlight.
    sa.Column("attention", sa.SmallInteger, nullable=False, info=impersonal()),
    sa.Column("expires_at", sa.BigInteger, info=impersonal()),
    # When it was emptied without a redaction: its time had come, or its sender was erased.
    sa.Column("emptied_at", sa.BigInteger, info=impersonal()),
    sa.Column("sender_device", sa.Text, info=_DEVICE),
    sa.Column("client_txn_id", sa.Text, info=_DEVICE),
)
sa.Index("ix_chat_event_room", chat_event.c.room_id, chat_event.c.position)
sa.Index(
    "ix_chat_event_relation",
    chat_event.c.relates_to,
    chat_event.c.rel_type,
    chat_event.c.position,
    sqlite_where=chat_event.c.relates_to.is_not(None),
    postgresql_where=chat_event.c.relates_to.is_not(None),
)
# The replies in threads of a room, for its list of threads.
sa.Index(
    "ix_chat_event_thread",
    chat_event.c.room_id,
    chat_event.c.position,
    sqlite_where=chat_event.c.rel_type == "m.thread",
    postgresql_where=chat_event.c.rel_type == "m.thread",
)
# The redactions of a room, for its log.
sa.Index(
    "ix_chat_event_redaction",
    chat_event.c.room_id,
    chat_event.c.position,
    sqlite_where=chat_event.c.type == "m.room.redaction",
    postgresql_where=chat_event.c.type == "m.room.redaction",
)
sa.Index(
    "ix_chat_event_client_txn",
    chat_event.c.client_txn_id,
    chat_event.c.sender,
    chat_event.c.sender_device,
    chat_event.c.room_id,
    chat_event.c.type,
    unique=True,
    sqlite_where=chat_event.c.client_txn_id.is_not(None),
    postgresql_where=chat_event.c.client_txn_id.is_not(None),
)
sa.Index(
    "ix_chat_event_expiry",
    chat_event.c.expires_at,
    sqlite_where=chat_event.c.expires_at.is_not(None),
    postgresql_where=chat_event.c.expires_at.is_not(None),
)
# What retention may still have to empty, oldest first.
sa.Index(
    "ix_chat_event_lifetime",
    chat_event.c.room_id,
    chat_event.c.origin_server_ts,
    sqlite_where=sa.and_(chat_event.c.state_key.is_(None), chat_event.c.emptied_at.is_(None)),
    postgresql_where=sa.and_(chat_event.c.state_key.is_(None), chat_event.c.emptied_at.is_(None)),
)

# The state of a room through time.
chat_state = sa.Table(
    "chat_state",
    metadata,
    sa.Column("room_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("type", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("state_key", sa.Text, primary_key=True, info=_MEMBERS),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False, info=impersonal()),
)
sa.Index("ix_chat_state_position", chat_state.c.room_id, chat_state.c.position)

# The state of a room now.
chat_current_state = sa.Table(
    "chat_current_state",
    metadata,
    sa.Column("room_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("type", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("state_key", sa.Text, primary_key=True, info=_MEMBERS),
    sa.Column("position", sa.BigInteger, nullable=False, info=impersonal()),
)

# The memberships now, by member.
chat_membership = sa.Table(
    "chat_membership",
    metadata,
    sa.Column("user_id", sa.Text, primary_key=True, info=_MEMBERS),
    sa.Column("room_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("membership", sa.Text, nullable=False, info=_MEMBERS),
    sa.Column("position", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("is_forgotten", sa.Boolean, nullable=False, info=_MEMBERS),
    sa.CheckConstraint("membership IN ('invite','join','knock','leave','ban')", name="known"),
)
sa.Index("ix_chat_membership_room", chat_membership.c.room_id, chat_membership.c.membership)
