"""How webhooks are signed, when they are tried again, and when an endpoint is given up. Pure.

Source: Standard Webhooks, https://github.com/standard-webhooks/standard-webhooks, spec 1.0.0.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from teahouse.platform.json import encode_json
from teahouse.wallet.webhooks.errors import InvalidWebhook

_PREFIX: Final = "whsec_"
# "Signature scheme": 24 to 64 bytes.
SECRET_BYTES: Final = 32
# After a rotation the old secret signs beside the new one for a day: as long as a shop may take to
# bring the new one to all its servers.
SECRET_OVERLAP_MS: Final = 86_400_000
SECRETS_MAX: Final = 3
ENDPOINTS_MAX: Final = 16

# "Deliverability and reliability": at once, then with growing gaps, for about three days.
_SECOND, _MINUTE, _HOUR = 1000, 60_000, 3_600_000
RETRY_GAPS_MS: Final = (
    5 * _SECOND,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    20 * _HOUR,
    24 * _HOUR,
)
# An endpoint that has taken nothing for so long is disabled, and its shop must enable it again.
DISABLED_AFTER_MS: Final = 5 * 86_400_000
# How long messages can be replayed and tries be looked at.
KEEP_MS: Final = 30 * 86_400_000
REPLAY_MAX: Final = 1000
# A receiver has so long for one answer, from the look-up of its name on.
TRY_SECONDS: Final = 15.0
GONE: Final = 410

EVENT_TYPES: Final = frozenset(
    {
        "charge.authorised",
        "charge.captured",
        "charge.declined",
        "charge.cancelled",
        "charge.expired",
        "charge.voided",
        "dispute.opened",
        "dispute.decided",
        "mandate.accepted",
        "mandate.charged",
        "mandate.charge_refused",
        "mandate.ended",
        "refund.created",
        "settlement.made",
        "shop.frozen",
        "shop.suspended",
        "shop.unfrozen",
        "shop.verified",
        "tip.given",
        "webhook.test",
    }
)
ALL_TYPES: Final = "*"


def build_secret(raw: bytes) -> str:
    """A signing secret as the shop is told it."""
    assert len(raw) == SECRET_BYTES
    return _PREFIX + b64encode(raw).decode()


def sign_message(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature of a message under one secret.

    Args:
        secret: `whsec_` and base64.
        message_id: the header `webhook-id`.
        timestamp: seconds since the epoch, the header `webhook-timestamp`.
        body: exactly as it is sent.

    Returns:
        `v1,` and base64.

    Source:
        "Signature scheme", symmetric: HMAC-SHA256 over `id.timestamp.body`.
    """
    assert "." not in message_id
    key = b64decode(secret.removeprefix(_PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def build_headers(
    secrets: Sequence[str], *, message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """The headers of one try: signed anew each time, so that its timestamp is fresh."""
    signatures = (
        sign_message(secret, message_id=message_id, timestamp=timestamp, body=body)
        for secret in secrets
    )
    return {
        "Content-Type": "application/json",
        "User-Agent": "Teahouse-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def build_body(event_type: str, *, at: int, data: object) -> bytes:
    """What a message says.

    Args:
        event_type: one of `EVENT_TYPES`.
        at: when it happened, milliseconds.
        data: what it is about, as the API shows it.

    Source:
        "Payload structure": `type`, `timestamp` (ISO 8601) and `data`.
    """
    assert event_type in EVENT_TYPES
    told = datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")
    return encode_json(
        {
            "type": event_type,
            "timestamp": told.replace("+00:00", "Z"),
            "data": msgspec.to_builtins(data),
        }
    )


def check_event_types(wanted: Iterable[str]) -> list[str]:
    """The event types of an endpoint, each once, in order.

    Raises:
        InvalidWebhook: one of them does not exist.
    """
    chosen = sorted(set(wanted))
    unknown = [one for one in chosen if one not in EVENT_TYPES and one != ALL_TYPES]
    if unknown or not chosen:
        raise InvalidWebhook(
            f"These event types are not known: {', '.join(unknown)[:200]}.",
            known=sorted(EVENT_TYPES),
        )
    return [ALL_TYPES] if ALL_TYPES in chosen else chosen


def wants(event_types: Collection[str], event_type: str) -> bool:
    """Whether an endpoint is told of an event."""
    return ALL_TYPES in event_types or event_type in event_types


def is_delivered(status: int | None) -> bool:
    """Whether an answer says that the message has arrived: any 2xx; redirects do not count."""
    return status is not None and 200 <= status < 300  # noqa: PLR2004


def compute_next_try(*, try_count: int, now: int, jitter: float) -> int | None:
    """When a message is tried again.

    Args:
        try_count: how often it was tried, at least once.
        now: milliseconds.
        jitter: 0.9 to 1.1, so that messages that failed together do not come back together.

    Returns:
        Milliseconds; None: it is given up.
    """
    if try_count > len(RETRY_GAPS_MS):
        return None
    return now + round(RETRY_GAPS_MS[try_count - 1] * jitter)


def is_given_up(*, failing_since: int, now: int, status: int | None) -> bool:
    """Whether an endpoint has failed for so long, or says that it is gone for good."""
    return status == GONE or now - failing_since >= DISABLED_AFTER_MS
