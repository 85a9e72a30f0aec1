"""A chat server without sockets, and members who use it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from teahouse import accounts, chat
from teahouse.platform.db import Database
from tests.kit.house import House, make_services

_txn_ids = itertools.count(1)


def make_chat_house(db: Database, data: Path, **settings: Any) -> House:
    """A server without sockets that has accounts and chat.

    Args:
        db: a started database.
        data: the data folder.
        settings: those that differ from the tests' own.
    """
    services = make_services(db, data, **settings)
    return House(services, [*accounts.install(services), *chat.install(services)])


class Guest:
    """A signed-in member.

    Args:
        house: the server.
        login: what registering or logging in answered.
    """

    def __init__(self, house: House, login: Mapping[str, Any]) -> None:
        self.house = house
        self.user_id: str = login["user_id"]
        self.token: str = login["access_token"]
        self.device_id: str = login["device_id"]

    async def call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, **options: Any
    ) -> httpx.Response:
        """Send one request as this member."""
        return await self.house.call(method, path, body, token=self.token, **options)

    async def get(self, path: str, **query: Any) -> Any:
        """The answer to a request that must succeed."""
        done = await self.call("GET", path, params=query)
        assert done.status_code == httpx.codes.OK, done.text
        return done.json()

    async def change(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """The answer to a change that must succeed."""
        done = await self.call(method, path, body)
        assert done.status_code == httpx.codes.OK, done.text
        return done.json()

    async def create_room(self, **body: Any) -> str:
        """Make a room; public unless asked otherwise, so that it is not encrypted."""
        made = await self.change("POST", "/createRoom", {"preset": "public_chat", **body})
        return str(made["room_id"])

    async def join(self, room_id: str) -> None:
        """Join a room."""
        await self.change("POST", f"/rooms/{quote(room_id, safe='')}/join", {})

    async def leave(self, room_id: str) -> None:
        """Leave a room."""
        await self.change("POST", f"/rooms/{quote(room_id, safe='')}/leave", {})

    async def say(self, room_id: str, body: str, **content: Any) -> str:
        """Send a text; returns its event id."""
        return await self.send(room_id, {"msgtype": "m.text", "body": body, **content})

    async def send(
        self, room_id: str, content: Mapping[str, Any], event_type: str = "m.room.message"
    ) -> str:
        """Send an event; returns its id."""
        path = f"/rooms/{quote(room_id, safe='')}/send/{event_type}/{next(_txn_ids)}"
        return str((await self.change("PUT", path, content))["event_id"])

    async def redact(self, room_id: str, event_id: str) -> str:
        """Redact an event; returns the redaction's id."""
        path = (
            f"/rooms/{quote(room_id, safe='')}/redact/{quote(event_id, safe='')}/{next(_txn_ids)}"
        )
        return str((await self.change("PUT", path, {}))["event_id"])

    async def set_state(
        self, room_id: str, event_type: str, content: Mapping[str, Any], state_key: str = ""
    ) -> str:
        """Put a state event; returns its id."""
        path = f"/rooms/{quote(room_id, safe='')}/state/{event_type}/{quote(state_key, safe='')}"
        return str((await self.change("PUT", path, content))["event_id"])


async def register_guest(house: House, name: str) -> Guest:
    """Register a member."""
    return Guest(house, await house.register(name))
