"""Reads webhooks: endpoints, what was sent where, and what a try needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.accounts import Seal
from teahouse.platform.db import Read
from teahouse.platform.errors import InvalidParam
from teahouse.platform.pages import Page, encode_cursor
from teahouse.wallet.shops.access import access_shop
from teahouse.wallet.shops.types import Clerk
from teahouse.wallet.webhooks.errors import EndpointNotFound, WebhookNotFound
from teahouse.wallet.webhooks.rules import ENDPOINTS_MAX, wants
from teahouse.wallet.webhooks.tables import (
    wallet_webhook_delivery,
    wallet_webhook_endpoint,
    wallet_webhook_message,
    wallet_webhook_secret,
    wallet_webhook_try,
)
from teahouse.wallet.webhooks.types import (
    Delivery,
    DeliveryId,
    Endpoint,
    EndpointId,
    Message,
    MessageId,
    Parcel,
    Try,
)

_e = wallet_webhook_endpoint.c
_s = wallet_webhook_secret.c
_m = wallet_webhook_message.c
_d = wallet_webhook_delivery.c
_t = wallet_webhook_try.c

_STATUSES = ("waiting", "delivered", "failed")


def access_endpoint(read: Read, clerk: Clerk, shop_id: str, endpoint_id: str) -> Endpoint:
    """An endpoint of a shop that the caller may change.

    Raises:
        ShopNotFound, ShopPowerMissing, ScopeMissing, UnknownShopKey: as of `access_shop`.
        EndpointNotFound: the shop has none of that id.
    """
    shop = access_shop(read, clerk, shop_id, "webhooks.change")
    row = read.conn.execute(
        sa.select(wallet_webhook_endpoint).where(
            _e.endpoint_id == endpoint_id, _e.shop_id == shop.shop_id
        )
    ).one_or_none()
    if row is None:
        raise EndpointNotFound
    return _read_endpoint(row)


def list_endpoints(read: Read, clerk: Clerk, shop_id: str) -> list[Endpoint]:
    """A shop's endpoints, oldest first."""
    shop = access_shop(read, clerk, shop_id, "webhooks.change")
    return find_endpoints(read, shop.shop_id)


def find_endpoints(read: Read, shop_id: str) -> list[Endpoint]:
    """A shop's endpoints, whoever asks."""
    rows = read.conn.execute(
        sa.select(wallet_webhook_endpoint)
        .where(_e.shop_id == shop_id)
        .order_by(_e.endpoint_id)
        .limit(ENDPOINTS_MAX)
    )
    return [_read_endpoint(row) for row in rows]


def find_listeners(read: Read, shop_id: str, event_type: str) -> list[Endpoint]:
    """The endpoints that are to be told of an event."""
    return [
        one
        for one in find_endpoints(read, shop_id)
        if one.status == "enabled" and wants(one.event_types, event_type)
    ]


def _read_endpoint(row: sa.Row[*tuple[Any, ...]]) -> Endpoint:
    return Endpoint(
        endpoint_id=EndpointId(row.endpoint_id),
        url=row.url,
        event_types=row.event_types.split(),
        description=row.description,
        status=row.status,
        disabled_why=row.disabled_why,
        failing_since=row.failing_since,
        created_at=row.created_at,
    )


# What was sent


def list_deliveries(
    read: Read, clerk: Clerk, shop_id: str, *, wanted: dict[str, str], limit: int
) -> Page[Delivery]:
    """What is and was sent to a shop in the last thirty days, the newest first.

    Args:
        read: the view.
        clerk: who asks for the shop.
        shop_id: the shop.
        wanted: `endpoint_id`, `message_id`, `status`, `before`, each if it matters.
        limit: at most so many.
    """
    shop = access_shop(read, clerk, shop_id, "webhooks.change")
    if wanted.get("status", "waiting") not in _STATUSES:
        raise InvalidParam(f"`status` is one of {', '.join(_STATUSES)}.")
    query = (
        sa.select(wallet_webhook_delivery, _m.event_type)
        .join(wallet_webhook_message, _m.message_id == _d.message_id)
        .where(_d.shop_id == shop.shop_id)
        .order_by(_d.delivery_id.desc())
        .limit(limit + 1)
    )
    for name in ("endpoint_id", "message_id", "status"):
        if name in wanted:
            query = query.where(_d[name] == wanted[name])
    if "before" in wanted:
        query = query.where(_d.delivery_id < wanted["before"])
    rows = read.conn.execute(query).all()
    shown = _read_deliveries(read, rows[:limit])
    more = len(rows) > limit
    return Page(shown, encode_cursor(shown[-1].delivery_id) if more else None)


