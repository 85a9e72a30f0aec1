"""Routes of registration."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post

from teahouse.accounts.errors import (
    Exclusive,
    GuestsRefused,
    InvalidUsername,
    RegistrationClosed,
    UserInUse,
)
from teahouse.accounts.logins.access import Authenticator
from teahouse.accounts.logins.api import DeviceBody, find_calling_appservice, read_device_wish
from teahouse.accounts.members.queries import member_exists
from teahouse.accounts.passwords.access import PasswordHasher
from teahouse.accounts.reauthentication.api import require_registration_stages
from teahouse.accounts.registration.commands import (
    create_nonce,
    register_member,
    use_nonce,
)
from teahouse.accounts.registration.queries import is_registration_token_valid
from teahouse.accounts.registration.rules import is_shared_secret_proof
from teahouse.accounts.registration.types import NewMember
from teahouse.accounts.rules import check_password, compute_user_id
from teahouse.accounts.staff.commands import grant_role
from teahouse.accounts.types import Login
from teahouse.platform.db import Tx
from teahouse.platform.errors import (
    Forbidden,
    InvalidParam,
    MissingParam,
    Refusal,
    Unrecognised,
)
from teahouse.platform.http import Request, answer

# Twelve letters by chance for those who ask for no name.
_NAME_LETTERS = 12
_NAME_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_APPSERVICE = "m.login.application_service"


class RegisterBody(DeviceBody, kw_only=True):
    """Body of POST /register."""

    auth: dict[str, Any] | None = None
    type: str | None = None
    username: str | None = None
    password: str | None = None
    inhibit_login: bool | None = None


class SharedSecretBody(msgspec.Struct, kw_only=True):
    """Body of POST /_synapse/admin/v1/register."""

    nonce: str
    username: str
    password: str
    mac: str
    admin: bool = False
    displayname: str | None = None
    user_type: str | None = None
    inhibit_login: bool = False


@post("/_matrix/client/v3/register")
async def register(request: Request) -> Response[Any]:
    """Register."""
    kind = request.query("kind") or "user"
    if kind == "guest":
        raise GuestsRefused
    if kind != "user":
        raise InvalidParam("`kind` must be `user` or `guest`.")
    body = await request.body_as(RegisterBody)
    is_appservice = body.type == _APPSERVICE or (body.auth or {}).get("type") == _APPSERVICE
    new = await (_register_appservice if is_appservice else _register_stranger)(request, body)
    return await _finish(request, new, inhibit_login=bool(body.inhibit_login))


async def _register_stranger(request: Request, body: RegisterBody) -> NewMember:
    """Checks in the order of the specification: the name first, then the stages."""
    settings = request.services.settings
    _check_open(request)
    request.services.rate_limits.check("address", request.address())
    user_id = await _check_username(request, body.username)
    if body.password is not None:
        check_password(body.password, user_id)

    async def check_token(token: str) -> bool:
        return await request.services.db.read(is_registration_token_valid, token)

    token = await require_registration_stages(
        request,
        body.auth,
        needs_token=settings.registration == "token",
        check_token=check_token,
    )
    if body.password is None:
        raise MissingParam("`password` is missing.")
    request.services.rate_limits.check("register", request.address())
    return NewMember(
        user_id=user_id,
        password_hash=await request.services.get(PasswordHasher).hash(body.password),
        registration_token=token,
        device=read_device_wish(request, body),
    )


async def _register_appservice(request: Request, body: RegisterBody) -> NewMember:
    """A member of an application service's namespace. Source: Application Service API."""
    appservice = find_calling_appservice(request)
    if body.username is None:
        raise MissingParam("`username` is missing.")
    user_id = await _check_username(request, body.username, appservice.appservice_id)
    if user_id != appservice.user_id and not appservice.owns(user_id):
        raise Exclusive("This name is not in the application service's namespaces.")
    return NewMember(
        user_id=user_id,
        appservice_id=appservice.appservice_id,
        device=read_device_wish(request, body),
    )


