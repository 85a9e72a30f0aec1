"""The tables of menus and orders."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import Viewer, impersonal, personal
from teahouse.platform.db import metadata

_WHY = "what you ordered at a shop by a mini-program"
_MENU = "who changed what a shop offers, so that its people can tell"
_SIDES: tuple[Viewer, ...] = ("self", "counterparty")

miniprograms_menu = sa.Table(
    "miniprograms_menu",
    metadata,
    # In the wallet's tables: `teahouse check` verifies it.
    sa.Column("shop_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("menu", sa.Text, nullable=False, info=impersonal()),
    sa.Column("changed_at", sa.BigInteger, nullable=False, info=impersonal()),
)

# What a shop's menu was changed to and by whom; the newest `CHANGES_MAX` of each shop.
miniprograms_menu_change = sa.Table(
    "miniprograms_menu_change",
    metadata,
    sa.Column("shop_id", sa.Text, primary_key=True, info=impersonal()),
    # Counts from 1 for each shop.
    sa.Column("number", sa.Integer, primary_key=True, info=impersonal()),
    sa.Column("changed_at", sa.BigInteger, nullable=False, info=impersonal()),
    # NULL once they were erased.
    sa.Column(
        "changed_by",
        sa.Text,
        index=True,
        info=personal("identifier", _MENU, keep="account", seen_by=_SIDES),
    ),
    sa.Column("edits", sa.Text, nullable=False, info=impersonal()),
)

miniprograms_order = sa.Table(
    "miniprograms_order",
    metadata,
    sa.Column("order_id", sa.Text, primary_key=True, info=impersonal()),
    # Shops are not told.
    sa.Column(
        "user_id", sa.Text, nullable=False, info=personal("identifier", _WHY, keep="account")
    ),
    sa.Column("shop_id", sa.Text, nullable=False, info=impersonal()),
    sa.Column("program_id", sa.Text, nullable=False, info=impersonal()),
    sa.Column("number", sa.Integer, nullable=False, info=impersonal()),
    sa.Column(
        "status",
        sa.Text,
        nullable=False,
        info=personal("activity", _WHY, keep="account", seen_by=_SIDES),
    ),
    sa.Column(
        "lines",
        sa.Text,
        nullable=False,
        info=personal("activity", _WHY, keep="account", seen_by=_SIDES),
    ),
    sa.Column("currency", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "minor",
        sa.BigInteger,
        nullable=False,
        info=personal("money", _WHY, keep="account", seen_by=_SIDES),
    ),
    *(
        sa.Column(
            name,
            sa.Text,
            nullable=False,
            info=personal("content", _WHY, keep="account", seen_by=_SIDES),
        )
        for name in ("note", "called", "reason")
    ),
    sa.Column("charge_id", sa.Text, nullable=False, unique=True, info=impersonal()),
    sa.Column("code", sa.Text, nullable=False, info=impersonal()),
    sa.Column("payment_id", sa.Text, info=impersonal()),
    sa.Column("placed_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("changed_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.CheckConstraint(
        "status IN ('unpaid', 'paid', 'accepted', 'ready', 'collected', 'refused', 'cancelled', "
        "'expired')",
        name="status_known",
    ),
    sa.CheckConstraint("minor > 0", name="amount_positive"),
    sa.Index(None, "shop_id", "order_id"),
    sa.Index(None, "user_id", "order_id"),
)
