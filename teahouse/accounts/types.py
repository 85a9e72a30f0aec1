"""The nouns of accounts: members, devices, profiles, logins."""

from __future__ import annotations

import msgspec


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A person (or a bridge's puppet) with an account here.

    Attributes:
        user_id: the full Matrix id.
        created_at: milliseconds since the epoch.
        deactivated_at: when the account was closed, or None.
        erased: whether what was known was erased with it.
        appservice_id: the application service that owns the member, or None.
        has_password: whether a password opens the account.
    """

    user_id: str
    created_at: int
    deactivated_at: int | None = None
    erased: bool = False
    appservice_id: str | None = None
    has_password: bool = False

    @property
    def is_active(self) -> bool:
        """Whether the account can still be used."""
        return self.deactivated_at is None


class Device(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A signed-in device.

    Attributes:
        device_id: unique among the member's devices.
        display_name: what the member calls it.
        last_seen_ts: when it was last used, milliseconds since the epoch.
        last_seen_ip: from where.
    """

    device_id: str
    display_name: str | None = None
    last_seen_ts: int | None = None
    last_seen_ip: str | None = None


class Profile(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is shown of a member beside messages."""

    displayname: str | None = None
    avatar_url: str | None = None


class Login(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A new login. Its tokens are told once and kept here only as digests.

    Attributes:
        user_id: whose.
        device_id: on which device.
        access_token: the token for requests.
        refresh_token: the token for new tokens, where the client can refresh.
        expires_in_ms: life of the access token, where it ends.
    """

    user_id: str
    device_id: str
    access_token: str
    refresh_token: str | None = None
    expires_in_ms: int | None = None


class DeviceWish(msgspec.Struct, frozen=True, kw_only=True):
    """The device a client asks to be signed in as.

    Attributes:
        device_id: an id of its choice, or None for a new one.
        display_name: name of a new device.
        can_refresh: whether the client understands refresh tokens.
        address: where it connects from.
        agent: the program it says it is.
    """

    device_id: str | None = None
    display_name: str | None = None
    can_refresh: bool = False
    address: str = ""
    agent: str = ""
