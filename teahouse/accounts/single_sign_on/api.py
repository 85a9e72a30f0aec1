"""Routes of signing in on the house's own page. Source: Client-Server API, "SSO client login".

The page itself is the web client's (`/sign-in/app`): it asks whoever signs in, shows where the
token would go, and leads there.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import JSONBody

from teahouse.accounts.logins.commands import LOGIN_TOKEN_MS, create_purpose_token
from teahouse.accounts.passwords.api import prove_password
from teahouse.accounts.rules import compute_login_id
from teahouse.accounts.second_factors.api import check_second_factor
from teahouse.accounts.security.types import LoginToken
from teahouse.accounts.single_sign_on.rules import (
    PROVIDER_ID,
    add_token,
    check_redirect,
    compute_origin,
)
from teahouse.accounts.single_sign_on.types import Client, PasswordSignIn
from teahouse.platform.errors import MissingParam, NotFound
from teahouse.platform.http import Request
from teahouse.platform.router import OPEN
from teahouse.platform.services import Services

_REDIRECT = "/_matrix/client/v3/login/sso/redirect"
_ROOT = "/api/v1/account/sign-in"
_PAGE = "/sign-in/app"
_FALLBACK_PAGE = "/sign-in/fallback"


@get(_REDIRECT)
async def redirect(request: Request) -> Response[bytes]:
    """Send a client's member to the page where they sign in."""
    return _lead_to_page(request)


@get(_REDIRECT + "/{idpId:str}")
async def redirect_to_provider(request: Request) -> Response[bytes]:
    """The same, for clients that name the provider."""
    if request.path("idpId") != PROVIDER_ID:
        raise NotFound("There is no such identity provider here.")
    return _lead_to_page(request)


@get("/_matrix/static/client/login/")
async def fallback(request: Request) -> Response[bytes]:
    """The page for clients that know none of the ways in. Source: "Login Fallback"."""
    request.services.rate_limits.check("address", request.address())
    names = ("device_id", "initial_device_display_name")
    asked = {name: value for name in names if (value := request.query(name))}
    return _lead_to(request, f"{_FALLBACK_PAGE}?{urlencode(asked)}")


@get(f"{_ROOT}/client", opt=OPEN)
async def client(request: Request) -> Client:
    """Who would get a login token, to be shown to the member before they agree."""
    request.services.rate_limits.check("address", request.address())
    return find_client(request.services, request.query("redirect_url"))


@post(f"{_ROOT}/password", status_code=200, opt=OPEN)
async def sign_in_with_password(request: Request, data: JSONBody[PasswordSignIn]) -> LoginToken:
    """A login token, with which any Matrix client signs in, for a password and a code."""
    services = request.services
    user_id = compute_login_id(data.name, services.settings.server_name)
    await prove_password(request, user_id, data.password)
    await check_second_factor(services, user_id, totp=data.totp, recovery_code=data.recovery_code)
    return await make_login_token(services, user_id, data.redirect_url)


async def make_login_token(
    services: Services, user_id: str, redirect_url: str | None
) -> LoginToken:
    """A login token for a member who has proved who they are.

    Args:
        services: the server's parts.
        user_id: the member.
        redirect_url: where to return with it, if anywhere.

    Raises:
        InvalidParam: an address that may not have it.
        LoginRefused: the account is closed.
    """
    if redirect_url is not None:
        find_client(services, redirect_url)
    token = await services.db.write(create_purpose_token, user_id, "login")
    return LoginToken(
        user_id=user_id,
        login_token=token,
        expires_in_ms=LOGIN_TOKEN_MS,
        redirect_to=None if redirect_url is None else add_token(redirect_url, token),
    )


def find_client(services: Services, address: str | None) -> Client:
    """Who is at an address that wants a login token.

    Raises:
        MissingParam: no address.
        InvalidParam: an address that may not have one.
    """
    if not address:
        raise MissingParam("`redirectUrl` is missing.")
    settings = services.settings
    return check_redirect(
        address, own_origin=compute_origin(settings.public_url), known=settings.known_clients
    )


def _lead_to_page(request: Request) -> Response[bytes]:
    request.services.rate_limits.check("address", request.address())
    address = request.query("redirectUrl")
    find_client(request.services, address)
    assert address is not None
    page = f"{_PAGE}?{urlencode({'redirectUrl': address})}"
    if request.query("action") == "register":
        page = f"/sign-up?{urlencode({'next': page})}"
    return _lead_to(request, page)


def _lead_to(request: Request, page: str) -> Response[bytes]:
    # To the public address, for which passkeys are made, whichever name the client knew.
    origin = compute_origin(request.services.settings.public_url)
    headers = {"Location": f"{origin}{page}", "Cache-Control": "no-store"}
    return Response(b"", status_code=302, headers=headers)


routes: list[Any] = [redirect, redirect_to_provider, fallback, client, sign_in_with_password]
