"""Routes of profiles. Reading one needs no token: the specification has profiles public."""

from __future__ import annotations

from typing import Any

from litestar import Response, delete, get, put

from teahouse.accounts.profiles.commands import remove_profile_field, set_profile_field
from teahouse.accounts.profiles.queries import find_field, list_fields
from teahouse.accounts.profiles.rules import check_field
from teahouse.platform.errors import MissingParam, NotFound
from teahouse.platform.http import Request, answer

_FIELD_PATH = "/_matrix/client/v3/profile/{user_id:str}/{field:str}"


@get("/_matrix/client/v3/profile/{user_id:str}")
async def profile(request: Request) -> Response[Any]:
    """All that a member shows."""
    await _limit(request)
    fields = await request.services.db.read(list_fields, request.path("user_id"))
    if not fields:
        raise NotFound("This profile is empty, or there is no such member.")
    return answer(fields)


@get(_FIELD_PATH)
async def profile_field(request: Request) -> Response[Any]:
    """One thing that a member shows."""
    await _limit(request)
    field = request.path("field")
    check_field(field)
    found = await request.services.db.read(find_field, request.path("user_id"), field)
    if found is None:
        raise NotFound("This field is not set, or there is no such member.")
    return answer({field: found[0]})


@put(_FIELD_PATH)
async def put_profile_field(request: Request) -> Response[Any]:
    """Show something of oneself."""
    requester = await request.active_requester()
    field, body = request.path("field"), await request.json_object()
    check_field(field)
    if field not in body:
        raise MissingParam(f"`{field}` is missing.")
    await request.services.db.write(
        set_profile_field,
        requester,
        request.path("user_id"),
        field=field,
        value=body[field],
    )
    return answer({})


@delete(_FIELD_PATH, status_code=200)
async def delete_profile_field(request: Request) -> Response[Any]:
    """Show something no longer."""
    requester = await request.requester()
    await request.services.db.write(
        remove_profile_field, requester, request.path("user_id"), request.path("field")
    )
    return answer({})


async def _limit(request: Request) -> None:
    if request.bearer_token() is None:
        request.services.rate_limits.check("address", request.address())
    else:
        await request.requester()


routes: list[Any] = [profile, profile_field, put_profile_field, delete_profile_field]
