"""Routes of the Matrix API by which members change and close their accounts."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post

from teahouse.accounts.errors import ThreepidDenied
from teahouse.accounts.passwords.access import PasswordHasher
from teahouse.accounts.reauthentication.api import require_reauthentication
from teahouse.accounts.rules import check_password
from teahouse.accounts.upkeep.commands import change_password, deactivate_member
from teahouse.platform.http import Request, answer


class PasswordBody(msgspec.Struct, kw_only=True):
    """Body of POST /account/password."""

    new_password: str
    logout_devices: bool = True
    auth: dict[str, Any] | None = None


class DeactivateBody(msgspec.Struct, kw_only=True):
    """Body of POST /account/deactivate."""

    auth: dict[str, Any] | None = None
    erase: bool = False


@post("/_matrix/client/v3/account/password")
async def put_password(request: Request) -> Response[Any]:
    """Change one's password."""
    requester = await request.requester()
    body = await request.body_as(PasswordBody)
    check_password(body.new_password, requester.user_id)
    await require_reauthentication(request, body.auth, requester, "POST /account/password")
    password_hash = await request.services.get(PasswordHasher).hash(body.new_password)
    await request.services.db.write(
        change_password, requester, password_hash, logs_others_out=body.logout_devices
    )
    return answer({})


@post("/_matrix/client/v3/account/deactivate")
async def deactivate(request: Request) -> Response[Any]:
    """Close one's account."""
    requester = await request.requester()
    body = await request.body_as(DeactivateBody, empty_ok=True)
    await require_reauthentication(request, body.auth, requester, "POST /account/deactivate")
    await request.services.db.write(
        deactivate_member, requester.user_id, erase=body.erase, by=requester
    )
    # There is no identity server, so nothing is left bound.
    return answer({"id_server_unbind_result": "success"})


# Mail addresses and telephone numbers ("3PIDs") are not kept here.


@get("/_matrix/client/v3/account/3pid")
async def threepids(request: Request) -> Response[Any]:
    """No addresses."""
    await request.requester()
    return answer({"threepids": []})


@post(
    [
        "/_matrix/client/v3/account/3pid",
        "/_matrix/client/v3/account/3pid/add",
        "/_matrix/client/v3/account/3pid/bind",
    ]
)
async def add_threepid(request: Request) -> Response[Any]:
    """Refuse an address."""
    await request.requester()
    raise ThreepidDenied


@post(
    [
        "/_matrix/client/v3/account/3pid/delete",
        "/_matrix/client/v3/account/3pid/unbind",
    ]
)
async def delete_threepid(request: Request) -> Response[Any]:
    """Nothing was kept, so nothing is left."""
    await request.requester()
    await request.json_object()
    return answer({"id_server_unbind_result": "success"})


@post(
    [
        f"/_matrix/client/v3/{purpose}/{medium}/requestToken"
        for purpose in ("register", "account/password", "account/3pid")
        for medium in ("email", "msisdn")
    ]
)
async def request_threepid_token(request: Request) -> Response[Any]:
    """Send nothing to anybody."""
    request.services.rate_limits.check("address", request.address())
    raise ThreepidDenied


routes: list[Any] = [
    put_password,
    deactivate,
    threepids,
    add_threepid,
    delete_threepid,
    request_threepid_token,
]
