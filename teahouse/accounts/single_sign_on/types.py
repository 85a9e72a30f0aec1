"""Bodies and answers."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Address = Annotated[str, msgspec.Meta(max_length=2048)]


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """Who would get a login token.

    Attributes:
        kind: a page on the web, or an app on the member's device.
        name: the page's origin, or the scheme by which the app is opened.
        is_known: whether the operator vouches for it, so that the member need not be asked.
    """

    kind: Literal["web", "app"]
    name: str
    is_known: bool


class PasswordSignIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A password, and a code where one is set up.

    Attributes:
        name: a full Matrix id, or the name in it.
        password: the password.
        totp: a one-time code.
        recovery_code: a recovery code instead of it.
        redirect_url: where to return with the login token.
    """

    name: Annotated[str, msgspec.Meta(max_length=255)]
    password: Annotated[str, msgspec.Meta(max_length=512)]
    totp: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    recovery_code: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    redirect_url: Address | None = None
