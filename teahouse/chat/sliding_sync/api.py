"""The route of sliding sync."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, post

from teahouse.chat.filters.types import EVERYTHING
from teahouse.chat.sliding_sync.live import Connections, SlidingAssembly
from teahouse.chat.sliding_sync.types import SlidingRequest
from teahouse.chat.sync.api import acknowledge, note_presence
from teahouse.chat.sync.assembly import SyncRequest
from teahouse.chat.sync.live import LiveMember, SyncHub
from teahouse.chat.sync.types import parse_sync_token
from teahouse.chat.typing.live import Typing
from teahouse.platform.errors import Forbidden
from teahouse.platform.http import Request, answer
from teahouse.platform.requester import Requester

TIMEOUT_MS_MAX: Final = 120_000
# Time for a client to read from its other connection what makes this one's turn worth while.
TURN_SECONDS: Final = 0.3
# Rooms wait this long for the other connection to have fetched the keys that were sent before: a
# client that cannot read a step of a verification when it comes never takes it.
KEYS_SECONDS: Final = 0.5


@post("/_matrix/client/unstable/org.matrix.simplified_msc3575/sync", status_code=200)
async def sliding_sync(request: Request) -> Response[bytes]:
    """The rooms a client shows, and what changed in them.

    Source: MSC4186.
    """
    requester = await request.requester()
    if requester.device_id is None:
        raise Forbidden("An application service syncs as a device of a member only.")
    wanted = await request.body_as(SlidingRequest, empty_ok=True)
    since = wanted.extensions.to_device.since
    if since:
        plain = SyncRequest(
            user_id=requester.user_id, device_id=requester.device_id, since=None,
            filter=EVERYTHING,
        )  # fmt: skip
        await acknowledge(request, plain, parse_sync_token(since).to_device)
    await note_presence(request, requester.user_id)
    return answer(await _wait(request, requester, wanted))


async def _wait(request: Request, requester: Requester, wanted: SlidingRequest) -> dict[str, Any]:
    """The answer: at once if there is news, else when there is, else when the time is over."""
    assert requester.device_id is not None
    services = request.services
    hub, typing = services.get(SyncHub), services.get(Typing)
    pos = request.query("pos")
    connection = services.get(Connections).find(
        requester.user_id, requester.device_id, wanted.conn_id, pos=pos
    )
    seen, turn = connection.begin(pos)
    timeout_ms = request.query_int("timeout", default=0, most=TIMEOUT_MS_MAX) if pos else 0
    deadline = services.clock.ticks() + timeout_ms / 1000
    looked_at = (-1, -1)
    is_turn = False
    while True:
        member = await hub.member(requester.user_id)
        remaining = deadline - services.clock.ticks()
        is_over = remaining <= 0 or hub.stopping or is_turn
        if is_over or member.touched > looked_at[0] or member.ephemeral > looked_at[1]:
            looked_at = (hub.position, hub.ephemeral)
            assembly = SlidingAssembly(
                hub, typing, member, device_id=requester.device_id, request=wanted, seen=seen
            )
            made = await assembly.make()
            if made.has_news and not is_over and _awaits_keys(member, requester.device_id, wanted):
                await hub.wait(member, min(KEYS_SECONDS, remaining))
                is_turn = True
                continue
            if made.has_news or is_over:
                made.body["pos"] = connection.keep(made.seen, after=pos, turn=turn)
                return made.body
            if assembly.owes_turn():
                await hub.wait(member, min(TURN_SECONDS, remaining))
                is_turn = True
        else:
            await hub.wait(member, remaining)


def _awaits_keys(member: LiveMember, device_id: str, wanted: SlidingRequest) -> bool:
    return not wanted.extensions.to_device.enabled and member.awaits_keys(device_id)


ROUTES = [sliding_sync]
