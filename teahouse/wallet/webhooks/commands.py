"""Changes webhooks: endpoints and secrets, what is to be told, and what became of each try."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import sqlalchemy as sa

from teahouse.accounts import Seal
from teahouse.platform.db import Tx
from teahouse.platform.jobs import enqueue
from teahouse.platform.outbound import check_outbound_url
from teahouse.wallet.charges.announcements import ChargeMoved, RefundMade, TipGiven
from teahouse.wallet.charges.queries import find_refund, tell_shop_charge
from teahouse.wallet.charges.types import ChargeStatus
from teahouse.wallet.freezes.announcements import FreezeChanged
from teahouse.wallet.freezes.queries import (
    find_freeze,
    list_in_force,
    list_log,
    show_freeze,
)
from teahouse.wallet.mandates.access import load_mandate
from teahouse.wallet.mandates.announcements import (
    MandateAccepted,
    MandateCharged,
    MandateChargeRefused,
    MandateEnded,
)
from teahouse.wallet.settlements.announcements import SettlementMade
from teahouse.wallet.shops.access import access_shop
from teahouse.wallet.shops.announcements import ShopDecided
from teahouse.wallet.shops.queries import find_shop_of_party
from teahouse.wallet.shops.types import Clerk
from teahouse.wallet.webhooks.errors import EndpointDisabled, TooManyEndpoints
from teahouse.wallet.webhooks.queries import (
    access_endpoint,
    access_message,
    find_endpoints,
    find_listeners,
    list_to_replay,
)
from teahouse.wallet.webhooks.rules import (
    ENDPOINTS_MAX,
    KEEP_MS,
    REPLAY_MAX,
    SECRET_BYTES,
    SECRET_OVERLAP_MS,
    SECRETS_MAX,
    build_body,
    build_secret,
    check_event_types,
    compute_next_try,
    is_delivered,
    is_given_up,
)
from teahouse.wallet.webhooks.tables import (
    wallet_webhook_delivery,
    wallet_webhook_endpoint,
    wallet_webhook_message,
    wallet_webhook_secret,
    wallet_webhook_try,
)
from teahouse.wallet.webhooks.types import (
    DeliveryId,
    DeliveryTask,
    Endpoint,
    EndpointChange,
    EndpointId,
    EndpointWithSecret,
    MessageId,
    NewEndpoint,
    Parcel,
    Replayed,
    ReplayWish,
    Try,
)

DELIVER_JOB: Final = "wallet.deliver_webhook"
# A delivery for which no courier is free comes back so much later; that is no try.
POSTPONED_MS: Final = 5000
# How many messages one step of the sweep deletes.
SWEPT_AT_A_TIME: Final = 500
# By what was done to a freeze of which kind; what else happens to one changes nothing yet.
_FREEZE_EVENTS: Final = {
    ("staff", "approved"): "shop.frozen",
    ("emergency", "begun"): "shop.frozen",
    ("emergency", "rejected"): "shop.unfrozen",
    ("emergency", "lapsed"): "shop.unfrozen",
    ("staff", "lifted"): "shop.unfrozen",
    ("emergency", "lifted"): "shop.unfrozen",
}
_NONCE_BYTES: Final = 12

_e = wallet_webhook_endpoint.c
_s = wallet_webhook_secret.c
_m = wallet_webhook_message.c
_d = wallet_webhook_delivery.c
_t = wallet_webhook_try.c

# What a shop is told when a charge comes to a status.
_OF_STATUS: Final[dict[ChargeStatus, str]] = {
    "authorised": "charge.authorised",
    "captured": "charge.captured",
    "voided": "charge.voided",
    "cancelled": "charge.cancelled",
    "declined": "charge.declined",
    "expired": "charge.expired",
}


# Endpoints


def add_endpoint(
    tx: Tx,
    clerk: Clerk,
    shop_id: str,
    wish: NewEndpoint,
    *,
    seal: Seal,
    own_hosts: Collection[str],
) -> EndpointWithSecret:
    """Let a shop be told of what happens.

    Args:
        tx: the transaction.
        clerk: who acts for the shop.
        shop_id: the shop.
        wish: where, and of what.
        seal: closes the secret.
        own_hosts: hosts that may be private; what the name resolves to the caller has checked.

    Raises:
        ShopNotFound, ShopPowerMissing, ScopeMissing, UnknownShopKey: as of `access_shop`.
        UnsafeUrl: a URL that nothing is sent to.
        InvalidWebhook: an event type that there is not.
        TooManyEndpoints: the shop has `ENDPOINTS_MAX`.
    """
    shop = access_shop(tx, clerk, shop_id, "webhooks.change")
    check_outbound_url(wish.url, own_hosts=own_hosts)
    event_types = check_event_types(wish.event_types)
    if len(find_endpoints(tx, shop_id)) >= ENDPOINTS_MAX:
        raise TooManyEndpoints
    endpoint_id = EndpointId(tx.new_id("whe"))
    tx.conn.execute(
        sa.insert(wallet_webhook_endpoint).values(
            endpoint_id=endpoint_id,
            shop_id=shop.shop_id,
            url=wish.url,
            event_types=" ".join(event_types),
            description=wish.description,
            status="enabled",
            disabled_why="",
            created_at=tx.now,
        )
    )
    secret = _add_secret(tx, endpoint_id, seal)
    return EndpointWithSecret(access_endpoint(tx, clerk, shop_id, endpoint_id), secret)


def _add_secret(tx: Tx, endpoint_id: EndpointId, seal: Seal) -> str:
    secret = build_secret(tx.chance.secrets.token_bytes(SECRET_BYTES))
    nonce = tx.chance.secrets.token_bytes(_NONCE_BYTES)
    tx.conn.execute(
        sa.insert(wallet_webhook_secret).values(
            secret_id=tx.new_id("whs"),
            endpoint_id=endpoint_id,
            sealed=seal.seal(secret, owner=endpoint_id, nonce=nonce),
            created_at=tx.now,
        )
    )
    return secret


def change_endpoint(
    tx: Tx,
    clerk: Clerk,
    shop_id: str,
    endpoint_id: str,
    change: EndpointChange,
    *,
    own_hosts: Collection[str],
) -> Endpoint:
    """Change an endpoint, or enable it again.

    Raises:
        EndpointNotFound: the shop has none of that id.
        UnsafeUrl, InvalidWebhook: as of `add_endpoint`.
    """
    endpoint = access_endpoint(tx, clerk, shop_id, endpoint_id)
    values: dict[str, object] = {}
    if change.url is not None:
        check_outbound_url(change.url, own_hosts=own_hosts)
        values["url"] = change.url
    if change.event_types is not None:
        values["event_types"] = " ".join(check_event_types(change.event_types))
    if change.description is not None:
        values["description"] = change.description
    if change.status == "enabled":
        values |= {"status": "enabled", "disabled_why": "", "failing_since": None}
    if values:
        tx.conn.execute(
            sa.update(wallet_webhook_endpoint)
            .where(_e.endpoint_id == endpoint.endpoint_id)
            .values(values)
        )
    if change.status == "disabled":
        _disable(tx, endpoint.endpoint_id, "By the shop.")
    return access_endpoint(tx, clerk, shop_id, endpoint_id)


def remove_endpoint(tx: Tx, clerk: Clerk, shop_id: str, endpoint_id: str) -> None:
    """Tell an endpoint nothing more, and forget it with its log.

    Raises:
        EndpointNotFound: the shop has none of that id.
    """
    endpoint = access_endpoint(tx, clerk, shop_id, endpoint_id)
    mine = sa.select(_d.delivery_id).where(_d.endpoint_id == endpoint.endpoint_id)
    tx.conn.execute(sa.delete(wallet_webhook_try).where(_t.delivery_id.in_(mine)))
    for table in (wallet_webhook_delivery, wallet_webhook_secret, wallet_webhook_endpoint):
        tx.conn.execute(sa.delete(table).where(table.c.endpoint_id == endpoint.endpoint_id))


def rotate_secret(
    tx: Tx, clerk: Clerk, shop_id: str, endpoint_id: str, *, seal: Seal
) -> EndpointWithSecret:
    """Make a new secret; the old one signs beside it for a day.

    Raises:
        EndpointNotFound: the shop has none of that id.
    """
    endpoint = access_endpoint(tx, clerk, shop_id, endpoint_id)
    mine = _s.endpoint_id == endpoint.endpoint_id
    tx.conn.execute(
        sa.update(wallet_webhook_secret)
        .where(mine, _s.ends_at.is_(None))
        .values(ends_at=tx.now + SECRET_OVERLAP_MS)
    )
    secret = _add_secret(tx, endpoint.endpoint_id, seal)
    newest = (
        sa.select(_s.secret_id)
        .where(mine)
        .order_by(_s.created_at.desc(), _s.ends_at.is_not(None), _s.secret_id.desc())
        .limit(SECRETS_MAX)
    )
    kept = [*tx.conn.execute(newest).scalars()]
    tx.conn.execute(
        sa.delete(wallet_webhook_secret).where(
            mine, sa.or_(_s.secret_id.not_in(kept), _s.ends_at <= tx.now)
        )
    )
    return EndpointWithSecret(endpoint, secret)


# What is told


def tell_shop(tx: Tx, shop_id: str, event_type: str, data: object) -> None:
    """Tell a shop's endpoints of an event, after the commit and until it arrives.

    Args:
        tx: the transaction of what happened.
        shop_id: whose.
        event_type: one of `EVENT_TYPES`.
        data: a struct: what it is about, as the shop may see it.
    """
    listeners = find_listeners(tx, shop_id, event_type)
    if not listeners:
        return
    message_id = _keep_message(tx, shop_id, event_type, data)
    for endpoint in listeners:
        _send(tx, shop_id, message_id, endpoint.endpoint_id)


def _keep_message(tx: Tx, shop_id: str, event_type: str, data: object) -> MessageId:
    message_id = MessageId(tx.new_id("msg"))
    tx.conn.execute(
        sa.insert(wallet_webhook_message).values(
            message_id=message_id,
            shop_id=shop_id,
            event_type=event_type,
            body=build_body(event_type, at=tx.now, data=data).decode(),
            created_at=tx.now,
        )
    )
    return message_id


def _send(tx: Tx, shop_id: str, message_id: MessageId, endpoint_id: EndpointId) -> DeliveryId:
    delivery_id = DeliveryId(tx.new_id("whd"))
    tx.conn.execute(
        sa.insert(wallet_webhook_delivery).values(
            delivery_id=delivery_id,
            shop_id=shop_id,
            message_id=message_id,
            endpoint_id=endpoint_id,
            status="waiting",
            try_count=0,
            created_at=tx.now,
            next_try_at=tx.now,
        )
    )
    enqueue(tx, DELIVER_JOB, DeliveryTask(delivery_id), key=f"{delivery_id}:0")
    return delivery_id


def follow_charge(tx: Tx, moved: ChargeMoved) -> None:
    """Tell a shop what became of a charge."""
    event_type = _OF_STATUS.get(moved.status)
    if event_type is not None and find_listeners(tx, moved.shop_id, event_type):
        tell_shop(tx, moved.shop_id, event_type, tell_shop_charge(tx, moved.charge_id))


def follow_refund(tx: Tx, made: RefundMade) -> None:
    """Tell a shop of a refund: other servers of its own may have made it."""
    tell_shop(tx, made.shop_id, "refund.created", find_refund(tx, made.refund_id))


def follow_tip(tx: Tx, given: TipGiven) -> None:
    """Tell a shop of a tip that was given after the payment."""
    tell_shop(tx, given.shop_id, "tip.given", tell_shop_charge(tx, given.charge_id))


def follow_decision(tx: Tx, decided: ShopDecided) -> None:
    """Tell a shop that it may take money, or may no more."""
    if decided.status in {"verified", "suspended"}:
        told = {
            "shop_id": decided.shop_id,
            "status": decided.status,
            "reason": decided.reason,
        }
        tell_shop(tx, decided.shop_id, f"shop.{decided.status}", told)


def follow_freeze(tx: Tx, changed: FreezeChanged) -> None:
    """Tell a shop that its money was frozen, or is free again."""
    shop = find_shop_of_party(tx, changed.party)
    if shop is None:
        return
    freeze = find_freeze(tx, changed.freeze_id)
    kind = _FREEZE_EVENTS.get((freeze.kind, list_log(tx, freeze.freeze_id)[-1].act))
    if kind is None or (kind == "shop.unfrozen" and list_in_force(tx, freeze.party)):
        return
    shown = show_freeze(freeze, tx.now)
    told = {
        "shop_id": shop.shop_id,
        "freeze_id": shown.freeze_id,
        "reason": shown.reason,
        "until": shown.until,
    }
    tell_shop(tx, shop.shop_id, kind, told)


def follow_settlement(tx: Tx, made: SettlementMade) -> None:
    """Tell a shop that it was settled, and what was sent to its bank."""
    told = {
        "settlement_id": made.settlement_id,
        "net": made.net,
        "paid_out": made.paid_out,
    }
    tell_shop(tx, made.shop_id, "settlement.made", told)


def follow_mandate(
    tx: Tx, said: MandateAccepted | MandateCharged | MandateChargeRefused | MandateEnded
) -> None:
    """Tell a shop of its mandates; who the payer is the shop knows by the mandate."""
    mandate = load_mandate(tx, said.mandate_id)
    payee = None if mandate is None else mandate.payee_party
    shop = None if payee is None else find_shop_of_party(tx, payee)
    if shop is None:
        return
    told: dict[str, object] = {"mandate_id": said.mandate_id}
    match said:
        case MandateAccepted():
            event_type = "mandate.accepted"
        case MandateCharged():
            event_type = "mandate.charged"
            told |= {"charge_id": said.charge_id}
        case MandateChargeRefused():
            event_type = "mandate.charge_refused"
            told |= {"charge_id": said.charge_id, "next_try_at": said.next_try_at}
        case MandateEnded():
            event_type = "mandate.ended"
            told |= {"status": said.status}
    tell_shop(tx, shop.shop_id, event_type, told)


def send_test(tx: Tx, clerk: Clerk, shop_id: str, endpoint_id: str) -> Replayed:
    """Send a message that says nothing, to see whether it arrives.

    Raises:
        EndpointNotFound: the shop has none of that id.
        EndpointDisabled: it takes no messages now.
    """
    endpoint = _access_enabled(tx, clerk, shop_id, endpoint_id)
    message_id = _keep_message(tx, shop_id, "webhook.test", {"endpoint_id": endpoint_id})
    _send(tx, shop_id, message_id, endpoint.endpoint_id)
    return Replayed(1)


def replay_message(
    tx: Tx, clerk: Clerk, shop_id: str, message_id: str, endpoint_id: str
) -> Replayed:
    """Send one message again to an endpoint, under its old id.

    Raises:
        EndpointNotFound, WebhookNotFound: the shop has none of that id.
        EndpointDisabled: the endpoint takes no messages now.
    """
    endpoint = _access_enabled(tx, clerk, shop_id, endpoint_id)
    message = access_message(tx, clerk, shop_id, message_id)
    _send(tx, shop_id, message.message_id, endpoint.endpoint_id)
    return Replayed(1)


def replay_since(
    tx: Tx, clerk: Clerk, shop_id: str, endpoint_id: str, wish: ReplayWish
) -> Replayed:
    """Send messages again to an endpoint, those that are not on their way already.

    Raises:
        EndpointNotFound: the shop has none of that id.
        EndpointDisabled: the endpoint takes no messages now.
    """
    endpoint = _access_enabled(tx, clerk, shop_id, endpoint_id)
    found = list_to_replay(
        tx,
        endpoint.endpoint_id,
        since=wish.since,
        only_failed=wish.only_failed,
        limit=REPLAY_MAX,
    )
    for message_id in found:
        _send(tx, shop_id, message_id, endpoint.endpoint_id)
    return Replayed(len(found))


def _access_enabled(tx: Tx, clerk: Clerk, shop_id: str, endpoint_id: str) -> Endpoint:
    endpoint = access_endpoint(tx, clerk, shop_id, endpoint_id)
    if endpoint.status != "enabled":
        raise EndpointDisabled
    return endpoint


# What became of it


def postpone(tx: Tx, parcel: Parcel) -> None:
    """Let a delivery come back in a moment, because no courier is free."""
    run_at = tx.now + POSTPONED_MS
    enqueue(tx, DELIVER_JOB, DeliveryTask(parcel.delivery_id), run_at=run_at)


def note_try(tx: Tx, parcel: Parcel, made: Try) -> None:
    """Note how a try went, and when the next one is.

    A try that was made twice, because a server died in between, counts once.
    """
    number = parcel.try_count + 1
    arrived = is_delivered(made.status)
    next_try_at = compute_next_try(
        try_count=number, now=tx.now, jitter=tx.chance.games.uniform(0.9, 1.1)
    )
    status = "delivered" if arrived else "failed" if next_try_at is None else "waiting"
    noted = tx.conn.execute(
        sa.update(wallet_webhook_delivery)
        .where(
            _d.delivery_id == parcel.delivery_id,
            _d.try_count == parcel.try_count,
            _d.status == "waiting",
        )
        .values(
            status=status,
            try_count=number,
            next_try_at=next_try_at if status == "waiting" else None,
        )
    )
    if noted.rowcount != 1:
        return
    tx.conn.execute(
        sa.insert(wallet_webhook_try).values(
            delivery_id=parcel.delivery_id,
            number=number,
            at=made.at,
            status=made.status,
            error=made.error,
            took_ms=made.took_ms,
        )
    )
    if status == "waiting":
        task = DeliveryTask(parcel.delivery_id)
        key = f"{parcel.delivery_id}:{number}"
        enqueue(tx, DELIVER_JOB, task, run_at=next_try_at, key=key)
    _note_health(tx, parcel.endpoint_id, made, arrived=arrived)


def _note_health(tx: Tx, endpoint_id: EndpointId, made: Try, *, arrived: bool) -> None:
    """Know since when an endpoint fails, and give it up in the end."""
    if arrived:
        tx.conn.execute(
            sa.update(wallet_webhook_endpoint)
            .where(_e.endpoint_id == endpoint_id, _e.failing_since.is_not(None))
            .values(failing_since=None)
        )
        return
    since: int = tx.conn.execute(
        sa.update(wallet_webhook_endpoint)
        .where(_e.endpoint_id == endpoint_id)
        .values(failing_since=sa.func.coalesce(_e.failing_since, made.at))
        .returning(_e.failing_since)
    ).scalar_one()
    if is_given_up(failing_since=since, now=tx.now, status=made.status):
        _disable(tx, endpoint_id, "It took no message for days, or said that it is gone.")


def _disable(tx: Tx, endpoint_id: EndpointId, why: str) -> None:
    """Send nothing more to an endpoint; what waits is given up and can be replayed."""
    tx.conn.execute(
        sa.update(wallet_webhook_endpoint)
        .where(_e.endpoint_id == endpoint_id)
        .values(status="disabled", disabled_why=why)
    )
    tx.conn.execute(
        sa.update(wallet_webhook_delivery)
        .where(_d.endpoint_id == endpoint_id, _d.status == "waiting")
        .values(status="failed", next_try_at=None)
    )


def forget_old_messages(tx: Tx) -> int:
    """Delete messages and their log once they are too old to be replayed.

    Returns:
        How many; at most `SWEPT_AT_A_TIME`.
    """
    old = sa.select(_m.message_id).where(_m.created_at < tx.now - KEEP_MS)
    ids = [*tx.conn.execute(old.order_by(_m.created_at).limit(SWEPT_AT_A_TIME)).scalars()]
    theirs = sa.select(_d.delivery_id).where(_d.message_id.in_(ids))
    tx.conn.execute(sa.delete(wallet_webhook_try).where(_t.delivery_id.in_(theirs)))
    tx.conn.execute(sa.delete(wallet_webhook_delivery).where(_d.message_id.in_(ids)))
    tx.conn.execute(sa.delete(wallet_webhook_message).where(_m.message_id.in_(ids)))
    return len(ids)
