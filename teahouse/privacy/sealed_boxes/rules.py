"""When a box expires, and how it is sealed. Pure."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from hashlib import sha256


def compute_expiry(now: int, years: int) -> int:
    """The same day some years later; the 28th after a leap day. Milliseconds."""
    made = datetime.fromtimestamp(now / 1000, UTC)
    try:
        later = made.replace(year=made.year + years)
    except ValueError:
        later = made.replace(year=made.year + years, day=28)
    return round(later.timestamp() * 1000)


def find_month_end(month: str) -> int:
    """The first instant after a month, milliseconds; `month` is `2026-11`."""
    year, number = map(int, month.split("-"))
    later = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    return round(later.timestamp() * 1000)


def owner_of_month(prefix: str, month: str) -> str:
    """Under what the key of a month's files is kept."""
    return f"month:{prefix}:{month}"


def compute_index(key: bytes, user_id: str) -> bytes:
    """By what a member's boxes are found; says nothing without the key."""
    return hmac.new(key, user_id.encode(), sha256).digest()


def owner_of_key(box_id: str) -> str:
    """Under what the key of a box is kept."""
    return f"box:{box_id}"
