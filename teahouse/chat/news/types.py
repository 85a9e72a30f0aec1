"""What is told."""

from __future__ import annotations

from typing import Literal

import msgspec


class News(msgspec.Struct, frozen=True, kw_only=True):
    """Something members are told.

    Attributes:
        key: names it; nobody is told the same twice.
        kind: what it is about.
        day: the day that it names, ISO 8601; empty where it names none.
        to: whom; empty: everybody who was a member before.
        before: milliseconds since the epoch.
    """

    key: str
    kind: Literal["policy", "official"]
    day: str = ""
    to: tuple[str, ...] = ()
    before: int = 0