async def _finish(request: Request, new: NewMember, *, inhibit_login: bool) -> Response[Any]:
    if inhibit_login:
        new = msgspec.structs.replace(new, device=None)
    settings = request.services.settings
    login = await request.services.db.write(
        register_member, new, access_token_ms=settings.access_token_ms
    )
    return answer({"user_id": new.user_id} if login is None else login)


@get("/_matrix/client/v3/register/available")
async def username_available(request: Request) -> Response[Any]:
    """Whether a name can be had."""
    request.services.rate_limits.check("address", request.address())
    _check_open(request)
    await _check_username(request, request.query_needed("username"))
    return answer({"available": True})


@get("/_matrix/client/v1/register/m.login.registration_token/validity")
async def registration_token_validity(request: Request) -> Response[Any]:
    """Whether a registration token lets somebody in now."""
    # As tight as for passwords: a token could be found by trying.
    request.services.rate_limits.check("login", request.address())
    _check_open(request)
    token = request.query_needed("token")
    return answer({"valid": await request.services.db.read(is_registration_token_valid, token)})


def _check_open(request: Request) -> None:
    if request.services.settings.registration == "closed":
        raise RegistrationClosed


async def _check_username(
    request: Request, username: str | None, appservice_id: str | None = None
) -> str:
    services = request.services
    if username is None:
        username = services.chance.secrets.letters(_NAME_LETTERS, _NAME_ALPHABET)
    user_id = compute_user_id(username, services.settings.server_name)
    if services.get(Authenticator).is_reserved(user_id, but_for=appservice_id):
        raise Exclusive
    if await services.db.read(member_exists, user_id):
        raise UserInUse
    return user_id


# With a secret shared with the operator's tools, as Synapse does it.


@get("/_synapse/admin/v1/register")
async def shared_secret_nonce(request: Request) -> Response[Any]:
    """A nonce for one registration."""
    _shared_secret(request)
    return answer({"nonce": await request.services.db.write(create_nonce)})


@post("/_synapse/admin/v1/register")
async def register_by_shared_secret(request: Request) -> Response[Any]:
    """Register with a proof that one knows the shared secret."""
    secret = _shared_secret(request)
    body = await request.body_as(SharedSecretBody)
    await _check_proof(request, body, secret)
    user_id = compute_user_id(body.username, request.services.settings.server_name)
    check_password(body.password, user_id)
    new = NewMember(
        user_id=user_id,
        password_hash=await request.services.get(PasswordHasher).hash(body.password),
        device=None if body.inhibit_login else read_device_wish(request, DeviceBody()),
    )
    login = await request.services.db.write(_register_with_role, new, is_operator=body.admin)
    found = {"user_id": user_id, "home_server": request.services.settings.server_name}
    if login is not None:
        found |= {"access_token": login.access_token, "device_id": login.device_id}
    return answer(found)


def _shared_secret(request: Request) -> str:
    secret = request.services.settings.registration_shared_secret
    request.services.rate_limits.check("address", request.address())
    if not secret:
        raise Unrecognised
    return secret


async def _check_proof(request: Request, body: SharedSecretBody, secret: str) -> None:
    if "\0" in body.username or "\0" in body.password:
        raise InvalidUsername
    if not await request.services.db.write(use_nonce, body.nonce):
        raise Refusal("The nonce is not known, was used or has expired.")
    role = "admin" if body.admin else "notadmin"
    parts = [body.nonce, body.username, body.password, role]
    if body.user_type is not None:
        parts.append(body.user_type)
    if not is_shared_secret_proof(body.mac, secret=secret, parts=parts):
        raise Forbidden("HMAC incorrect.")


def _register_with_role(tx: Tx, new: NewMember, *, is_operator: bool) -> Login | None:
    login = register_member(tx, new)
    if is_operator:
        grant_role(tx, new.user_id, "operator", by=None)
    return login


routes: list[Any] = [
    register,
    username_available,
    registration_token_validity,
    shared_secret_nonce,
    register_by_shared_secret,
]
