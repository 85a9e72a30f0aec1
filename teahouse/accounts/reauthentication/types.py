"""Nouns of user-interactive authentication."""

from __future__ import annotations

from typing import Any

import msgspec


class Auth(msgspec.Struct, kw_only=True):
    """The `auth` member of a request, all stages in one shape."""

    type: str | None = None
    session: str | None = None
    # m.login.password
    identifier: AuthIdentifier | None = None
    user: str | None = None
    password: str | None = None
    # m.login.registration_token
    token: str | None = None
    # org.teahouse.login.totp
    code: str | None = None
    recovery_code: str | None = None
    # org.teahouse.login.passkey
    credential: dict[str, Any] | None = None


class AuthIdentifier(msgspec.Struct):
    """Whose password it is."""

    type: str
    user: str | None = None


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """What was confirmed so far of one operation.

    Attributes:
        session_id: what the client sends back.
        operation: the method and path.
        request_hash: SHA-256 of the rest of the body.
        user_id: who must confirm, or None for a stranger.
        completed: the stages done.
        challenge: what a passkey must sign.
        registration_token: the token shown in this session.
    """

    session_id: str
    operation: str
    request_hash: bytes
    user_id: str | None
    completed: tuple[str, ...] = ()
    challenge: bytes | None = None
    registration_token: str | None = None


class Factors(msgspec.Struct, frozen=True, kw_only=True):
    """What a member can prove themself with."""

    has_password: bool
    has_totp: bool
    has_passkeys: bool
