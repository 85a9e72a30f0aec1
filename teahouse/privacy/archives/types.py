"""The nouns of archives, and what domains put into them."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from typing import Annotated, Any, Final, Literal, NewType, Protocol, TypeAlias

import msgspec
from msgspec import Meta

from teahouse.platform.json import JsonObject
from teahouse.platform.languages import Language
from teahouse.platform.services import Services

ArchiveId = NewType("ArchiveId", str)

ArchiveStatus: TypeAlias = Literal["waiting", "done", "failed"]
# What an archive is made of, in the order of its first page; also what a job is at.
Group: TypeAlias = Literal["account", "chats", "files", "money", "privacy", "records"]
GROUPS: tuple[Group, ...] = ("account", "chats", "files", "money", "privacy", "records")

FORMAT: Final = "teahouse-archive-1"
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
KEEP_MS: Final = 7 * 86_400_000


class ArchiveBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An archive to be made.

    Attributes:
        language: of its pages.
    """

    language: Annotated[Language, Meta(examples=["en"])] = "en"


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """An archive that is made, or will be.

    Attributes:
        archive_id: its id.
        language: of its pages.
        status: `done` once it can be downloaded.
        progress: hundredths.
        step: what it is at: `account`, `chats`, `files`, `money`, `privacy`, `records`.
        byte_count: size of the file, once done.
        file_count: how many files are in it, once done.
        created_at: milliseconds; when it was asked for.
        expires_at: when the file is deleted, milliseconds.
    """

    archive_id: Annotated[ArchiveId, Meta(examples=["arc_06o1m5vq8000e5j0c4m9o3aq"])]
    language: Language
    status: ArchiveStatus
    progress: int
    step: str
    byte_count: int
    file_count: int
    created_at: int
    expires_at: int


class TicketBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of the request for a ticket.

    Attributes:
        auth: what shows again that it is the member.
    """

    auth: dict[str, Any] | None = None


class Ticket(msgspec.Struct, frozen=True):
    """Opens the download of one archive, once and within a minute.

    Attributes:
        ticket: sent in the body of a request, never in an address.
        expires_at: until when, milliseconds.
    """

    ticket: Annotated[str, Meta(examples=["rW3t…"])]
    expires_at: int


# What goes in


class ArchiveMember(msgspec.Struct, frozen=True):
    """Whose archive it is.

    Attributes:
        user_id: the member.
        language: of pages and titles.
        server_name: of this house.
    """

    user_id: str
    language: Language
    server_name: str


class ArchiveEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A file of an archive.

    Attributes:
        path: within it; ASCII, without `..`.
        content: its bytes, at once or in pieces.
        group: where the first page names it.
        title: as the first page names it; empty: it is not named there.
        note: a few more words beside the title.
        is_packed: whether to compress it would be in vain, as with pictures.
    """

    path: str
    content: bytes | AsyncIterable[bytes]
    group: Group
    title: str = ""
    note: str = ""
    is_packed: bool = False


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an archive that becomes two files: JSON for programs and a page for people.

    Attributes:
        name: `<domain>/<subject>`: names both files.
        title: the heading.
        group: where the first page names it.
        data: JSON.
    """

    name: str
    title: str
    group: Group
    data: JsonObject


class ArchiveSource(Protocol):
    """A domain that holds data of members.

    What the data map declares is taken from the tables themselves (`data/records/`). A source adds
    what is better read in another form, and says of columns that are told elsewhere or left out.
    """

    @property
    def told(self) -> Mapping[str, str]:
        """Tables and columns (`table` or `table.column`) by the path that tells them instead."""
        ...

    @property
    def left_out(self) -> Mapping[str, str]:
        """Tables and columns that are in no archive, with the reason."""
        ...

    async def measure(self, services: Services, member: ArchiveMember) -> int:
        """About how many bytes the source will write; for the progress only."""
        ...

    def write(
        self, services: Services, member: ArchiveMember
    ) -> AsyncIterator[ArchiveEntry | Document]:
        """The source's files, one after another."""
        ...


class ArchiveSources(msgspec.Struct, frozen=True):
    """Everybody who puts something into archives; `teahouse.app` has the list."""

    sources: tuple[ArchiveSource, ...]

    @property
    def told(self) -> dict[str, str]:
        """Of all sources."""
        return _merge(source.told for source in self.sources)

    @property
    def left_out(self) -> dict[str, str]:
        """Of all sources."""
        return _merge(source.left_out for source in self.sources)


def _merge(maps: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {name: said for one in maps for name, said in one.items()}


# What is said of it


class ManifestFile(msgspec.Struct, frozen=True):
    """A file, as the manifest knows it.

    Attributes:
        path: within the archive.
        size: bytes.
        sha256: hexadecimal.
    """

    path: Annotated[str, Meta(min_length=1, max_length=400)]
    size: Annotated[int, Meta(ge=0)]
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive says of itself; the last file but its signature.

    Attributes:
        format: of the archive.
        server_name: the house it is from.
        user_id: whose data it is.
        created_at: when it was asked for, milliseconds.
        language: of its pages.
        files: all but the manifest and its signature.
    """

    format: Literal["teahouse-archive-1"]
    server_name: Annotated[str, Meta(min_length=1, max_length=255)]
    user_id: Annotated[str, Meta(min_length=1, max_length=255)]
    created_at: int
    language: Language
    files: list[ManifestFile]


class ManifestSignature(msgspec.Struct, frozen=True, kw_only=True):
    """Who vouches for a manifest.

    Attributes:
        algorithm: of the signature.
        signed: what was signed: these lines, the last of which is the manifest's SHA-256.
        signature: base64.
        public_key: base64; the key that also signs consent receipts.
    """

    algorithm: Literal["Ed25519"]
    signed: Annotated[str, Meta(max_length=1000)]
    signature: Annotated[str, Meta(max_length=200)]
    public_key: Annotated[str, Meta(max_length=100)]
