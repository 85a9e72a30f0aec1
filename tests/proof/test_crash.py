"""What was acknowledged survives `kill -9` at any moment, once and in order.

`TEAHOUSE_CRASH_ROUNDS` says how often the server is killed; 3 times unless told otherwise.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.kit.database import DatabaseKind, Databases
from tests.kit.server import TEST_SETTINGS, Server, launch_server, stop_server

CLIENT = "/_matrix/client/v3"
ROUNDS = int(os.environ.get("TEAHOUSE_CRASH_ROUNDS", "3"))
# So many messages of one round arrive within one answer: old tokens must show them without a gap.
PAGE = 1000
FILTER = json.dumps({"room": {"timeline": {"limit": PAGE}}})


@dataclass
class Sender:
    """Sends numbered messages to a room, one after the other.

    Attributes:
        name: begins each of its texts and transaction ids.
        acknowledged: event ids by text, of what the server said it has.
        unanswered: the text that was on its way when the server died.
    """

    name: str
    token: str
    room_id: str
    sent: int = 0
    acknowledged: dict[str, str] = field(default_factory=dict)
    unanswered: str | None = None

    async def send(self, client: httpx.AsyncClient) -> None:
        """Send the next message, or again the one that was not answered."""
        if self.unanswered is None:
            self.unanswered = f"{self.name}-{self.sent}"
            self.sent += 1
        text = self.unanswered
        self.acknowledged[text] = await self.put(client, text)
        self.unanswered = None

    async def put(self, client: httpx.AsyncClient, text: str) -> str:
        """Send a text under its own transaction id; returns the event id."""
        path = f"{CLIENT}/rooms/{quote(self.room_id, safe='')}/send/m.room.message/{text}"
        content = {"msgtype": "m.text", "body": text}
        return str((await ask(client, self.token, "PUT", path, content))["event_id"])


@dataclass
class Reader:
    """Syncs, and keeps what it saw: texts by room, in the order of arrival.

    Attributes:
        old: tokens of this round, each with how much was seen of each room at that point.
    """

    token: str
    since: str | None = None
    seen: dict[str, list[str]] = field(default_factory=dict)
    old: list[tuple[str, dict[str, int]]] = field(default_factory=list)

    async def sync(self, client: httpx.AsyncClient, *, wait_ms: int) -> None:
        """Take one answer of the server."""
        answer = await sync(client, self.token, self.since, wait_ms=wait_ms)
        for room_id, texts in texts_of(answer).items():
            self.seen.setdefault(room_id, []).extend(texts)
        self.since = answer["next_batch"]
        self.old.append((answer["next_batch"], {room: len(s) for room, s in self.seen.items()}))


class Load:
    """All that use the server, and when to kill it."""

    def __init__(self, senders: list[Sender], readers: list[Reader], chance: random.Random) -> None:
        self.senders = senders
        self.readers = readers
        self.chance = chance

    async def run_until_killed(self, server: Server) -> None:
        """Send and read as fast as the server allows, until it is killed."""
        # Counted in answers, not in time, so that each round gets to its work on any machine.
        countdown = self.chance.randint(1, 120)
        reached = asyncio.Event()

        async def keep_sending(client: httpx.AsyncClient, sender: Sender) -> None:
            nonlocal countdown
            while True:
                await sender.send(client)
                countdown -= 1
                if countdown <= 0:
                    reached.set()

        async with connect(server) as client:
            users = [
                *(asyncio.create_task(keep_sending(client, one)) for one in self.senders),
                *(asyncio.create_task(_keep_reading(client, one)) for one in self.readers),
            ]
            reaching = asyncio.create_task(reached.wait())
            await asyncio.wait({reaching, *users}, return_when=asyncio.FIRST_COMPLETED)
            # The kill must not always fall just behind an answer.
            await asyncio.wait(users, timeout=self.chance.random() * 0.02)
            server.process.kill()
            server.process.wait()
            endings = await asyncio.gather(*users, return_exceptions=True)
            reaching.cancel()
        # Only the kill may end a request; an answer that is an error is none of its doing.
        for ending in endings:
            if isinstance(ending, BaseException) and not isinstance(ending, httpx.TransportError):
                raise ending
        assert countdown <= 0


async def _keep_reading(client: httpx.AsyncClient, reader: Reader) -> None:
    while True:
        await reader.sync(client, wait_ms=2000)


async def check_after_crash(server: Server, load: Load) -> None:
    """Check all that was promised, on the restarted server."""
    async with connect(server) as client:
        for sender in load.senders:
            await _check_retries(client, sender)
        truth = {
            room_id: await read_room(client, load.readers[0].token, room_id)
            for room_id in {sender.room_id for sender in load.senders}
        }
        for room_id, said in truth.items():
            check_room(said, [one for one in load.senders if one.room_id == room_id])
        for reader in load.readers:
            await _check_tokens(client, reader, truth)


async def _check_retries(client: httpx.AsyncClient, sender: Sender) -> None:
    if sender.unanswered is not None:
        await sender.send(client)
    if sender.acknowledged:
        text, event_id = list(sender.acknowledged.items())[-1]
        assert await sender.put(client, text) == event_id, "a retry made another event"


async def _check_tokens(
    client: httpx.AsyncClient, reader: Reader, truth: dict[str, list[tuple[str, str]]]
) -> None:
    await reader.sync(client, wait_ms=0)
    for room_id, said in truth.items():
        texts = [text for text, _ in said]
        assert reader.seen.get(room_id, []) == texts
    for token, seen in reader.old[:: max(1, len(reader.old) // 5)]:
        later = texts_of(await sync(client, reader.token, token, wait_ms=0))
        for room_id, texts in reader.seen.items():
            assert later.get(room_id, []) == texts[seen.get(room_id, 0) :]
    # A room's gap would be longer than a page if tokens were kept for ever.
    del reader.old[:-1]


def check_room(said: list[tuple[str, str]], senders: list[Sender]) -> None:
    """Check that a room has all that was acknowledged, once and in order, and nothing else.

    Args:
        said: text and event id of all its messages, in order.
        senders: all who send to it; none waits for an answer.
    """
    for sender in senders:
        own = [(text, event_id) for text, event_id in said if text.startswith(f"{sender.name}-")]
        assert own == list(sender.acknowledged.items())
        assert len(own) == sender.sent
    assert len(said) == sum(sender.sent for sender in senders)


# Talking to the server


@asynccontextmanager
async def connect(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a running server."""
    async with httpx.AsyncClient(base_url=server.url, timeout=60.0) as client:
        yield client


