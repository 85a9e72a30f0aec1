"""Bodies and answers, in Synapse's form."""

from __future__ import annotations

import msgspec


class UserRow(msgspec.Struct, frozen=True, kw_only=True):
    """A member as Synapse's tools expect one."""

    name: str
    displayname: str | None
    avatar_url: str | None
    admin: bool
    deactivated: bool
    erased: bool
    creation_ts: int
    appservice_id: str | None
    user_type: str | None = None
    is_guest: bool = False
    shadow_banned: bool = False
    locked: bool = False


class UserPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page of members."""

    users: list[UserRow]
    total: int
    next_token: str | None = None


class PutUser(msgspec.Struct, kw_only=True):
    """Body of PUT users; what is left out stays as it is."""

    password: str | None = None
    logout_devices: bool = True
    displayname: str | None = None
    avatar_url: str | None = None
    admin: bool | None = None
    deactivated: bool | None = None
    locked: bool = False


class DeactivateBody(msgspec.Struct, kw_only=True):
    """Body of POST deactivate."""

    erase: bool = False


class ResetPasswordBody(msgspec.Struct, kw_only=True):
    """Body of POST reset_password."""

    new_password: str
    logout_devices: bool = True


class TokenBody(msgspec.Struct, kw_only=True):
    """Body of POST registration_tokens/new."""

    token: str | None = None
    uses_allowed: int | None = None
    expiry_time: int | None = None


class TokenRow(msgspec.Struct, frozen=True, kw_only=True):
    """A registration token as Synapse's tools expect one."""

    token: str
    uses_allowed: int | None
    completed: int
    expiry_time: int | None
    pending: int = 0
