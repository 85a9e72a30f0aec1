"""The endpoints of other networks.

Source:
    Client-Server API, "Third-party Networks".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from litestar import Response, get

from teahouse import accounts
from teahouse.chat.rooms.queries import find_alias
from teahouse.chat.third_parties.live import ThirdParties
from teahouse.platform.errors import NotFound
from teahouse.platform.http import Request, answer

if TYPE_CHECKING:
    from teahouse.platform.requester import Requester

_ROOT = "/_matrix/client/v3/thirdparty"
# Of the request itself; everything else is what the network's fields are called.
_NO_FIELDS: Final = frozenset({"access_token"})
_NO_FIELDS_OF_BRIDGES: Final = _NO_FIELDS | {"user_id", "device_id"}


@get(f"{_ROOT}/protocols")
async def get_protocols(request: Request) -> Response[bytes]:
    """The kinds of networks that can be looked into."""
    await request.requester()
    return answer(await request.services.get(ThirdParties).protocols())


@get(_ROOT + "/protocol/{protocol:str}")
async def get_protocol(request: Request) -> Response[bytes]:
    """One kind of network."""
    await request.requester()
    found = await request.services.get(ThirdParties).protocol(request.path("protocol"))
    if found is None:
        raise NotFound("No bridge of this server serves such a network.")
    return answer(found)


@get(_ROOT + "/user/{protocol:str}")
async def get_users(request: Request) -> Response[bytes]:
    """Who stands here for people of a network."""
    fields = _fields(request, await request.requester())
    name = request.path("protocol")
    found = await request.services.get(ThirdParties).find_users(name, fields)
    if not found:
        raise NotFound("Nobody was found on that network.")
    return answer(found)


@get(_ROOT + "/location/{protocol:str}")
async def get_locations(request: Request) -> Response[bytes]:
    """Rooms that lead to places of a network."""
    fields = _fields(request, await request.requester())
    name = request.path("protocol")
    found = await request.services.get(ThirdParties).find_locations(name, fields)
    if not found:
        raise NotFound("No room leads there.")
    return answer(found)


@get(f"{_ROOT}/user")
async def get_outside_of_user(request: Request) -> Response[bytes]:
    """The people of other networks that a member stands for."""
    await request.requester()
    user_id = request.query_needed("userid")
    if not await request.services.db.read(accounts.member_exists, user_id):
        raise NotFound("There is no such member.")
    return answer(await request.services.get(ThirdParties).find_outside_of_user(user_id))


@get(f"{_ROOT}/location")
async def get_outside_of_alias(request: Request) -> Response[bytes]:
    """The places on other networks that an alias leads to."""
    await request.requester()
    alias = request.query_needed("alias")
    if await request.services.db.read(find_alias, alias) is None:
        raise NotFound("There is no such room alias.")
    return answer(await request.services.get(ThirdParties).find_outside_of_alias(alias))


def _fields(request: Request, requester: Requester) -> dict[str, str]:
    left_out = _NO_FIELDS if requester.appservice_id is None else _NO_FIELDS_OF_BRIDGES
    found = {name: request.query(name) for name in request.query_params if name not in left_out}
    return {name: value for name, value in found.items() if value is not None}


ROUTES = [
    get_protocols,
    get_protocol,
    get_users,
    get_locations,
    get_outside_of_user,
    get_outside_of_alias,
]
