"""Routes of staff roles, below /api/v1/staff."""

from __future__ import annotations

from typing import Any, cast, get_args

from litestar import delete, get, put

from teahouse.accounts.staff.commands import change_role
from teahouse.accounts.staff.queries import list_staff, list_staff_log
from teahouse.accounts.staff.rules import check_power
from teahouse.accounts.staff.types import RoleGrant, StaffLogEntry
from teahouse.platform.errors import NotFound
from teahouse.platform.http import Request
from teahouse.platform.requester import Role

_ROOT = "/api/v1/staff"
_ROLE_PATH = _ROOT + "/{user_id:str}/{role:str}"
_LOG_PAGE_MAX = 1000


@get(_ROOT)
async def staff(request: Request) -> list[RoleGrant]:
    """Who holds which role."""
    check_power(await request.requester(), "roles.see")
    return await request.services.db.read(list_staff)


@get(f"{_ROOT}/log")
async def staff_log(request: Request) -> list[StaffLogEntry]:
    """The latest changes of roles, newest first."""
    check_power(await request.requester(), "roles.see")
    limit = request.query_int("limit", default=100, least=1, most=_LOG_PAGE_MAX)
    return await request.services.db.read(list_staff_log, limit=limit)


@put(_ROLE_PATH, status_code=204)
async def put_role(request: Request) -> None:
    """Give a member a role."""
    requester = await request.requester()
    await request.services.db.write(
        change_role, requester, request.path("user_id"), _role(request), change="grant"
    )


@delete(_ROLE_PATH, status_code=204)
async def delete_role(request: Request) -> None:
    """Take a role from a member."""
    requester = await request.requester()
    await request.services.db.write(
        change_role, requester, request.path("user_id"), _role(request), change="revoke"
    )


def _role(request: Request) -> Role:
    role = request.path("role")
    if role not in get_args(Role):
        raise NotFound("There is no such role.")
    return cast("Role", role)


routes: list[Any] = [staff, staff_log, put_role, delete_role]
