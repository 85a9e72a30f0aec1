"""Nouns of logins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import msgspec

from teahouse.platform.requester import Role

TokenPurpose: TypeAlias = Literal["login", "openid"]


class HeldToken(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an access token.

    Attributes:
        user_id: whose.
        device_id: of which device.
        roles: the member's staff roles.
        expires_at: milliseconds since the epoch, or None.
        is_unconfirmed: whether its first use must end the generation before it.
        suspended_until: until when the member is suspended, or None.
    """

    user_id: str
    device_id: str
    roles: frozenset[Role]
    expires_at: int | None
    is_unconfirmed: bool
    suspended_until: int | None = None


class Appservice(msgspec.Struct, frozen=True, kw_only=True):
    """What the authenticator must know of an application service.

    Attributes:
        appservice_id: its id in the registration file.
        user_id: the full id of its own user.
        owns: whether a full user id lies in one of its namespaces.
        excludes: whether that namespace is exclusive.
        rate_limited: whether rate limits hold for members it acts for; never for its own user.
    """

    appservice_id: str
    user_id: str
    owns: Callable[[str], bool]
    excludes: Callable[[str], bool]
    rate_limited: bool = True
