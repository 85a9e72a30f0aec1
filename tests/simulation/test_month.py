"""A month of a small house from a seed: every client sees what the model says it must.

`TEAHOUSE_SIMULATION_STEPS` sets how many things happen in the month; 1,200 unless told otherwise.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from tests.kit.chat_house import Guest, make_chat_house, register_guest
from tests.kit.house import House

STEPS = int(os.environ.get("TEAHOUSE_SIMULATION_STEPS", "1200"))
MONTH_MS = 30 * 24 * 3600 * 1000
MEMBERS = ("rose", "jasmine", "oolong", "mint", "assam")
# Above what happens between two syncs of one client, so that no timeline is cut.
FILTER = '{"room":{"timeline":{"limit":1000}}}'


@dataclass
class Room:
    """What the model knows of a room.

    Attributes:
        timeline: event ids in order, as senders were told them.
        authors: who sent each message that counts as unread for others, by event id.
        texts: messages that may still be edited or redacted, with their senders.
        joined: who is in the room, with the length of the timeline before they came.
        read: up to where each has read, by receipt: one's own messages are no receipt.
    """

    room_id: str
    timeline: list[str] = field(default_factory=list)
    authors: dict[str, str] = field(default_factory=dict)
    texts: list[tuple[str, str]] = field(default_factory=list)
    joined: dict[str, int] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)

    def unread(self, user_id: str) -> int:
        """How many messages of others came after what a member has read."""
        start = max(self.read.get(user_id, 0), self.joined[user_id])
        return sum(self.authors.get(one, user_id) != user_id for one in self.timeline[start:])


@dataclass
class Client:
    """One device that syncs now and then.

    Attributes:
        seen: event ids by room, in the order they came, since the member last joined.
        state: the state by room as the client built it from what it was told.
        unread: the unread counts last told, by room.
    """

    guest: Guest
    since: str | None = None
    seen: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    state: dict[str, dict[tuple[str, str], str]] = field(default_factory=lambda: defaultdict(dict))
    unread: dict[str, int] = field(default_factory=dict)

    async def sync(self) -> None:
        """Take what is new."""
        query = {"filter": FILTER, **({} if self.since is None else {"since": self.since})}
        answer = await self.guest.get("/sync", **query)
        assert answer["next_batch"] != "", answer
        self.since = answer["next_batch"]
        rooms = answer.get("rooms", {})
        for room_id in rooms.get("leave", {}):
            self.seen.pop(room_id, None)
            self.state.pop(room_id, None)
        for room_id, told in rooms.get("join", {}).items():
            self._take(room_id, told)

    def _take(self, room_id: str, told: Any) -> None:
        timeline = told.get("timeline", {})
        if timeline.get("limited"):
            # Only what the client never had may be left out: the time before it came.
            self.seen[room_id].clear()
        events = timeline.get("events", [])
        self.seen[room_id] += [event["event_id"] for event in events]
        for event in [*told.get("state", {}).get("events", []), *events]:
            if "state_key" in event:
                self.state[room_id][event["type"], event["state_key"]] = event["event_id"]
        if "unread_notifications" in told:
            self.unread[room_id] = told["unread_notifications"]["notification_count"]


class Month:
    """The house, its model, and the dice.

    Args:
        house: the server.
        clock: moved from step to step.
        chance: decides what happens.
    """

    def __init__(self, house: House, clock: ManualClock, chance: random.Random) -> None:
        self.house = house
        self.clock = clock
        self.chance = chance
        self.rooms: list[Room] = []
        self.clients: list[Client] = []
        self.done: dict[str, int] = defaultdict(int)

    async def furnish(self) -> None:
        """Register the members and give them rooms."""
        for name in MEMBERS:
            self.clients.append(Client(await register_guest(self.house, name)))
        for client in self.clients[:3]:
            room = Room(await client.guest.create_room())
            self.rooms.append(room)
            room.joined[client.guest.user_id] = 0
            # The events of its creation are no business of the model: it begins behind them.
            await client.sync()
            room.timeline = list(client.seen[room.room_id])
            room.read[client.guest.user_id] = len(room.timeline)

    async def live(self, steps: int) -> None:
        """Let things happen, evenly spread over a month."""
        deeds = {
            self.send: 40, self.edit: 8, self.redact: 6, self.react: 5, self.join: 10,
            self.leave: 4, self.read: 12, self.type: 5, self.rename: 5, self.sync: 60,
            self.sign_in: 3, self.sign_out: 2,
        }  # fmt: skip
        names, weights = list(deeds), list(deeds.values())
        for _ in range(steps):
            self.clock.advance(self.chance.randint(1, 2 * MONTH_MS // steps))
            [deed] = self.chance.choices(names, weights)
            self.done[deed.__name__] += 1
            await deed(self.chance.choice(self.clients))

    def room_of(self, client: Client) -> Room | None:
        """One of the rooms that a client's member is in."""
        own = [room for room in self.rooms if client.guest.user_id in room.joined]
        return self.chance.choice(own) if own else None

    async def send(self, client: Client) -> None:
        if room := self.room_of(client):
            text = f"{self.chance.getrandbits(32):x}"
            event_id = await client.guest.say(room.room_id, text)
            room.texts.append((event_id, client.guest.user_id))
            room.authors[event_id] = client.guest.user_id
            self.add(room, event_id)

    async def edit(self, client: Client) -> None:
        if (room := self.room_of(client)) and (own := self.own_texts(room, client)):
            relation = {"rel_type": "m.replace", "event_id": self.chance.choice(own)}
            new = {"msgtype": "m.text", "body": "new"}
            content = {"m.relates_to": relation, "m.new_content": new}
            event_id = await client.guest.say(room.room_id, "* new", **content)
            self.add(room, event_id)

    async def redact(self, client: Client) -> None:
        if (room := self.room_of(client)) and (own := self.own_texts(room, client)):
            target = self.chance.choice(own)
            room.texts.remove((target, client.guest.user_id))
            room.authors.pop(target, None)
            self.add(room, await client.guest.redact(room.room_id, target))

    async def react(self, client: Client) -> None:
        if (room := self.room_of(client)) and room.texts:
            target, _ = self.chance.choice(room.texts)
            key = f"{self.chance.getrandbits(32):x}"
            relation = {"rel_type": "m.annotation", "event_id": target, "key": key}
            content = {"m.relates_to": relation}
            self.add(room, await client.guest.send(room.room_id, content, "m.reaction"))

    async def rename(self, _client: Client) -> None:
        # Only who made the room has the power to.
        owner, room = self.chance.choice(list(zip(self.clients, self.rooms, strict=False)))
        if owner.guest.user_id in room.joined:
            name = f"{self.chance.getrandbits(32):x}"
            event_id = await owner.guest.set_state(room.room_id, "m.room.name", {"name": name})
            self.add(room, event_id)

    async def join(self, client: Client) -> None:
        room = self.chance.choice(self.rooms)
        user_id = client.guest.user_id
        if user_id in room.joined:
            return
        await client.guest.join(room.room_id)
        room.joined[user_id] = len(room.timeline)
        await self.add_membership(room, client, user_id)
        room.read[user_id] = len(room.timeline)

    async def leave(self, client: Client) -> None:
        owners = [one.guest.user_id for one in self.clients[:3]]
        room, user_id = self.room_of(client), client.guest.user_id
        if room is None or user_id in owners:
            return
        witness = next(
            c for c in self.clients if c.guest.user_id in room.joined and c is not client
        )
        await client.guest.leave(room.room_id)
        del room.joined[user_id]
        await self.add_membership(room, witness, user_id)

    async def read(self, client: Client) -> None:
        if (room := self.room_of(client)) and room.timeline:
            event = quote(room.timeline[-1], safe="")
            path = f"/rooms/{quote(room.room_id, safe='')}/receipt/m.read/{event}"
            await client.guest.change("POST", path, {})
            room.read[client.guest.user_id] = len(room.timeline)

    async def type(self, client: Client) -> None:
        if room := self.room_of(client):
            user = quote(client.guest.user_id, safe="")
            path = f"/rooms/{quote(room.room_id, safe='')}/typing/{user}"
            await client.guest.change("PUT", path, {"typing": True, "timeout": 5000})

    async def sync(self, client: Client) -> None:
        await client.sync()
        self.check(client)

    async def sign_in(self, client: Client) -> None:
        name = client.guest.user_id[1:].partition(":")[0]
        self.clients.append(Client(Guest(self.house, await self.house.log_in(name))))

    async def sign_out(self, client: Client) -> None:
        if client in self.clients[len(MEMBERS) :]:
            await client.guest.change("POST", "/logout", {})
            self.clients.remove(client)

    def own_texts(self, room: Room, client: Client) -> list[str]:
        """The messages of a client's member that still say something."""
        return [event_id for event_id, sender in room.texts if sender == client.guest.user_id]

    def add(self, room: Room, event_id: str) -> None:
        """Put an event at the end of the model's timeline."""
        assert event_id not in room.timeline
        room.timeline.append(event_id)

    async def add_membership(self, room: Room, witness: Client, user_id: str) -> None:
        """Put the membership event that the server made for a join or a leave into the model."""
        state = await witness.guest.get(f"/rooms/{quote(room.room_id, safe='')}/state")
        [event_id] = [
            event["event_id"]
            for event in state
            if (event["type"], event["state_key"]) == ("m.room.member", user_id)
        ]
        self.add(room, event_id)

    def check(self, client: Client) -> None:
        """Compare what a client has seen with the model, right after it has synced."""
        for room in self.rooms:
            user_id = client.guest.user_id
            if user_id not in room.joined:
                continue
            seen = client.seen[room.room_id]
            assert seen == room.timeline[len(room.timeline) - len(seen) :], "a gap or a double"
            assert len(seen) >= len(room.timeline) - room.joined[user_id], "something is missing"
            assert client.unread.get(room.room_id, 0) == room.unread(user_id), "unread count"

    async def end(self) -> None:
        """Let every client catch up, and compare its state with the server's."""
        for client in self.clients:
            await client.sync()
            self.check(client)
            for room in self.rooms:
                if client.guest.user_id in room.joined:
                    state = await client.guest.get(f"/rooms/{quote(room.room_id, safe='')}/state")
                    truth = {(e["type"], e["state_key"]): e["event_id"] for e in state}
                    assert client.state[room.room_id] == truth
        # A typed word is forgotten long before a month is over.
        assert self.done["send"] > 0


def test_a_month_of_traffic_is_seen_by_every_client_as_it_happened(
    db: Database, clock: ManualClock, seed: int, tmp_path: Path
) -> None:
    async def story() -> None:
        house = make_chat_house(db, tmp_path)
        month = Month(house, clock, random.Random(seed))
        await month.furnish()
        await month.live(STEPS)
        await month.end()

    asyncio.run(story())
