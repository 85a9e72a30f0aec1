"""Rooms for the tests of what happens in them."""

from collections.abc import Sequence

from teahouse.chat.event_store.commands import Appender, Draft, RoomStore
from teahouse.chat.events import SigningKey
from teahouse.platform.db import Tx

SERVER = "tea.example"
ADA, BEN, EVE = "@ada:tea.example", "@ben:tea.example", "@eve:tea.example"


def room_store() -> RoomStore:
    """What appending needs."""
    return RoomStore(
        SERVER, SigningKey.from_seed(b"k" * 32, key_id="ed25519:test", server_name=SERVER)
    )


def make_room(
    tx: Tx, store: RoomStore, *, members: Sequence[str] = (ADA, BEN), message_count: int = 5
) -> tuple[str, list[str]]:
    """A public room with messages of its creator.

    Args:
        tx: the transaction.
        store: what `room_store` made.
        members: who is in; the first makes it.
        message_count: how many messages it gets.

    Returns:
        The room id, and the ids of the messages in order.
    """
    creator = members[0]
    appender = Appender(store, tx)
    create = Draft(
        type="m.room.create",
        sender=creator,
        state_key="",
        content={"room_version": "11"},
    )
    server = creator.partition(":")[2]
    room = appender.create(f"!{tx.chance.secrets.token(9)}:{server}", "11", create)
    room.append(_membership(creator, "join"))
    room.append(
        Draft(
            type="m.room.join_rules",
            sender=creator,
            state_key="",
            content={"join_rule": "public"},
        )
    )
    for member in members[1:]:
        room.append(_membership(member, "join"))
    messages = [
        room.append(
            Draft(
                type="m.room.message",
                sender=creator,
                content={"msgtype": "m.text", "body": f"message {number}"},
            )
        ).event_id
        for number in range(message_count)
    ]
    appender.flush()
    return room.room_id, messages


def leave_room(tx: Tx, store: RoomStore, *, room_id: str, member: str) -> None:
    """A member leaves."""
    appender = Appender(store, tx)
    appender.open(room_id).append(_membership(member, "leave"))
    appender.flush()


def _membership(member: str, membership: str) -> Draft:
    return Draft(
        type="m.room.member",
        sender=member,
        state_key=member,
        content={"membership": membership},
    )
