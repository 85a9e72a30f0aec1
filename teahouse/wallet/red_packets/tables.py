"""Where red packets and their shares are kept. Read by this folder only."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import Viewer, impersonal, personal
from teahouse.platform.db import SortedText, metadata

_SEEN_BY: tuple[Viewer, ...] = ("self", "room")
_PURPOSE = "the red packets you gave and had"

wallet_red_packet = sa.Table(
    "wallet_red_packet",
    metadata,
    sa.Column("packet_id", SortedText, primary_key=True, info=impersonal()),
    sa.Column(
        "sender",
        sa.Text,
        nullable=False,
        info=personal("identifier", _PURPOSE, keep="financial law", seen_by=_SEEN_BY),
    ),
    # The one party who may claim; NULL: all members of the room.
    sa.Column(
        "recipient",
        sa.Text,
        info=personal("identifier", _PURPOSE, keep="financial law", seen_by=_SEEN_BY),
    ),
    sa.Column(
        "room_id",
        sa.Text,
        nullable=False,
        info=personal("relation", "whose members may claim", keep="account", seen_by=_SEEN_BY),
    ),
    sa.Column("currency", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "total",
        sa.BigInteger,
        nullable=False,
        info=personal("money", _PURPOSE, keep="financial law", seen_by=_SEEN_BY),
    ),
    sa.Column("share_count", sa.Integer, nullable=False, info=impersonal()),
    sa.Column("split", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "greeting",
        sa.Text,
        nullable=False,
        info=personal("content", "what you wrote on it", keep="account", seen_by=_SEEN_BY),
    ),
    # A commitment to the shares (HMAC-SHA-256), and the key that opens it once it is over.
    sa.Column("seal", sa.Text, nullable=False, info=impersonal()),
    sa.Column("salt", sa.LargeBinary, nullable=False, info=impersonal()),
    sa.Column("status", sa.Text, nullable=False, info=impersonal()),
    sa.Column("left_minor", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("left_count", sa.Integer, nullable=False, info=impersonal()),
    # NULL for the moment in which it is filled.
    sa.Column("payment_id", sa.Text, info=personal("money", _PURPOSE, keep="financial law")),
    sa.Column(
        "created_at",
        sa.BigInteger,
        nullable=False,
        info=personal("activity", _PURPOSE, keep="financial law", seen_by=_SEEN_BY),
    ),
    sa.Column("expires_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("ended_at", sa.BigInteger, info=impersonal()),
    sa.CheckConstraint("split IN ('equal', 'random')", name="split_known"),
    sa.CheckConstraint("status IN ('open', 'empty', 'returned')", name="status_known"),
    sa.CheckConstraint("share_count >= 1 AND total >= share_count", name="a_unit_each"),
    sa.CheckConstraint("left_count BETWEEN 0 AND share_count", name="left_count_within"),
    sa.CheckConstraint("left_minor BETWEEN left_count AND total", name="left_within"),
    sa.CheckConstraint("(status = 'empty') = (left_count = 0)", name="empty_is_empty"),
    sa.CheckConstraint("(status = 'open') = (ended_at IS NULL)", name="ended_or_open"),
    sa.Index(None, "sender", "packet_id"),
)

wallet_red_packet_share = sa.Table(
    "wallet_red_packet_share",
    metadata,
    sa.Column(
        "packet_id",
        SortedText,
        sa.ForeignKey("wallet_red_packet.packet_id"),
        primary_key=True,
        info=impersonal(),
    ),
    # Shares are claimed in this order; it was drawn with them.
    sa.Column("place", sa.Integer, primary_key=True, info=impersonal()),
    sa.Column(
        "amount",
        sa.BigInteger,
        nullable=False,
        info=personal("money", _PURPOSE, keep="financial law", seen_by=_SEEN_BY),
    ),
    sa.Column(
        "claimant",
        sa.Text,
        info=personal("identifier", _PURPOSE, keep="financial law", seen_by=_SEEN_BY),
    ),
    sa.Column(
        "claimed_at",
        sa.BigInteger,
        info=personal("activity", _PURPOSE, keep="financial law", seen_by=_SEEN_BY),
    ),
    sa.Column("payment_id", sa.Text, info=personal("money", _PURPOSE, keep="financial law")),
    # One share each.
    sa.UniqueConstraint("packet_id", "claimant"),
    sa.CheckConstraint("amount >= 1", name="a_unit_or_more"),
    sa.CheckConstraint("(claimant IS NULL) = (claimed_at IS NULL)", name="claimed_at_a_time"),
    sa.CheckConstraint("(claimant IS NULL) = (payment_id IS NULL)", name="claimed_and_paid"),
    sa.Index(None, "claimant", "packet_id"),
)