async def ask(
    client: httpx.AsyncClient,
    token: str | None,
    method: str,
    path: str,
    body: dict[str, Any] | None = None,
    *,
    query: dict[str, str | int] | None = None,
) -> Any:
    """The answer to a request that must succeed."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    done = await client.request(method, path, json=body, headers=headers, params=query)
    assert done.status_code == httpx.codes.OK, f"{method} {path}: {done.status_code} {done.text}"
    return done.json()


async def sync(
    client: httpx.AsyncClient, token: str, since: str | None, *, wait_ms: int
) -> dict[str, Any]:
    """Sync once; no timeline may have a gap."""
    query: dict[str, str | int] = {"timeout": wait_ms, "filter": FILTER}
    if since is not None:
        query["since"] = since
    answer: dict[str, Any] = await ask(client, token, "GET", f"{CLIENT}/sync", query=query)
    if since is not None:
        for room in answer.get("rooms", {}).get("join", {}).values():
            assert not room["timeline"].get("limited", False)
    return answer


def texts_of(answer: dict[str, Any]) -> dict[str, list[str]]:
    """The texts in an answer to a sync, by room."""
    return {
        room_id: [
            event["content"]["body"]
            for event in room["timeline"]["events"]
            if event["type"] == "m.room.message"
        ]
        for room_id, room in answer.get("rooms", {}).get("join", {}).items()
    }


async def read_room(client: httpx.AsyncClient, token: str, room_id: str) -> list[tuple[str, str]]:
    """Text and event id of all messages of a room, from its beginning."""
    path = f"{CLIENT}/rooms/{quote(room_id, safe='')}/messages"
    said: list[tuple[str, str]] = []
    query: dict[str, str | int] = {"dir": "f", "limit": PAGE}
    while True:
        page = await ask(client, token, "GET", path, query=query)
        said += [
            (event["content"]["body"], event["event_id"])
            for event in page["chunk"]
            if event["type"] == "m.room.message"
        ]
        if "end" not in page:
            return said
        query["from"] = page["end"]


async def register(client: httpx.AsyncClient, name: str) -> str:
    """Register a member; returns the access token."""
    asked = {"username": name, "password": f"{name} likes oolong"}
    first = await client.post(f"{CLIENT}/register", json=asked)
    auth = {"type": "m.login.dummy", "session": first.json()["session"]}
    done = await ask(client, None, "POST", f"{CLIENT}/register", {**asked, "auth": auth})
    return str(done["access_token"])


async def furnish(server: Server, chance: random.Random) -> Load:
    """Make three members who all sit in two rooms, and two senders of each of them."""
    async with connect(server) as client:
        tokens = [await register(client, name) for name in ("rose", "jasmine", "oolong")]
        rooms = []
        for _ in range(2):
            made = await ask(
                client, tokens[0], "POST", f"{CLIENT}/createRoom", {"preset": "public_chat"}
            )
            rooms.append(str(made["room_id"]))
            for token in tokens[1:]:
                path = f"{CLIENT}/join/{quote(rooms[-1], safe='')}"
                await ask(client, token, "POST", path, {})
    senders = [
        Sender(f"s{number}", token, room_id)
        for number, (token, room_id) in enumerate((t, r) for t in tokens for r in rooms)
    ]
    return Load(senders, [Reader(token) for token in tokens], chance)


# The trial


@pytest.fixture
def crash_database(databases: Databases, database_kind: DatabaseKind) -> Iterator[str | None]:
    """SQLite in the data folder, then PostgreSQL, which outlives the killed servers."""
    if database_kind == "sqlite":
        yield None
        return
    url = databases.create("postgresql")
    yield url
    databases.drop(url)


@pytest.mark.timeout(120 + 30 * ROUNDS)
def test_nothing_acknowledged_is_lost_or_doubled_when_the_server_is_killed(
    tmp_path: Path, crash_database: str | None, seed: int
) -> None:
    chance = random.Random(seed)
    data = tmp_path / "data"
    server = launch_server(data, crash_database)
    try:
        load = asyncio.run(furnish(server, chance))
        for _ in range(ROUNDS):
            asyncio.run(load.run_until_killed(server))
            server = launch_server(data, crash_database)
            asyncio.run(check_after_crash(server, load))
        assert sum(sender.sent for sender in load.senders) > ROUNDS
        stop_server(server)
    finally:
        server.process.kill()
        server.process.wait()
    check_house(data, crash_database)


def check_house(data: Path, database_url: str | None) -> None:
    """Let the operator's own command verify every stored rule."""
    command = [str(Path(sys.executable).with_name("teahouse")), "check", "--data", str(data)]
    if database_url is not None:
        command += ["--database-url", database_url]
    # The test's own variables are no settings, and unknown ones stop the command.
    kept = {name: held for name, held in os.environ.items() if not name.startswith("TEAHOUSE_")}
    # Events are signed by the name that the server had.
    kept["TEAHOUSE_SERVER_NAME"] = TEST_SETTINGS["server_name"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=kept)
    assert done.returncode == 0, done.stdout + done.stderr
