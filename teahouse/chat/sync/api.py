"""The route of `/sync`."""

from __future__ import annotations

from typing import Any, Final, cast, get_args

from litestar import Response, get

from teahouse.chat.filters.types import EVERYTHING
from teahouse.chat.presence.live import Presence
from teahouse.chat.presence.types import PresenceState
from teahouse.chat.sync.assembly import Assembly, StateName, SyncRequest
from teahouse.chat.sync.live import SyncHub
from teahouse.chat.sync.types import SyncToken, parse_sync_token
from teahouse.chat.to_device.commands import delete_to_device
from teahouse.chat.typing.live import Typing
from teahouse.platform.errors import Forbidden, InvalidParam
from teahouse.platform.http import Request, answer

TIMEOUT_MS_MAX: Final = 120_000


@get("/_matrix/client/v3/sync")
async def sync(request: Request) -> Response[bytes]:
    """Everything since a token, or as soon as there is something.

    Source: Client-Server API, `GET /sync`.
    """
    wanted = await _read_request(request)
    timeout_ms = request.query_int("timeout", default=0, most=TIMEOUT_MS_MAX)
    if wanted.since is not None:
        await acknowledge(request, wanted, wanted.since.to_device)
    await note_presence(request, wanted.user_id)
    if wanted.since is None or wanted.full_state:
        timeout_ms = 0
    body = await wait_for_news(request, wanted, timeout_ms / 1000)
    return answer(body)


async def _read_request(request: Request) -> SyncRequest:
    requester = await request.requester()
    if requester.device_id is None:
        raise Forbidden("An application service syncs as a device of a member only.")
    since = request.query("since")
    named = request.query("filter")
    services = request.services
    wanted = EVERYTHING
    if named is not None:
        wanted = await services.get(SyncHub).filter(requester.user_id, named)
    return SyncRequest(
        user_id=requester.user_id,
        device_id=requester.device_id,
        since=parse_sync_token(since) if since else None,
        filter=wanted,
        full_state=request.query_bool("full_state"),
        state_name=_state_name(request),
    )


def _state_name(request: Request) -> StateName:
    if request.query_bool("use_state_after"):
        return "state_after"
    if request.query_bool("org.matrix.msc4222.use_state_after"):
        return "org.matrix.msc4222.state_after"
    return "state"


async def acknowledge(request: Request, wanted: SyncRequest, handed_out: int) -> None:
    """Delete the to-device messages up to a position, which the client shows it has."""
    hub = request.services.get(SyncHub)
    member = await hub.member(wanted.user_id)
    awaited_keys = member.awaits_keys(wanted.device_id)
    member.acknowledged[wanted.device_id] = handed_out
    if awaited_keys:
        hub.touch(member, member.touched)
    # Before the member was remembered, anything may have been handed out.
    outstanding = member.handed_out.get(wanted.device_id, handed_out)
    if 0 < outstanding <= handed_out:
        member.handed_out[wanted.device_id] = 0
        await request.services.db.write(
            delete_to_device, wanted.user_id, wanted.device_id, handed_out
        )


async def note_presence(request: Request, user_id: str) -> None:
    """Note that a member's client asks for news, where the operator allows presence.

    Raises:
        InvalidParam: a `set_presence` that there is not.
    """
    services = request.services
    if not services.settings.presence:
        return
    state = request.query("set_presence") or "online"
    if state not in get_args(PresenceState):
        raise InvalidParam("`set_presence` must be `online`, `unavailable` or `offline`.")
    # Remembered first, so that those who share a room with them can be woken.
    await services.get(SyncHub).member(user_id)
    await services.get(Presence).note(user_id, cast("PresenceState", state))


async def wait_for_news(request: Request, wanted: SyncRequest, seconds: float) -> dict[str, Any]:
    """The answer: at once if there is news, else when there is, else when the time is over."""
    services = request.services
    hub, typing = services.get(SyncHub), services.get(Typing)
    presence = services.get(Presence) if services.settings.presence else None
    deadline = services.clock.ticks() + seconds
    looked_at = (-1, -1) if wanted.since is None else _seen(wanted.since)
    must_look = wanted.since is None or wanted.full_state
    while True:
        member = await hub.member(wanted.user_id)
        remaining = deadline - services.clock.ticks()
        is_over = remaining <= 0 or hub.stopping
        has_changed = member.touched > looked_at[0] or member.ephemeral > looked_at[1]
        if must_look or has_changed or is_over:
            looked_at = (hub.position, hub.ephemeral)
            made = await Assembly(hub, typing, member, wanted, presence).make()
            if made.has_news or must_look or is_over:
                return made.body
        else:
            await hub.wait(member, remaining)


def _seen(token: SyncToken) -> tuple[int, int]:
    return token.position, token.ephemeral


ROUTES = [sync]
