"""Asks the bridges of a running server."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import quote

import httpx

from teahouse.chat.bridges.live import QUERY_SECONDS_MAX
from teahouse.chat.bridges.types import matches
from teahouse.chat.third_parties.rules import join_protocols, read_list, read_protocol
from teahouse.chat.third_parties.types import OutsideLocation, OutsideUser, Protocol
from teahouse.platform.data_map import declare_egress

if TYPE_CHECKING:
    from collections.abc import Mapping

    from teahouse.chat.bridges.live import Bridges
    from teahouse.chat.bridges.types import Registration
    from teahouse.platform.clock import Clock

T = TypeVar("T")

# What a network is called changes with the bridge's own settings; one that was away may be back.
_KEPT_MS: Final = 3_600_000
_AWAY_MS: Final = 60_000
_ROOT: Final = "/_matrix/app/v1/thirdparty"


declare_egress(
    __name__,
    receiver="a bridge to another network",
    data=("identifier",),
    purpose="to find somebody of another network",
    chosen_by="operator",
)


class ThirdParties:
    """What the bridges know of other networks.

    Args:
        bridges: whom to ask.
        clock: says when a description is outdated.
    """

    def __init__(self, bridges: Bridges, clock: Clock) -> None:
        self._bridges = bridges
        self._clock = clock
        # By bridge and protocol, of which there are as many as the operator's files say.
        self._known: dict[tuple[str, str], tuple[int, Protocol | None]] = {}
        self._asking: dict[tuple[str, str], asyncio.Task[Protocol | None]] = {}

    async def protocols(self) -> dict[str, Protocol]:
        """All kinds of networks that can be looked into now, by name."""
        names = {name for r in self._bridges.registrations.values() for name in r.protocols}
        found = await asyncio.gather(*(self.protocol(name) for name in sorted(names)))
        described = zip(sorted(names), found, strict=True)
        return {name: protocol for name, protocol in described if protocol is not None}

    async def protocol(self, name: str) -> Protocol | None:
        """One kind of network; None where no bridge serves it now."""
        asked = [self._describe(r, name) for r in self._serving(name)]
        found = await asyncio.gather(*asked)
        return join_protocols([protocol for protocol in found if protocol is not None])

    async def find_users(self, name: str, fields: Mapping[str, str]) -> list[OutsideUser]:
        """Who stands here for people of a network."""
        return await self._ask_all(
            self._serving(name), f"/user/{quote(name, safe='')}", fields, OutsideUser
        )

    async def find_locations(self, name: str, fields: Mapping[str, str]) -> list[OutsideLocation]:
        """Rooms that lead to places of a network."""
        return await self._ask_all(
            self._serving(name), f"/location/{quote(name, safe='')}", fields, OutsideLocation
        )

    async def find_outside_of_user(self, user_id: str) -> list[OutsideUser]:
        """For whom on other networks a member stands."""
        asked = [r for r in self._callable() if matches(r.users, user_id)]
        return await self._ask_all(asked, "/user", {"userid": user_id}, OutsideUser)

    async def find_outside_of_alias(self, alias: str) -> list[OutsideLocation]:
        """To which places of other networks an alias leads."""
        asked = [r for r in self._callable() if matches(r.aliases, alias)]
        return await self._ask_all(asked, "/location", {"alias": alias}, OutsideLocation)

    def _callable(self) -> list[Registration]:
        return [r for r in self._bridges.registrations.values() if r.url is not None]

    def _serving(self, name: str) -> list[Registration]:
        return [r for r in self._callable() if name in r.protocols]

    async def _describe(self, registration: Registration, name: str) -> Protocol | None:
        key = (registration.id, name)
        until, known = self._known.get(key, (0, None))
        if self._clock.now_ms() < until:
            return known
        if key not in self._asking:
            # Whoever asks meanwhile gets the same answer; who goes away stops nothing.
            self._asking[key] = asyncio.create_task(self._ask_for_protocol(registration, name))
        return await asyncio.shield(self._asking[key])

    async def _ask_for_protocol(self, registration: Registration, name: str) -> Protocol | None:
        key = (registration.id, name)
        try:
            raw = await self._get(registration, f"/protocol/{quote(name, safe='')}", {})
            found = None if raw is None else read_protocol(raw, registration.id)
            kept_ms = _AWAY_MS if found is None else _KEPT_MS
            self._known[key] = (self._clock.now_ms() + kept_ms, found)
            return found
        finally:
            del self._asking[key]

    async def _ask_all(
        self, asked: list[Registration], path: str, fields: Mapping[str, str], shape: type[T]
    ) -> list[T]:
        answers = await asyncio.gather(*(self._get(r, path, fields) for r in asked))
        return [entry for raw in answers if raw is not None for entry in read_list(raw, shape)]

    async def _get(
        self, registration: Registration, path: str, fields: Mapping[str, str]
    ) -> bytes | None:
        try:
            told = await self._bridges.call(
                registration, "GET", _ROOT + path, params=dict(fields), timeout=QUERY_SECONDS_MAX
            )
        except httpx.HTTPError:
            return None
        return told.content if told.status_code == HTTPStatus.OK else None
