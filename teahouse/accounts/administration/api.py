"""Routes below /_synapse/admin about members: off unless `admin_api` is set, for operators only.

Source: Synapse, docs/admin_api/user_admin_api.md and docs/usage/administration/admin_api.
"""

from __future__ import annotations

from typing import Any

from litestar import Response, delete, get, post, put

from teahouse.accounts.administration.commands import (
    LIST_USERS,
    SEE_USER,
    deactivate_as_operator,
    put_user,
    reset_password_as_operator,
)
from teahouse.accounts.administration.queries import PAGE_MAX, find_user, find_user_page
from teahouse.accounts.administration.types import (
    DeactivateBody,
    PutUser,
    ResetPasswordBody,
    TokenBody,
    TokenRow,
)
from teahouse.accounts.passwords.access import PasswordHasher
from teahouse.accounts.registration.commands import (
    create_registration_token,
    delete_registration_token,
)
from teahouse.accounts.registration.queries import (
    find_registration_token,
    list_registration_tokens,
)
from teahouse.accounts.registration.types import RegistrationToken
from teahouse.accounts.rules import check_password, compute_user_id
from teahouse.accounts.staff.commands import note_staff_act
from teahouse.accounts.staff.rules import Power, check_power
from teahouse.platform.errors import InvalidParam, NotFound, Unrecognised
from teahouse.platform.http import Request, answer
from teahouse.platform.requester import Requester

_V1 = "/_synapse/admin/v1"
_V2 = "/_synapse/admin/v2"


async def _operator(request: Request, power: Power) -> Requester:
    if not request.services.settings.admin_api:
        raise Unrecognised
    requester = await request.requester()
    check_power(requester, power)
    return requester


async def _looks(request: Request, deed: str, about: str = "") -> None:
    """Let an operator look at members, and tell that they do."""
    requester = await _operator(request, "members.list")
    await request.services.db.write(note_staff_act, requester, deed, about)


@get(f"{_V2}/users")
async def users(request: Request) -> Response[bytes]:
    """Members, closed accounts only where asked."""
    await _looks(request, LIST_USERS)
    page = await request.services.db.read(
        find_user_page,
        start=request.query_int("from", default=0, most=10_000_000),
        limit=request.query_int("limit", default=100, least=1, most=PAGE_MAX),
        name_contains=request.query("user_id") or request.query("name") or "",
        with_deactivated=request.query_bool("deactivated"),
    )
    return answer(page)


@get(_V2 + "/users/{user_id:str}")
async def user(request: Request) -> Response[bytes]:
    """One member."""
    await _looks(request, SEE_USER, request.path("user_id"))
    found = await request.services.db.read(find_user, request.path("user_id"))
    if found is None:
        raise NotFound("There is no such member.")
    return answer(found)


@put(_V2 + "/users/{user_id:str}", status_code=200)
async def put_one_user(request: Request) -> Response[bytes]:
    """Make a member, or change one."""
    requester = await _operator(request, "members.reset_password")
    body = await request.body_as(PutUser)
    if body.locked:
        raise InvalidParam("This server locks no accounts: deactivate it instead.")
    services = request.services
    user_id = compute_user_id(request.path("user_id"), services.settings.server_name)
    password_hash = None
    if body.password is not None:
        check_password(body.password, user_id)
        password_hash = await services.get(PasswordHasher).hash(body.password)
    is_new = await services.db.write(
        put_user, requester, user_id, body, password_hash=password_hash
    )
    return answer(await services.db.read(find_user, user_id), status=201 if is_new else 200)


@post(_V1 + "/deactivate/{user_id:str}")
async def deactivate_user(request: Request) -> Response[bytes]:
    """Close a member's account."""
    requester = await _operator(request, "members.deactivate")
    body = await request.body_as(DeactivateBody, empty_ok=True)
    user_id, db = request.path("user_id"), request.services.db
    await db.write(deactivate_as_operator, requester, user_id, erase=body.erase)
    return answer({"id_server_unbind_result": "success"})


@post(_V1 + "/reset_password/{user_id:str}")
async def reset_user_password(request: Request) -> Response[bytes]:
    """Give a member another password."""
    requester = await _operator(request, "members.reset_password")
    body = await request.body_as(ResetPasswordBody)
    user_id = request.path("user_id")
    check_password(body.new_password, user_id)
    hashed = await request.services.get(PasswordHasher).hash(body.new_password)
    await request.services.db.write(
        reset_password_as_operator, requester, user_id, hashed, logs_out=body.logout_devices
    )
    return answer({})


@get(f"{_V1}/registration_tokens")
async def registration_tokens(request: Request) -> Response[bytes]:
    """Registration tokens; with `valid`, only those that (do not) let anybody in now."""
    await _operator(request, "registration_tokens.change")
    found = await request.services.db.read(list_registration_tokens)
    if request.query("valid") is not None:
        is_wanted = request.query_bool("valid")
        now = request.services.clock.now_ms()
        found = [token for token in found if token.is_valid_at(now) == is_wanted]
    return answer({"registration_tokens": [_token_row(token) for token in found]})


@post(f"{_V1}/registration_tokens/new")
async def create_token(request: Request) -> Response[bytes]:
    """Make a registration token."""
    requester = await _operator(request, "registration_tokens.change")
    body = await request.body_as(TokenBody, empty_ok=True)
    if body.uses_allowed is not None and body.uses_allowed < 0:
        raise InvalidParam("`uses_allowed` must not be negative.")
    if body.expiry_time is not None and body.expiry_time <= request.services.clock.now_ms():
        raise InvalidParam("`expiry_time` must be in the future.")
    db = request.services.db
    token = await db.write(
        create_registration_token,
        body.token,
        uses_allowed=body.uses_allowed,
        expires_at=body.expiry_time,
        by=requester,
    )
    return await _answer_token(request, token)


@get(_V1 + "/registration_tokens/{token:str}")
async def registration_token(request: Request) -> Response[bytes]:
    """One registration token."""
    await _operator(request, "registration_tokens.change")
    return await _answer_token(request, request.path("token"))


@delete(_V1 + "/registration_tokens/{token:str}", status_code=200)
async def delete_token(request: Request) -> Response[bytes]:
    """Let nobody in by a token any more."""
    requester = await _operator(request, "registration_tokens.change")
    token = request.path("token")
    await request.services.db.write(delete_registration_token, token, by=requester)
    return answer({})


async def _answer_token(request: Request, token: str) -> Response[bytes]:
    found = await request.services.db.read(find_registration_token, token)
    if found is None:
        raise NotFound("There is no such registration token.")
    return answer(_token_row(found))


def _token_row(token: RegistrationToken) -> TokenRow:
    return TokenRow(
        token=token.token,
        uses_allowed=token.uses_allowed,
        completed=token.uses,
        expiry_time=token.expires_at,
    )


routes: list[Any] = [
    users,
    user,
    put_one_user,
    deactivate_user,
    reset_user_password,
    registration_tokens,
    create_token,
    registration_token,
    delete_token,
]
