"""Nouns of erasure."""

from __future__ import annotations

import msgspec


class MemberToErase(msgspec.Struct, frozen=True):
    """Whose events are to be emptied."""

    user_id: str
