"""Nouns of suggestions."""

from __future__ import annotations

import msgspec


class Suggestion(msgspec.Struct, frozen=True):
    """Somebody whom a member may know.

    Attributes:
        user_id: who.
        shared: how many chats both are in.
    """

    user_id: str
    shared: int
