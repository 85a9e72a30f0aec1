"""Whose the rows of chat are, where the data map does not say it, and what an erasure leaves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from teahouse import privacy
from teahouse.chat.erasure.rules import find_named
from teahouse.chat.event_store.tables import chat_event, chat_room
from teahouse.chat.event_store.types import ROOM_MEMBER
from teahouse.chat.events import ROOM_VERSIONS, encode_canonical, redact_pdu
from teahouse.chat.media.tables import chat_media, chat_media_thumbnail
from teahouse.chat.search.tables import chat_search_event, chat_search_word
from teahouse.platform.json import decode_json

if TYPE_CHECKING:
    from teahouse.privacy import DeclaredFiles, DeclaredOwnership

_VERSION: Final = "room_version"
_SENDER: Final = "event_sender"
_PDU: Final = "event_pdu"
_STATE: Final = privacy.NobodysOwn(
    "Which events make up a room's state; what they say is with the events.",
    "聊天室的状态由哪些事件组成；事件的内容在事件本身中。",
)


def owners_of_event(row: Any) -> Iterable[object]:  # noqa: ANN401 - a row of `chat_event`
    """A message is its sender's, a membership also of whom it is about; a room's name nobody's."""
    if row["state_key"] is None:
        return (row["sender"], *find_named(row["pdu"]))
    if row["type"] == ROOM_MEMBER:
        return (row["sender"], row["state_key"])
    return ()


def _left_of_event(row: Any) -> Any:  # noqa: ANN401 - a row of `chat_event`
    """An event as the erasure leaves it, so that its room stays whole."""
    if row["emptied_at"] is not None:
        return {**row, "sender_device": None, "client_txn_id": None}
    return {
        **row,
        "pdu": encode_canonical(redact_pdu(decode_json(row["pdu"]), ROOM_VERSIONS[row[_VERSION]])),
        "emptied_at": row["origin_server_ts"],
        "relates_to": None,
        "rel_type": None,
        "attention": 0,
        "expires_at": None,
        "sender_device": None,
        "client_txn_id": None,
    }


def _words_of(table: sa.Table) -> privacy.Ownership:
    """The words of an event are of those whose the event is."""

    def find(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
        at = chat_event.c.position == table.c.position
        return sa.select(column).where(at).scalar_subquery()

    return privacy.Ownership(
        lambda row: (row[_SENDER], *find_named(row[_PDU] or b"")),
        lookups={_SENDER: find(chat_event.c.sender), _PDU: find(chat_event.c.pdu)},
        counted=(_SENDER,),
    )


OWNERSHIPS: Final[DeclaredOwnership] = {
    "chat_event": privacy.Ownership(
        owners_of_event,
        left=_left_of_event,
        counted=("sender",),
        lookups={
            _VERSION: sa.select(chat_room.c.version)
            .where(chat_room.c.room_id == chat_event.c.room_id)
            .scalar_subquery()
        },
    ),
    "chat_search_event": _words_of(chat_search_event),
    "chat_search_word": _words_of(chat_search_word),
    "chat_current_state": _STATE,
    "chat_state": _STATE,
    "chat_membership": _STATE,
    "chat_signature": privacy.Ownership(privacy.by_columns("target_user_id", "signer_user_id")),
    "chat_to_device": privacy.Ownership(privacy.by_columns("user_id", "sender")),
    "chat_report_outcome": privacy.Ownership(privacy.by_columns("reporter")),
    "chat_report_proof": privacy.Ownership(privacy.by_columns("reporter", "sender")),
    "chat_sanction": privacy.Ownership(privacy.by_columns("user_id")),
    "chat_report": privacy.Ownership(privacy.by_columns("reporter")),
    "chat_staff_access": privacy.Ownership(privacy.by_columns("about")),
    "chat_room_alias": privacy.NobodysOwn(
        "The address of a room; it names who made it.", "聊天室的地址，以及由谁设立。"
    ),
    "chat_room_deletion": privacy.NobodysOwn(
        "What staff did to a room, in numbers.", "工作人员对聊天室所做的处理，只有数字。"
    ),
}

FILE_OWNERS: Final[DeclaredFiles] = {
    "media": privacy.FileOwners(sa.select(chat_media.c.stored_as, chat_media.c.user_id)),
    "thumbnails": privacy.FileOwners(
        sa.select(chat_media_thumbnail.c.stored_as, chat_media.c.user_id).where(
            chat_media_thumbnail.c.media_id == chat_media.c.media_id
        )
    ),
}
