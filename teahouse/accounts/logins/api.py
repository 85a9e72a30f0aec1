"""Routes of signing in and out."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post

from teahouse.accounts.errors import LoginRefused, UnknownLoginType
from teahouse.accounts.logins.access import Authenticator
from teahouse.accounts.logins.commands import (
    LOGIN_TOKEN_MS,
    OPENID_TOKEN_MS,
    create_purpose_token,
    log_in_with_token,
    log_out,
    log_out_everywhere,
    open_login,
    refresh_login,
)
from teahouse.accounts.logins.queries import find_openid_holder
from teahouse.accounts.logins.types import Appservice
from teahouse.accounts.passwords.api import prove_password
from teahouse.accounts.reauthentication.api import AuthBody, require_reauthentication
from teahouse.accounts.rules import compute_login_id
from teahouse.accounts.second_factors.api import check_second_factor
from teahouse.accounts.single_sign_on.rules import PROVIDER_ID
from teahouse.accounts.types import DeviceWish, Login
from teahouse.platform.errors import Forbidden, MissingParam, MissingToken, UnknownToken
from teahouse.platform.http import Request, answer

_FLOWS = {
    "flows": [
        {"type": "m.login.password"},
        {
            "type": "m.login.sso",
            "identity_providers": [{"id": PROVIDER_ID, "name": "Teahouse"}],
        },
        {"type": "m.login.token", "get_login_token": True},
        {"type": "m.login.application_service"},
    ]
}


class Identifier(msgspec.Struct):
    """Who somebody says they are."""

    type: str
    user: str | None = None


class DeviceBody(msgspec.Struct, kw_only=True):
    """What a client says of its device where it signs in or registers."""

    device_id: str | None = None
    initial_device_display_name: str | None = None
    refresh_token: bool | None = None


class LoginBody(DeviceBody, kw_only=True):
    """Body of POST /login."""

    type: str
    identifier: Identifier | None = None
    user: str | None = None
    password: str | None = None
    token: str | None = None
    totp: str | None = msgspec.field(name="org.teahouse.totp", default=None)
    recovery_code: str | None = msgspec.field(name="org.teahouse.recovery_code", default=None)


class RefreshBody(msgspec.Struct):
    """Body of POST /refresh."""

    refresh_token: str


@get("/_matrix/client/v3/login")
async def login_flows(request: Request) -> Response[Any]:
    """The ways to sign in."""
    request.services.rate_limits.check("address", request.address())
    return answer(_FLOWS)


@post("/_matrix/client/v3/login")
async def log_in(request: Request) -> Response[Any]:
    """Sign in."""
    body = await request.body_as(LoginBody)
    match body.type:
        case "m.login.password":
            return answer(await _log_in_with_password(request, body))
        case "m.login.token":
            return answer(await _log_in_with_token(request, body))
        case "m.login.application_service":
            return answer(await _log_in_as_appservice(request, body))
        case _:
            raise UnknownLoginType


async def _log_in_with_password(request: Request, body: LoginBody) -> Login:
    user_id = _named_user(request, body)
    if body.password is None:
        raise MissingParam("`password` is missing.")
    await prove_password(request, user_id, body.password)
    await check_second_factor(
        request.services, user_id, totp=body.totp, recovery_code=body.recovery_code
    )
    return await _open(request, user_id, body)


async def _log_in_with_token(request: Request, body: LoginBody) -> Login:
    if body.token is None:
        raise MissingParam("`token` is missing.")
    services = request.services
    services.rate_limits.check("login", request.address())
    return await services.db.write(
        log_in_with_token,
        body.token,
        read_device_wish(request, body),
        access_token_ms=services.settings.access_token_ms,
    )


async def _log_in_as_appservice(request: Request, body: LoginBody) -> Login:
    appservice = find_calling_appservice(request)
    user_id = _named_user(request, body)
    if user_id != appservice.user_id and not appservice.owns(user_id):
        raise Forbidden("This member is not the application service's own.")
    return await _open(request, user_id, body)


async def _open(request: Request, user_id: str, body: LoginBody) -> Login:
    return await request.services.db.write(
        open_login,
        user_id,
        read_device_wish(request, body),
        access_token_ms=request.services.settings.access_token_ms,
    )


def _named_user(request: Request, body: LoginBody) -> str:
    name = body.user
    if body.identifier is not None:
        if body.identifier.type != "m.id.user":
            # Mail addresses and telephone numbers are not kept here, so nobody has one.
            raise LoginRefused("Sign in with your user name.")
        name = body.identifier.user
    if name is None:
        raise MissingParam("`identifier` with a `user` is missing.")
    return compute_login_id(name, request.services.settings.server_name)


def find_calling_appservice(request: Request) -> Appservice:
    """The application service whose token the request bears.

    Raises:
        MissingToken: no token.
        Forbidden: somebody else's.
    """
    token = request.bearer_token()
    if token is None:
        raise MissingToken
    appservice = request.services.get(Authenticator).find_appservice(token)
    if appservice is None:
        raise Forbidden("This is not the token of an application service.")
    return appservice


def read_device_wish(request: Request, body: DeviceBody) -> DeviceWish:
    """The device that a client asks to be signed in as."""
    return DeviceWish(
        device_id=body.device_id,
        display_name=body.initial_device_display_name,
        can_refresh=bool(body.refresh_token),
        address=request.address(),
        agent=request.user_agent(),
    )


@post("/_matrix/client/v1/login/get_token")
async def create_login_token(request: Request) -> Response[Any]:
    """A token with which another client of the same member signs in."""
    requester = await request.requester()
    body = await request.body_as(AuthBody, empty_ok=True)
    if requester.appservice_id is not None:
        raise Forbidden("Application services cannot make login tokens.")
    await require_reauthentication(request, body.auth, requester, "POST /login/get_token")
    token = await request.services.db.write(create_purpose_token, requester.user_id, "login")
    return answer({"login_token": token, "expires_in_ms": LOGIN_TOKEN_MS})


@post("/_matrix/client/v3/refresh")
async def refresh(request: Request) -> Response[Any]:
    """New tokens for a refresh token."""
    request.services.rate_limits.check("address", request.address())
    body = await request.body_as(RefreshBody)
    login = await request.services.db.write(
        refresh_login,
        body.refresh_token,
        access_token_ms=request.services.settings.access_token_ms,
    )
    return answer(
        {
            "access_token": login.access_token,
            "refresh_token": login.refresh_token,
            "expires_in_ms": login.expires_in_ms,
        }
    )


@post("/_matrix/client/v3/logout")
async def logout(request: Request) -> Response[Any]:
    """End this login."""
    requester = await request.requester()
    await request.services.db.write(log_out, requester)
    return answer({})


@post("/_matrix/client/v3/logout/all")
async def logout_all(request: Request) -> Response[Any]:
    """End all logins."""
    requester = await request.requester()
    await request.services.db.write(log_out_everywhere, requester.user_id)
    return answer({})


@get("/_matrix/client/v3/account/whoami")
async def whoami(request: Request) -> Response[Any]:
    """Who holds the access token."""
    requester = await request.requester()
    body: dict[str, object] = {"user_id": requester.user_id, "is_guest": False}
    if requester.device_id is not None:
        body["device_id"] = requester.device_id
    return answer(body)


@post("/_matrix/client/v3/user/{user_id:str}/openid/request_token")
async def create_openid_token(request: Request) -> Response[Any]:
    """A token that tells a widget who its member is, and nothing else."""
    requester = await request.requester()
    await request.json_object()
    if request.path("user_id") != requester.user_id:
        raise Forbidden("A token can be made for oneself only.")
    token = await request.services.db.write(create_purpose_token, requester.user_id, "openid")
    return answer(
        {
            "access_token": token,
            "token_type": "Bearer",
            "matrix_server_name": request.services.settings.server_name,
            "expires_in": OPENID_TOKEN_MS // 1000,
        }
    )


@get("/_matrix/federation/v1/openid/userinfo")
async def openid_userinfo(request: Request) -> Response[Any]:
    """Whose OpenID token it is."""
    request.services.rate_limits.check("address", request.address())
    token = request.query("access_token")
    if token is None:
        raise MissingToken
    user_id = await request.services.db.read(find_openid_holder, token)
    if user_id is None:
        raise UnknownToken("The OpenID token is not known or has expired.")
    return answer({"sub": user_id})


routes: list[Any] = [
    login_flows,
    log_in,
    create_login_token,
    refresh,
    logout,
    logout_all,
    whoami,
    create_openid_token,
    openid_userinfo,
]
