"""Bodies and answers."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from teahouse.accounts.passkeys.types import Passkey

# No control characters: names are shown in lists, and PostgreSQL keeps no NUL.
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
Code = Annotated[str, msgspec.Meta(max_length=64)]
Opaque = Annotated[str, msgspec.Meta(max_length=255, pattern=r"^[A-Za-z0-9_-]*$")]


class Confirmation(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A body that only confirms.

    Attributes:
        auth: user-interactive authentication, as in the Matrix API.
    """

    auth: dict[str, Any] | None = None


class SecurityState(msgspec.Struct, kw_only=True):
    """What opens an account.

    Attributes:
        has_password: whether a password does.
        has_totp: whether a one-time code is needed beside it.
        recovery_codes_left: how many recovery codes were not used.
        passkeys: the passkeys that do.
    """

    has_password: bool
    has_totp: bool
    recovery_codes_left: int
    passkeys: list[Passkey]


class PasskeyChallenge(msgspec.Struct, kw_only=True):
    """What a browser needs to make or use a passkey.

    Attributes:
        challenge_id: sent back with the answer.
        public_key: `publicKey` of `navigator.credentials.create` or `.get`, with its bytes in
            base64url.
        expires_in_ms: how long an answer is awaited.
    """

    challenge_id: str
    public_key: dict[str, Any]
    expires_in_ms: int


class NewPasskey(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A passkey to add.

    Attributes:
        challenge_id: of the challenge it answers.
        credential: the browser's answer, as `toJSON()` gives it.
        name: what the member calls it.
    """

    challenge_id: Opaque
    credential: dict[str, Any]
    name: Name


class PasskeyName(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Another name for a passkey."""

    name: Name


class PasskeySignIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A passkey's answer to a challenge.

    Attributes:
        challenge_id: of the challenge it answers.
        credential: the browser's answer, as `toJSON()` gives it.
        redirect_url: where to return with the login token.
    """

    challenge_id: Opaque
    credential: dict[str, Any]
    redirect_url: Annotated[str, msgspec.Meta(max_length=2048)] | None = None


class LoginToken(msgspec.Struct, kw_only=True):
    """A token for `m.login.token`.

    Attributes:
        user_id: whom it signs in.
        login_token: the token, for one login.
        expires_in_ms: how long it is good.
        redirect_to: the address that was asked for, with the token in it.
    """

    user_id: str
    login_token: str
    expires_in_ms: int
    redirect_to: str | None = None


class TotpSecret(msgspec.Struct, kw_only=True):
    """A secret for an authenticator app.

    Attributes:
        secret: in base 32, to be typed.
        uri: `otpauth://`, to be shown as a QR code.
    """

    secret: str
    uri: str


class TotpCode(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A one-time code."""

    code: Code


class RecoveryCodes(msgspec.Struct, kw_only=True):
    """New recovery codes, told this once."""

    recovery_codes: list[str]
