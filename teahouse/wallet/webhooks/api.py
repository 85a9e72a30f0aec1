"""Routes of webhooks, for shops' people and, below /api/v1/shop, for their programs."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, delete, get, patch, post
from litestar.params import JSONBody

from teahouse.accounts import Seal
from teahouse.platform.http import Request, answer
from teahouse.platform.idempotency import read_once, run_once
from teahouse.platform.pages import Page, page_limit, parse_cursor
from teahouse.wallet.shops.access import access_shop
from teahouse.wallet.shops.api import FOR_CLERKS, KEY_ROOT, SHOP, clerk_of, told
from teahouse.wallet.webhooks.commands import (
    add_endpoint,
    change_endpoint,
    remove_endpoint,
    replay_message,
    replay_since,
    rotate_secret,
    send_test,
)
from teahouse.wallet.webhooks.live import Couriers
from teahouse.wallet.webhooks.queries import (
    access_endpoint,
    access_message,
    list_deliveries,
    list_endpoints,
)
from teahouse.wallet.webhooks.types import (
    Delivery,
    Endpoint,
    EndpointChange,
    EndpointWithSecret,
    Message,
    NewEndpoint,
    Replayed,
    ReplayWish,
)

_FILTERS: Final = ("endpoint_id", "message_id", "status")


def _both(path: str) -> list[str]:
    """A path for people and one for programs."""
    return [f"{SHOP}/webhooks{path}", f"{KEY_ROOT}/webhooks{path}"]


_ENDPOINT: Final = "/{endpoint_id:str}"
_MESSAGE: Final = "/messages/{message_id:str}"


@get(_both(""), **FOR_CLERKS)
async def endpoints(request: Request) -> list[Endpoint]:
    """Where the shop is told of what happens. Managers; scope `webhooks:write`."""
    clerk, shop_id, _ = await clerk_of(request)
    return await request.services.db.read(list_endpoints, clerk, shop_id)


@post(_both(""), status_code=201, **FOR_CLERKS)
async def post_endpoint(request: Request, data: JSONBody[NewEndpoint]) -> EndpointWithSecret:
    """Let a server of the shop be told. The secret is in this answer and told never again.

    For that reason no answer is kept for a repeated request.
    """
    clerk, shop_id, _ = await clerk_of(request)
    services, couriers = request.services, request.services.get(Couriers)
    # Before its name is looked up: strangers shall not have us ask the network.
    await services.db.read(access_shop, clerk, shop_id, "webhooks.change")
    await couriers.check(data.url)
    return await services.db.write(
        add_endpoint, clerk, shop_id, data,
        seal=services.get(Seal), own_hosts=couriers.own_hosts,
    )  # fmt: skip


@get(_both(_ENDPOINT), **FOR_CLERKS)
async def endpoint(request: Request) -> Endpoint:
    """One endpoint, and since when it fails."""
    clerk, shop_id, _ = await clerk_of(request)
    endpoint_id = request.path("endpoint_id")
    return await request.services.db.read(access_endpoint, clerk, shop_id, endpoint_id)


@patch(_both(_ENDPOINT), **FOR_CLERKS)
async def patch_endpoint(request: Request, data: JSONBody[EndpointChange]) -> Endpoint:
    """Change an endpoint, disable it, or enable it again."""
    clerk, shop_id, _ = await clerk_of(request)
    services, endpoint_id = request.services, request.path("endpoint_id")
    couriers = services.get(Couriers)
    await services.db.read(access_endpoint, clerk, shop_id, endpoint_id)
    if data.url is not None:
        await couriers.check(data.url)
    return await services.db.write(
        change_endpoint, clerk, shop_id, endpoint_id, data, own_hosts=couriers.own_hosts
    )


@delete(_both(_ENDPOINT), status_code=204, **FOR_CLERKS)
async def delete_endpoint(request: Request) -> None:
    """Tell an endpoint nothing more, and forget it with its log."""
    clerk, shop_id, _ = await clerk_of(request)
    endpoint_id = request.path("endpoint_id")
    await request.services.db.write(remove_endpoint, clerk, shop_id, endpoint_id)


@post(_both(f"{_ENDPOINT}/secret"), status_code=201, **FOR_CLERKS)
async def post_secret(request: Request) -> EndpointWithSecret:
    """Make a new secret, told only now; the old one signs beside it for a day."""
    clerk, shop_id, _ = await clerk_of(request)
    return await request.services.db.write(
        rotate_secret,
        clerk,
        shop_id,
        request.path("endpoint_id"),
        seal=request.services.get(Seal),
    )


@post(_both(f"{_ENDPOINT}/test"), status_code=201, responses=told(Replayed), **FOR_CLERKS)
async def post_test(request: Request) -> Response[bytes]:
    """Send a message of the type `webhook.test`."""
    clerk, shop_id, who = await clerk_of(request)
    once, endpoint_id = await read_once(request, who), request.path("endpoint_id")
    done = await request.services.db.write(run_once, once, send_test, clerk, shop_id, endpoint_id)
    return answer(done, status=201)


@post(_both(f"{_ENDPOINT}/replay"), status_code=201, responses=told(Replayed), **FOR_CLERKS)
async def post_replay(request: Request, data: JSONBody[ReplayWish]) -> Response[bytes]:
    """Send again what an endpoint missed since some time, under the same ids."""
    clerk, shop_id, who = await clerk_of(request)
    once, endpoint_id = await read_once(request, who), request.path("endpoint_id")
    done = await request.services.db.write(
        run_once, once, replay_since, clerk, shop_id, endpoint_id, data
    )
    return answer(done, status=201)


@get(_both("/deliveries"), **FOR_CLERKS)
async def deliveries(request: Request) -> Page[Delivery]:
    """What is and was sent in the last thirty days, with every try, the newest first.

    With `endpoint_id`, `message_id` or `status`: only those.
    """
    clerk, shop_id, _ = await clerk_of(request)
    wanted = {name: found for name in _FILTERS if (found := request.query(name)) is not None}
    place = parse_cursor(request.query("cursor"), tuple[str])
    if place is not None:
        wanted["before"] = place[0]
    return await request.services.db.read(
        list_deliveries, clerk, shop_id, wanted=wanted, limit=page_limit(request)
    )


@get(_both(_MESSAGE), **FOR_CLERKS)
async def message(request: Request) -> Message:
    """What was told, as it was sent."""
    clerk, shop_id, _ = await clerk_of(request)
    message_id = request.path("message_id")
    return await request.services.db.read(access_message, clerk, shop_id, message_id)


@post(
    _both(_MESSAGE + "/replay/{endpoint_id:str}"),
    status_code=201,
    responses=told(Replayed),
    **FOR_CLERKS,
)
async def post_message_replay(request: Request) -> Response[bytes]:
    """Send one message again to an endpoint, under its old id."""
    clerk, shop_id, who = await clerk_of(request)
    once, message_id = await read_once(request, who), request.path("message_id")
    done = await request.services.db.write(
        run_once, once, replay_message, clerk, shop_id, message_id, request.path("endpoint_id")
    )
    return answer(done, status=201)


routes: list[Any] = [
    endpoints,
    post_endpoint,
    endpoint,
    patch_endpoint,
    delete_endpoint,
    post_secret,
    post_test,
    post_replay,
    deliveries,
    message,
    post_message_replay,
]
