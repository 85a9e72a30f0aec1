"""Routes of red packets."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import JSONBody

from teahouse.platform.errors import InvalidParam
from teahouse.platform.http import Request, answer
from teahouse.platform.idempotency import read_once, run_once
from teahouse.platform.pages import Page, page_limit
from teahouse.wallet.confirmations.types import Authority
from teahouse.wallet.in_chat.live import Teller
from teahouse.wallet.red_packets.commands import claim_packet, give_packet
from teahouse.wallet.red_packets.queries import find_packet, list_packets
from teahouse.wallet.red_packets.types import Claimed, PacketBody, PacketBounds, PacketView
from teahouse.wallet.shops.api import told

_ROOT: Final = "/api/v1/wallet/red-packets"


@post(_ROOT, status_code=201, responses=told(PacketView))
async def create_red_packet(request: Request, data: JSONBody[PacketBody]) -> Response[bytes]:
    """Give a red packet to a room or to one of its members. Needs an `Idempotency-Key`."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    services = request.services
    made = await services.db.write(
        run_once,
        once,
        give_packet,
        Authority(requester, data.confirmation),
        data.draft(),
        bounds=services.get(PacketBounds),
        teller=services.get(Teller),
    )
    return answer(made, status=201)


@get(_ROOT)
async def get_red_packets(request: Request) -> Page[PacketView]:
    """The red packets that one gave (`side=given`) or has a share of (`side=received`)."""
    requester = await request.requester()
    side = request.query("side") or "given"
    if side not in {"given", "received"}:
        raise InvalidParam("`side` is `given` or `received`.")
    return await request.services.db.read(
        list_packets,
        requester,
        "given" if side == "given" else "received",
        cursor=request.query("cursor"),
        limit=page_limit(request),
    )


@get(_ROOT + "/{packet_id:str}")
async def get_red_packet(request: Request) -> PacketView:
    """A red packet of one's own, or in a room that one is in."""
    requester = await request.requester()
    services = request.services
    return await services.db.read(
        find_packet, requester, request.path("packet_id"), teller=services.get(Teller)
    )


@post(_ROOT + "/{packet_id:str}/claim", status_code=200, responses=told(Claimed, 200))
async def claim_red_packet(request: Request) -> Response[bytes]:
    """Take one's share of a red packet. Needs an `Idempotency-Key`."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    had = await request.services.db.write(
        run_once, once, claim_packet, requester, request.path("packet_id")
    )
    return answer(had)


routes: list[Any] = [create_red_packet, get_red_packets, get_red_packet, claim_red_packet]
