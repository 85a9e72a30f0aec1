"""The nouns of the registry: a manifest, and a program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, NewType, TypeAlias

import msgspec

ProgramId = NewType("ProgramId", str)

# What a program may ask a member for. What none of them covers no program can do.
Permission: TypeAlias = Literal[
    "profile",  # the member's name, and an id that only this program knows them by
    "payments",  # show the member a payment, which they confirm or not
    "orders",  # see what shops offer, and order there in the member's name
    "room",  # its own entries in one chat, and who is in it
]
Opens: TypeAlias = Literal["anywhere", "room"]

_Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_-]+(\.[a-z0-9_-]+)+$", max_length=100)]
_Version = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z.+-]{1,40}$")]
_Path = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._/-]*$", max_length=200)]
# Types of a program's own; what Matrix itself defines (`m.room.message`) is none of its business.
EventType: TypeAlias = Annotated[
    str, msgspec.Meta(pattern=r"^(?!m\.)[a-z0-9_-]+(\.[A-Za-z0-9_-]+)+$", max_length=100)
]
StateType: TypeAlias = Literal["m.room.create", "m.room.member", "m.room.name"]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in the languages of the house.

    Attributes:
        en: in English.
        zh: in Chinese.
    """

    en: Annotated[str, msgspec.Meta(min_length=1, max_length=300, examples=["Coffee"])]
    zh: Annotated[str, msgspec.Meta(min_length=1, max_length=300, examples=["咖啡"])]


class RoomWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a program does in the chat it is opened in.

    Attributes:
        sends: types of events that it writes and redacts.
        reads: types of events that it reads.
        state: what it reads of the chat itself.
    """

    sends: Annotated[list[EventType], msgspec.Meta(max_length=10)] = []
    reads: Annotated[list[EventType], msgspec.Meta(max_length=10)] = []
    state: Annotated[list[StateType], msgspec.Meta(max_length=3)] = []


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a program says of itself, in `manifest.toml`.

    Attributes:
        id: its name for good, as a reversed domain: `org.teahouse.coffee`.
        version: told to members, compared by nobody.
        name: how it is called.
        description: what it is for, in a sentence.
        author: who made it.
        entry: the page that is opened.
        icon: a square picture, SVG or PNG.
        opens: `room`: only within a chat.
        permissions: what it will ask members for.
        room: what it does in a chat; with the permission `room`.
    """

    id: _Id
    version: _Version
    name: Words
    description: Words
    author: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    entry: _Path = "index.html"
    icon: _Path = "icon.svg"
    opens: Opens = "anywhere"
    permissions: Annotated[list[Permission], msgspec.Meta(max_length=4)] = []
    room: RoomWish = RoomWish()


class Program(msgspec.Struct, frozen=True):
    """A program that is installed.

    Attributes:
        manifest: what it says of itself.
        digest: of all its files; part of their addresses, so that those never change.
        files: by path.
    """

    manifest: Manifest
    digest: str
    files: Mapping[str, bytes]


class ProgramInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A program as members' clients see it.

    Attributes:
        program_id: its id.
        version, name, description, author, opens, permissions, room: as of `Manifest`.
        entry_path: where its page is on this server.
        icon_path: where its picture is.
    """

    program_id: Annotated[str, msgspec.Meta(examples=["org.teahouse.coffee"])]
    version: str
    name: Words
    description: Words
    author: str
    opens: Opens
    permissions: list[Permission]
    room: RoomWish
    entry_path: str
    icon_path: str
