"""What is remembered of pushers, and the way to their gateways."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Final

import httpx

from teahouse.chat.event_store.announcements import EventsAppended
from teahouse.chat.pushers.announcements import PushersChanged
from teahouse.chat.pushers.commands import ask_to_tell
from teahouse.chat.pushers.queries import find_rooms_with_pushers, has_pushers
from teahouse.chat.pushers.rules import check_gateway, is_public_address
from teahouse.chat.pushers.types import RoomNews
from teahouse.platform.announcements import CachesOutdated
from teahouse.platform.json import encode_json

if TYPE_CHECKING:
    from collections.abc import Collection
    from urllib.parse import SplitResult

    from teahouse.platform.announcements import Announcement
    from teahouse.platform.db import Database, Tx
    from teahouse.platform.json import JsonObject

_TIMEOUT: Final = httpx.Timeout(10.0, connect=4.0)
# One of each kind, and one in reserve.
_ADDRESSES_MAX: Final = 3
# Twice that is less than a job's lease.
_TOTAL_SECONDS: Final = 20.0
# A gateway answers with a few pushkeys.
_ANSWER_BYTES_MAX: Final = 65_536


class PusherWatch:
    """Asks for work when there is news for anybody with a pusher; costs nothing while nobody has.

    Args:
        db: where the pushers are.
    """

    def __init__(self, db: Database) -> None:
        self._nobody_has = False
        # Counts what was heard, so that nothing older than the last of it is remembered.
        self._heard = 0
        db.react(EventsAppended, self._react)
        db.react(PushersChanged, lambda _tx, _changed: self._forget())
        db.listen(self._hear)

    def _react(self, tx: Tx, appended: EventsAppended) -> None:
        if self._nobody_has:
            return
        heard = self._heard
        if not has_pushers(tx):
            self._nobody_has = heard == self._heard
            return
        spans: dict[str, RoomNews] = {}
        for event in appended.events:
            known = spans.get(event.room_id)
            after = event.position - 1 if known is None else known.after
            spans[event.room_id] = RoomNews(event.room_id, after, event.position)
        for room_id in find_rooms_with_pushers(tx, spans):
            ask_to_tell(tx, spans[room_id])

    def _hear(self, announcements: list[Announcement], _position: int) -> None:
        if any(isinstance(said, PushersChanged | CachesOutdated) for said in announcements):
            self._forget()

    def _forget(self) -> None:
        self._heard += 1
        self._nobody_has = False


class GatewayFailed(Exception):
    """A gateway did not answer, or asks to be tried again."""


class GatewayRefused(Exception):
    """A gateway that will not take it, or that may not be reached."""


class Gateways:
    """Sends notifications to gateways on the open internet, and to those of the operator.

    Args:
        own_hosts: gateways that the operator runs in the own network.
    """

    def __init__(self, own_hosts: Collection[str]) -> None:
        self._own_hosts = frozenset(own_hosts)

    async def post(self, url: str, body: JsonObject) -> bytes:
        """Send one notification.

        Returns:
            The gateway's answer.

        Raises:
            InvalidGateway: a URL that is not served (any more).
            GatewayRefused: there is no use in trying again.
            GatewayFailed: there may be.
        """
        parts = check_gateway(url, own_hosts=self._own_hosts)
        try:
            async with asyncio.timeout(_TOTAL_SECONDS):
                addresses = await self._resolve(parts)
                return await _post_to_any(parts, addresses, encode_json(body))
        except (httpx.HTTPError, OSError) as trouble:
            raise GatewayFailed(type(trouble).__name__) from trouble

    async def _resolve(self, parts: SplitResult) -> list[str]:
        """The addresses to connect to: looked up once, so that none can change after the check."""
        assert parts.hostname is not None
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(parts.hostname, None, type=socket.SOCK_STREAM)
        addresses = [str(entry[4][0]) for entry in found]
        if parts.hostname in self._own_hosts:
            return addresses
        public = [address for address in addresses if is_public_address(address)]
        if not public:
            raise GatewayRefused("The gateway is at a private address.")
        return public


async def _post_to_any(parts: SplitResult, addresses: list[str], body: bytes) -> bytes:
    """Send to the first address that can be reached, for many a server has no way to IPv6."""
    *first, last = addresses[:_ADDRESSES_MAX]
    for address in first:
        try:
            return await _post(parts, address, body)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            continue
    return await _post(parts, last, body)


async def _post(parts: SplitResult, address: str, body: bytes) -> bytes:
    assert parts.hostname is not None
    url = httpx.URL(parts.geturl()).copy_with(host=address)
    # A connection is to an address but belongs to a name, so it must not serve another name.
    limits = httpx.Limits(max_keepalive_connections=0)
    async with (
        httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False, limits=limits) as client,
        client.stream(
            "POST",
            url,
            content=body,
            headers={"Host": parts.netloc, "Content-Type": "application/json"},
            extensions={"sni_hostname": parts.hostname},
        ) as response,
    ):
        if response.is_server_error or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise GatewayFailed(str(response.status_code))
        if response.status_code != httpx.codes.OK:
            raise GatewayRefused(str(response.status_code))
        answer = b""
        async for chunk in response.aiter_bytes():
            answer += chunk
            if len(answer) > _ANSWER_BYTES_MAX:
                raise GatewayRefused("The answer is too long.")
        return answer
