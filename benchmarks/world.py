"""The members and rooms that scenarios measure in, made through the Client-Server API.

Scenarios ask for what they need; what an earlier one made is used again, since making it is the
slowest part of a run.
"""

import asyncio
import hashlib
import hmac
from dataclasses import dataclass, field
from urllib.parse import quote

import msgspec

from benchmarks.figures import NO_GOAL, Figure, Goal, PeerRun
from benchmarks.http_client import OK, Connection, Response, connect, request_bytes
from benchmarks.peers import SECRET, Server

PASSWORD = "correct horse battery staple"
ROOM_VERSION = "12"
# Enough to keep a server busy while the world is made; more only lengthens its queues.
_SETUP_CONNECTIONS = 8


class Member(msgspec.Struct, frozen=True):
    """Someone signed in.

    Args:
        user_id: `@name:server`.
        access_token: what a request carries.
    """

    user_id: str
    access_token: str


class Room(msgspec.Struct, frozen=True):
    """A public, unencrypted room.

    Args:
        room_id: `!opaque`.
        members: who has joined, its creator first.
    """

    room_id: str
    members: tuple[Member, ...]

    @property
    def path(self) -> str:
        """The start of the paths of this room's requests."""
        return f"/_matrix/client/v3/rooms/{quote(self.room_id, safe='')}"


class _Nonce(msgspec.Struct, frozen=True):
    nonce: str


class _RoomId(msgspec.Struct, frozen=True):
    room_id: str


class Api:
    """Requests to one server over a few connections that are kept."""

    def __init__(self, port: int, width: int = _SETUP_CONNECTIONS) -> None:
        """Connect when first asked.

        Args:
            port: of the server, on 127.0.0.1.
            width: the most requests on their way at a time.
        """
        self._port = port
        self._free = asyncio.Semaphore(width)
        self._idle: list[Connection] = []

    async def call(
        self, method: str, path: str, token: str = "", body: object | None = None
    ) -> bytes:
        """Send a request and return the body of its answer.

        Args:
            method: GET, PUT, POST.
            path: path and query, percent-encoded.
            token: the access token, if any.
            body: what is sent as JSON, if anything.

        Raises:
            RuntimeError: the status was not 200.
        """
        request = request_bytes(
            method, path, token, None if body is None else msgspec.json.encode(body)
        )
        response = await self.send(request)
        if response.status != OK:
            message = f"{method} {path}: {response.status} {response.body[:300]!r}"
            raise RuntimeError(message)
        return response.body

    async def send(self, request: bytes) -> Response:
        """Send a request made by `request_bytes` and return its answer."""
        async with self._free:
            connection = self._idle.pop() if self._idle else await connect(self._port)
            if not connection.open:
                connection = await connect(self._port)
            response = await connection.answer(request)
            self._idle.append(connection)
        return response

    def close(self) -> None:
        """Hang up."""
        while self._idle:
            self._idle.pop().close()


@dataclass(frozen=True)
class Sizes:
    """How much is measured.

    Args:
        members: registered in the memory scenario.
        rooms: of ten members each, there.
        seconds: how long each rate and each latency is measured.
        large_room: members of the room that new members join.
        initial_syncs: numbers of rooms of a member whose initial sync is measured.
        history: numbers of events in a room at which the cost of a send is measured.
        history_seconds: after this time a history is not made longer.
    """

    members: int = 1_000
    rooms: int = 100
    seconds: float = 12
    large_room: int = 1_000
    initial_syncs: tuple[int, ...] = (100, 500)
    history: tuple[int, ...] = (10, 1_000, 10_000, 100_000, 1_000_000)
    history_seconds: float = 240


QUICK = Sizes(
    members=300,
    rooms=30,
    seconds=5,
    large_room=300,
    initial_syncs=(100,),
    history=(10, 1_000, 10_000, 100_000),
    history_seconds=30,
)


