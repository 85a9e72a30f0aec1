"""Nouns of registration."""

from __future__ import annotations

import msgspec

from teahouse.accounts.types import DeviceWish


class NewMember(msgspec.Struct, frozen=True, kw_only=True):
    """Everything needed to make a member, checked and hashed.

    Attributes:
        user_id: the full id.
        password_hash: or None, where no password shall open the account.
        appservice_id: the application service that owns the member.
        registration_token: a token to count one use of.
        device: the device to sign in at once, or None.
    """

    user_id: str
    password_hash: str | None = None
    appservice_id: str | None = None
    registration_token: str | None = None
    device: DeviceWish | None = None


class RegistrationToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token that lets somebody register.

    Attributes:
        token: what is handed out.
        uses_allowed: how many may use it; None: any number.
        uses: how many did.
        created_at: milliseconds since the epoch.
        expires_at: milliseconds since the epoch; None: never.
    """

    token: str
    uses_allowed: int | None
    uses: int
    created_at: int
    expires_at: int | None

    def is_valid_at(self, now: int) -> bool:
        """Whether it still lets somebody in."""
        is_left = self.uses_allowed is None or self.uses < self.uses_allowed
        return is_left and (self.expires_at is None or now < self.expires_at)
