"""Nouns of passkeys."""

from __future__ import annotations

import msgspec


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey as its member sees it.

    Attributes:
        passkey_id: our id for it.
        name: what the member calls it.
        created_at: milliseconds since the epoch.
        last_used_at: milliseconds since the epoch, or None.
    """

    passkey_id: str
    name: str
    created_at: int
    last_used_at: int | None


class KnownCredential(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed to check a passkey's signature.

    Attributes:
        passkey_id: our id for it.
        user_id: whose.
        public_key: in COSE form.
        sign_count: how often it says it has signed.
    """

    passkey_id: str
    user_id: str
    public_key: bytes
    sign_count: int


class NewCredential(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey whose first answer was checked.

    Attributes:
        credential_id: the authenticator's id for it.
        public_key: in COSE form.
        sign_count: how often it says it has signed.
    """

    credential_id: bytes
    public_key: bytes
    sign_count: int


class RelyingParty(msgspec.Struct, frozen=True, kw_only=True):
    """For whom passkeys are made.

    Attributes:
        domain: passkeys work on this domain and those below it.
        origin: where the web client is served, or "" for any port of localhost.
    """

    domain: str
    origin: str
