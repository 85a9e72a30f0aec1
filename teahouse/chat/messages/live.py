"""Sending, from the event loop: sends that arrive side by side go to the database together."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from teahouse.chat.messages.commands import redact, send_messages

if TYPE_CHECKING:
    from teahouse.chat.event_store.commands import RoomStore
    from teahouse.chat.messages.types import Message
    from teahouse.platform.db import Database


class Sender:
    """Sends messages.

    Args:
        db: where to.
        store: of rooms.
    """

    def __init__(self, db: Database, store: RoomStore) -> None:
        self._db = db
        # One object, because the writer puts together the calls of the same command.
        self._send_messages = partial(send_messages, store=store)
        self._store = store

    async def send(self, message: Message) -> str:
        """Send a message, or redact; returns the event id once it is durable.

        Raises:
            NotJoined, Forbidden, BadJson, TooLarge, NotFound: as the commands say.
        """
        if message.redacts is not None:
            return await self._db.write(redact, message, store=self._store)
        sent: str = await self._db.write_batched(self._send_messages, message)
        return sent
