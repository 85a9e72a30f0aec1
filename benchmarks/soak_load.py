"""Members who chat and pay, as a seed has it."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx

from benchmarks.world import PASSWORD, Member, Room

_CLIENT = "/_matrix/client/v3"
_WALLET = "/api/v1/wallet"
# How often each is chosen, of a hundred.
_WEIGHTS = {
    "send": 46,
    "sync": 22,
    "read back": 5,
    "transfer": 14,
    "payments": 6,
    "file": 3,
    "receipt": 3,
    "sign in": 1,
}
# One transfer of so many is asked for once more, as after a lost answer.
_REPEAT_ONE_OF = 4
_AMOUNT_MAX = 500
_FILE_BYTES_MAX = 30_000
# The trouble of the first tells enough.
_FAILURES_MAX = 20


@dataclass
class Tally:
    """What was done.

    Attributes:
        done: how often, by kind.
        said: messages that were acknowledged, by room.
        repeated: requests that were sent again with their key.
        doubled: those of them that were done twice.
        failures: a sentence for each answer that should not have been; the first of them.
    """

    done: Counter[str] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    doubled: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def steps(self) -> int:
        """All that was done."""
        return self.done.total()


class Load:
    """All members, who share one count of steps.

    Args:
        port: of the server, on 127.0.0.1.
        members: who uses it.
        rooms: each member is in one.
        seed: decides who asks for what.
    """

    def __init__(
        self, port: int, members: Sequence[Member], rooms: Sequence[Room], *, seed: int
    ) -> None:
        self.tally = Tally()
        self._url = f"http://127.0.0.1:{port}"
        self._members = members
        self._rooms = rooms
        self._seed = seed

    async def run(self, *, steps: int, rate: float) -> None:
        """Go through all steps.

        Args:
            steps: of all members together.
            rate: steps a second, as long as the server keeps up.
        """
        count = len(self._members)
        async with asyncio.TaskGroup() as group:
            for number, member in enumerate(self._members):
                share = steps // count + (number < steps % count)
                pause = count / rate
                group.create_task(self._live(number, member, share, pause))

    async def _live(self, number: int, member: Member, steps: int, pause: float) -> None:
        room = next(one for one in self._rooms if member in one.members)
        others = [one.user_id for one in self._members if one is not member]
        started = time.perf_counter() + pause * number / len(self._members)
        async with _connect(self._url, member) as client:
            chance = random.Random(f"{self._seed} {number}")
            soaker = Soaker(client, member, room, chance, others=others, tally=self.tally)
            for step in range(steps):
                await asyncio.sleep(max(0.0, started + step * pause - time.perf_counter()))
                await soaker.act()

    async def find_losses(self, funds: int) -> list[str]:
        """What was acknowledged and is not there, or is there twice; and money that came or went.

        Args:
            funds: what each member had at first, minor units.
        """
        problems = []
        for room in self._rooms:
            async with _connect(self._url, room.members[0]) as client:
                found = await _count_messages(client, room)
            if found != (said := self.tally.said[room.room_id]):
                problems.append(f"{found} messages of {said} in a room")
        total = 0
        for member in self._members:
            async with _connect(self._url, member) as client:
                wallets = (await client.get(f"{_WALLET}/wallets")).json()["wallets"]
            total += sum(one["available"]["minor"] for one in wallets)
        if total != funds * len(self._members):
            problems.append(f"{total} in all wallets instead of {funds * len(self._members)}")
        return problems


class Soaker:
    """One member with one device.

    Args:
        client: signed in.
        member: who.
        room: where they talk.
        chance: decides what they do.
        others: who can be paid.
        tally: where it is counted.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        member: Member,
        room: Room,
        chance: random.Random,
        *,
        others: Sequence[str],
        tally: Tally,
    ) -> None:
        self._client = client
        self._member = member
        self._room = room
        self._chance = chance
        self._others = others
        self._tally = tally
        self._number = 0
        self._since = ""
        self._newest_event = ""
        self._deeds: dict[str, Callable[[], Awaitable[None]]] = {
            "send": self._send,
            "sync": self._sync,
            "read back": self._read_back,
            "transfer": self._transfer,
            "payments": self._read_payments,
            "file": self._share_file,
            "receipt": self._tell_read,
            "sign in": self._sign_in_and_out,
        }

    async def act(self) -> None:
        """Do the next thing."""
        [kind] = self._chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))
        await self._deeds[kind]()
        self._tally.done[kind] += 1

    async def _ask(self, method: str, path: str, **options: Any) -> Any:
        try:
            done = await self._client.request(method, path, **options)
        except httpx.HTTPError as trouble:
            self._fail(f"{method} {path}: {trouble!r}")
            return None
        if done.is_success:
            return done.json()
        self._fail(f"{method} {path}: {done.status_code} {done.text[:200]}")
        return None

    def _fail(self, sentence: str) -> None:
        if len(self._tally.failures) < _FAILURES_MAX:
            self._tally.failures.append(sentence)

    def _next_key(self) -> str:
        self._number += 1
        return f"{self._member.user_id[1:8]}-{self._number}"

    async def _send(self) -> None:
        content = {"msgtype": "m.text", "body": "tea " * self._chance.randint(1, 40)}
        path = f"{self._room.path}/send/m.room.message/{self._next_key()}"
        told = await self._ask("PUT", path, json=content)
        if told is not None:
            self._tally.said[self._room.room_id] += 1
            self._newest_event = told["event_id"]

    async def _sync(self) -> None:
        query = {"timeout": "200"} | ({"since": self._since} if self._since else {})
        told = await self._ask("GET", f"{_CLIENT}/sync", params=query)
        self._since = told["next_batch"] if told is not None else self._since

    async def _read_back(self) -> None:
        await self._ask("GET", f"{self._room.path}/messages", params={"dir": "b", "limit": "30"})

    async def _transfer(self) -> None:
        minor = self._chance.randint(1, _AMOUNT_MAX)
        body = {
            "payee": self._chance.choice(self._others),
            "amount": {"minor": minor, "currency": "CNY"},
        }
        headers = {"Idempotency-Key": f"soak-{self._next_key()}"}
        first = await self._ask("POST", f"{_WALLET}/transfers", json=body, headers=headers)
        if first is None or self._chance.randrange(_REPEAT_ONE_OF):
            return
        again = await self._ask("POST", f"{_WALLET}/transfers", json=body, headers=headers)
        self._tally.repeated += 1
        if again != first:
            self._tally.doubled += 1
            self._fail(f"asked twice: {first} and {again}")

    async def _read_payments(self) -> None:
        await self._ask("GET", f"{_WALLET}/payments", params={"limit": "20"})

    async def _share_file(self) -> None:
        data = self._chance.randbytes(self._chance.randint(1, _FILE_BYTES_MAX))
        headers = {"Content-Type": "application/octet-stream"}
        await self._ask("POST", "/_matrix/media/v3/upload", content=data, headers=headers)

    async def _tell_read(self) -> None:
        if self._newest_event:
            event = quote(self._newest_event, safe="")
            await self._ask("POST", f"{self._room.path}/receipt/m.read/{event}", json={})

    async def _sign_in_and_out(self) -> None:
        body = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": self._member.user_id},
            "password": PASSWORD,
        }
        told = await self._ask("POST", f"{_CLIENT}/login", json=body)
        if told is not None:
            headers = {"Authorization": f"Bearer {told['access_token']}"}
            await self._ask("POST", f"{_CLIENT}/logout", json={}, headers=headers)


def _connect(url: str, member: Member) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {member.access_token}"}
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=60.0)


async def _count_messages(client: httpx.AsyncClient, room: Room) -> int:
    """All messages of a room, from its beginning."""
    found = 0
    query: dict[str, str] = {"dir": "f", "limit": "1000"}
    while True:
        done = await client.get(f"{room.path}/messages", params=query)
        page = done.raise_for_status().json()
        found += [event["type"] for event in page["chunk"]].count("m.room.message")
        if "end" not in page:
            return found
        query["from"] = page["end"]