def _read_deliveries(read: Read, rows: Sequence[sa.Row[*tuple[Any, ...]]]) -> list[Delivery]:
    tries = read.conn.execute(
        sa.select(wallet_webhook_try)
        .where(_t.delivery_id.in_([row.delivery_id for row in rows]))
        .order_by(_t.delivery_id, _t.number)
    ).all()
    return [
        Delivery(
            delivery_id=DeliveryId(row.delivery_id),
            message_id=MessageId(row.message_id),
            endpoint_id=EndpointId(row.endpoint_id),
            event_type=row.event_type,
            status=row.status,
            created_at=row.created_at,
            next_try_at=row.next_try_at,
            tries=[
                Try(at=one.at, status=one.status, error=one.error, took_ms=one.took_ms)
                for one in tries
                if one.delivery_id == row.delivery_id
            ],
        )
        for row in rows
    ]


def access_message(read: Read, clerk: Clerk, shop_id: str, message_id: str) -> Message:
    """What was told to a shop.

    Raises:
        ShopNotFound, ShopPowerMissing, ScopeMissing, UnknownShopKey: as of `access_shop`.
        WebhookNotFound: nothing of that id, or too long ago.
    """
    shop = access_shop(read, clerk, shop_id, "webhooks.change")
    row = read.conn.execute(
        sa.select(wallet_webhook_message).where(
            _m.message_id == message_id, _m.shop_id == shop.shop_id
        )
    ).one_or_none()
    if row is None:
        raise WebhookNotFound
    return Message(
        message_id=MessageId(row.message_id),
        event_type=row.event_type,
        body=row.body,
        created_at=row.created_at,
    )


def list_to_replay(
    read: Read, endpoint_id: str, *, since: int, only_failed: bool, limit: int
) -> list[MessageId]:
    """Messages that an endpoint was sent, or that are given up, oldest first."""
    query = (
        sa.select(_m.message_id)
        .join(wallet_webhook_delivery, _d.message_id == _m.message_id)
        .where(_d.endpoint_id == endpoint_id, _m.created_at >= since)
        .group_by(_m.message_id)
        .order_by(_m.message_id)
        .limit(limit)
    )
    arrived = sa.func.max(sa.case((_d.status == "delivered", 1), else_=0))
    waiting = sa.func.max(sa.case((_d.status == "waiting", 1), else_=0))
    query = query.having(waiting == 0)
    if only_failed:
        query = query.having(arrived == 0)
    return [MessageId(found) for found in read.conn.execute(query).scalars()]


# What a try needs


def find_parcel(read: Read, delivery_id: str, seal: Seal) -> Parcel | None:
    """All that a try needs; None: it is not to be made (any more)."""
    row = read.conn.execute(
        sa.select(_d.delivery_id, _d.message_id, _d.endpoint_id, _d.try_count, _e.url, _m.body)
        .join(wallet_webhook_endpoint, _e.endpoint_id == _d.endpoint_id)
        .join(wallet_webhook_message, _m.message_id == _d.message_id)
        .where(_d.delivery_id == delivery_id, _d.status == "waiting", _e.status == "enabled")
    ).one_or_none()
    if row is None:
        return None
    return Parcel(
        delivery_id=DeliveryId(row.delivery_id),
        message_id=MessageId(row.message_id),
        endpoint_id=EndpointId(row.endpoint_id),
        url=row.url,
        body=row.body,
        secrets=list_secrets(read, row.endpoint_id, seal),
        try_count=row.try_count,
    )


def list_secrets(read: Read, endpoint_id: str, seal: Seal) -> list[str]:
    """The secrets that sign messages to an endpoint now, the newest first."""
    rows = read.conn.execute(
        sa.select(_s.sealed)
        .where(
            _s.endpoint_id == endpoint_id,
            sa.or_(_s.ends_at.is_(None), _s.ends_at > read.now),
        )
        .order_by(_s.created_at.desc(), _s.secret_id.desc())
    ).scalars()
    return [seal.open(bytes(sealed), owner=endpoint_id) for sealed in rows]
