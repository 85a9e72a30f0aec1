"""Chat: the Matrix homeserver. Knows no money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from teahouse.platform.json import JsonObject

if TYPE_CHECKING:
    from collections.abc import Iterable

    from teahouse.platform.db import Read, Tx
    from teahouse.platform.services import Services
    from teahouse.platform.settings import Settings
    from teahouse.privacy import DataHolder


# What nearly all requests of clients are.
HOT_ROUTES = [
    ("GET", "/_matrix/client/v3/sync"),
    (
        "PUT",
        "/_matrix/client/v3/rooms/{room_id:str}/send/{event_type:str}/{txn_id:str}",
    ),
]


def install(services: Services) -> list[Any]:
    """Join chat to a server: its parts, reactions and routes.

    Imports only when a server is made, so that the pure parts stay quick to import.
    """
    from teahouse.chat.assembly import install as install_chat

    return install_chat(services)


def job_kinds() -> list[Any]:
    """What chat does later or on a timetable."""
    from teahouse.chat.assembly import JOB_KINDS

    return JOB_KINDS


def make_checks(settings: Settings) -> list[Any]:
    """What `teahouse check` verifies of chat."""
    from teahouse.chat.soundness.queries import make_checks as make_chat_checks

    return make_chat_checks(settings)


def data_holder() -> DataHolder:
    """What chat can give of one member, to them or on a court's order."""
    from teahouse.chat.personal_data import RELEASABLE

    return RELEASABLE


async def finish_erasure(services: Services, user_id: str) -> None:
    """Empty all that an erased member said; what is empty already does no harm."""
    from teahouse.chat.erasure.jobs import erase_history
    from teahouse.chat.erasure.types import MemberToErase

    await erase_history(services, MemberToErase(user_id))


def stop_waiting(services: Services) -> None:
    """Let every waiting client go, so that the server can stop at once."""
    from teahouse.chat.sync.live import SyncHub

    services.get(SyncHub).stop()


# For domains that stand on chat: a payment and the message that tells of it commit together.


def is_joined(read: Read, room_id: str, user_id: str) -> bool:
    """Whether a member is in a room."""
    from teahouse.chat.house.queries import is_joined as is_in_room

    return is_in_room(read, room_id, user_id)


def find_joined_among(read: Read, room_id: str, user_ids: list[str]) -> set[str]:
    """Those of some members who are in a room."""
    from teahouse.chat.house.queries import find_joined_among as find_among

    return find_among(read, room_id, user_ids)


def is_ignored(read: Read, user_id: str, *, by: str) -> bool:
    """Whether a member wants to hear nothing of another."""
    from teahouse.chat.house.queries import is_ignored as is_not_heard

    return is_not_heard(read, user_id, by=by)


def is_encrypted(read: Read, room_id: str) -> bool:
    """Whether messages of a room are encrypted, so that the server can say nothing there."""
    from teahouse.chat.house.queries import is_encrypted as is_room_encrypted

    return is_room_encrypted(read, room_id)


class Voice:
    """One of the server's own accounts, by which a domain speaks in rooms and to devices.

    Args:
        services: of a server that chat has joined.
        localpart: the local part of the account's id.
    """

    def __init__(self, services: Services, localpart: str) -> None:
        from teahouse.chat.event_store.commands import RoomStore

        self._store = services.get(RoomStore)
        self.user_id = f"@{localpart}:{services.settings.server_name}"

    def send_event(
        self, tx: Tx, room_id: str, content: JsonObject, *, on_behalf_of: str | None = None
    ) -> str | None:
        """Send a message into a room, in the caller's transaction.

        Args:
            tx: the transaction it becomes part of.
            room_id: where to.
            content: of an `m.room.message`.
            on_behalf_of: a member of the room who brings the account in if it is not there.

        Returns:
            The event id; None where the room is encrypted or its rules refuse the account.
        """
        from teahouse.chat.house.commands import send_house_event
        from teahouse.chat.house.types import HouseEvent

        event = HouseEvent(
            sender=self.user_id, room_id=room_id, content=content, on_behalf_of=on_behalf_of
        )
        return send_house_event(tx, self._store, event)

    def tell_devices(
        self, tx: Tx, event_type: str, *, to: Iterable[str], content: JsonObject
    ) -> None:
        """Send a to-device message to all devices of some members; it wakes their `/sync`."""
        from teahouse.chat.house.commands import send_house_message

        send_house_message(tx, self.user_id, event_type, to=to, content=content)


class Signature:
    """The server's ed25519 key, for statements of other domains.

    Args:
        services: of a server that chat has joined.
    """

    def __init__(self, services: Services) -> None:
        from teahouse.chat.event_store.commands import RoomStore

        key = services.get(RoomStore).signing_key
        self._key = key
        self.server_name: str = key.server_name
        self.key_id: str = key.key_id
        self.public_key: str = key.public_key

    def sign(self, statement: JsonObject) -> JsonObject:
        """The statement with the server's signature over its canonical JSON.

        Source:
            Matrix specification, appendix "Signing JSON".
        """
        from teahouse.chat.events.rules import sign_json

        return sign_json(statement, self._key)

    def is_valid(self, statement: JsonObject) -> bool:
        """Whether a statement bears this server's valid signature."""
        from teahouse.chat.events.rules import check_json_signature

        return check_json_signature(
            statement,
            server_name=self.server_name,
            key_id=self.key_id,
            public_key=self.public_key,
        )
