"""What a client needs to reach a TURN server."""

from __future__ import annotations

import msgspec


class TurnCredentials(msgspec.Struct, frozen=True, kw_only=True):
    """Credentials for TURN servers; `ttl` is their life in seconds."""

    username: str
    password: str
    uris: list[str]
    ttl: int