@dataclass
class World:
    """A running server, who lives on it, and where results go."""

    server: Server
    sizes: Sizes
    run: PeerRun
    api: Api = field(init=False)
    _members: list[Member] = field(default_factory=list)
    _small_rooms: list[Room] = field(default_factory=list)
    _large_room: Room | None = None

    def __post_init__(self) -> None:
        """Connect to the server when first needed."""
        self.api = Api(self.server.port)

    def record(
        self,
        scenario: str,
        name: str,
        value: float,
        unit: str,
        *,
        more_is_better: bool = False,
        goal: Goal = NO_GOAL,
    ) -> None:
        """Keep a result; the arguments are those of `Figure`."""
        self.run.figures.append(Figure(scenario, name, value, unit, more_is_better, goal))

    def note(self, text: str) -> None:
        """Keep something that a reader of the figures must know."""
        self.run.notes.append(text)

    async def members(self, count: int) -> list[Member]:
        """The first `count` members; those that are missing are registered."""
        missing = range(len(self._members), count)
        made = await asyncio.gather(*(register(self.api, f"member{n}") for n in missing))
        self._members += made
        return self._members[:count]

    async def small_rooms(self, count: int) -> list[Room]:
        """The first `count` rooms of ten; no member is in two of them."""
        members = await self.members(count * 10)
        missing = range(len(self._small_rooms), count)
        made = (self.new_room(members[n * 10 : n * 10 + 10]) for n in missing)
        self._small_rooms += await asyncio.gather(*made)
        return self._small_rooms[:count]

    async def large_room(self, count: int) -> Room:
        """One room with `count` members or more; it grows, and never shrinks."""
        members = await self.members(count)
        room = self._large_room or await self.new_room(members[:1])
        missing = members[len(room.members) :]
        await asyncio.gather(*(join(self.api, room, member) for member in missing))
        self._large_room = Room(room.room_id, (*room.members, *missing))
        return self._large_room

    async def new_room(self, members: list[Member], name: str = "A room") -> Room:
        """Make a room that the first member creates and the others join."""
        creator, *others = members
        settings = {"preset": "public_chat", "name": name, "room_version": ROOM_VERSION}
        body = await self.api.call(
            "POST", "/_matrix/client/v3/createRoom", creator.access_token, settings
        )
        room = Room(msgspec.json.decode(body, type=_RoomId).room_id, tuple(members))
        await asyncio.gather(*(join(self.api, room, member) for member in others))
        return room


async def register(api: Api, name: str) -> Member:
    """Register a member through the shared-secret endpoint of operators' tools.

    Args:
        api: of the server.
        name: the localpart.

    Source:
        Synapse's documentation, "Shared-Secret Registration".
    """
    path = "/_synapse/admin/v1/register"
    nonce = msgspec.json.decode(await api.call("GET", path), type=_Nonce).nonce
    signed = "\0".join((nonce, name, PASSWORD, "notadmin")).encode()
    body = {
        "nonce": nonce,
        "username": name,
        "password": PASSWORD,
        "admin": False,
        "mac": hmac.new(SECRET.encode(), signed, hashlib.sha1).hexdigest(),
    }
    return msgspec.json.decode(await api.call("POST", path, body=body), type=Member)


async def join(api: Api, room: Room, member: Member) -> None:
    """Join a public room.

    Args:
        api: of the server.
        room: which one.
        member: who joins.
    """
    await api.call("POST", f"{room.path}/join", member.access_token, {})


def sync_path(timeout_ms: int, since: str = "", timeline_limit: int = 0) -> str:
    """The path of a sync request.

    Args:
        timeout_ms: how long the server may wait for news.
        since: the token to go on from; without it the sync is an initial one.
        timeline_limit: the most events of a room in one answer, or 0 for the server's default.
    """
    path = f"/_matrix/client/v3/sync?timeout={timeout_ms}"
    if timeline_limit:
        chosen = msgspec.json.encode({"room": {"timeline": {"limit": timeline_limit}}}).decode()
        path += f"&filter={quote(chosen, safe='')}"
    return f"{path}&since={since}" if since else path
