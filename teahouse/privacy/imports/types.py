"""The nouns of imports, and what domains do with an archive."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Annotated, Final, Literal, NewType, Protocol, TypeAlias

import msgspec
from msgspec import Meta

from teahouse.platform.services import Services
from teahouse.privacy.archives.types import Manifest

ImportId = NewType("ImportId", str)

ImportStatus: TypeAlias = Literal["ready", "importing", "done", "undoing", "undone"]
# What an archive can hold, as a member thinks of it.
Kind: TypeAlias = Literal[
    "profile", "avatar", "settings", "contacts", "ignored", "chats", "documents",
    "encrypted", "keys", "money",
]  # fmt: skip
# Why something does not come along.
Why: TypeAlias = Literal["", "locked", "keys-stay", "money-stays", "not-chosen", "no-room"]

# A file that nobody acted on is deleted after a week.
KEEP_MS: Final = 7 * 86_400_000
ARCHIVE_BYTES_MAX: Final = 8 * 2**30


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """Something that an archive holds.

    Attributes:
        kind: of what.
        count: how many: fields, people, chats, files.
        will: whether it can come along.
        why: why it can't.
    """

    kind: Kind
    count: int
    will: bool = True
    why: Why = ""


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """An archive that was brought, and what became of it.

    Attributes:
        import_id: its id.
        status: `ready` when it was verified and waits for a yes.
        progress: hundredths, while it is brought in or taken back.
        step: what it is at: a kind.
        from_server: the house it is from, as it says.
        from_user: who one was there.
        made_at: when it was made there, milliseconds.
        signed_by: the public key that signed it, base64: the house shows its own at
            `/api/v1/privacy/consents/key`.
        offers: what it holds.
        brought: what was brought in, by kind.
        created_at: when it was uploaded, milliseconds.
        expires_at: when the file is deleted if nobody acts on it.
    """

    import_id: Annotated[ImportId, Meta(examples=["imp_06o1m5vq8000e5j0c4m9o3aq"])]
    status: ImportStatus
    progress: int
    step: str
    from_server: str
    from_user: str
    made_at: int
    signed_by: str
    offers: list[Offer]
    brought: dict[str, int]
    created_at: int
    expires_at: int


class ImportBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which kinds shall come along."""

    kinds: Annotated[list[Kind], Meta(max_length=20, examples=[["profile", "chats"]])]


# For domains


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was brought in; by it an import goes on after a crash, and is taken back.

    Attributes:
        kind: of what.
        key: names it within the archive; once per import and kind.
        made: what was made of it here, such as a room's id.
        before: what stood in its place, JSON; or how far it has come.
    """

    kind: str
    key: str
    made: str
    before: str = ""


class BroughtArchive(Protocol):
    """A verified archive, opened."""

    @property
    def manifest(self) -> Manifest:
        """What it says of itself."""
        ...

    def paths(self, prefix: str) -> list[str]:
        """The paths of its files below a folder, in order."""
        ...

    def read(self, path: str) -> bytes | None:
        """A small file, or None where there is none.

        Raises:
            NotAnArchive: it is larger than such a file can be.
        """
        ...

    def lines(self, path: str) -> Iterator[bytes]:
        """A file's lines, one at a time; none where there is no such file."""
        ...

    def stream(self, path: str) -> AsyncIterator[bytes]:
        """A file in pieces."""
        ...


class Receiving(Protocol):
    """An import under way, as a receiver sees it."""

    @property
    def archive(self) -> BroughtArchive:
        """What is brought."""
        ...

    @property
    def import_id(self) -> str:
        """Its id, for `note_item`."""
        ...

    @property
    def user_id(self) -> str:
        """Who brings it."""
        ...

    def wants(self, kind: Kind) -> bool:
        """Whether the member wants a kind of thing."""
        ...

    async def find_item(self, kind: str, key: str) -> Item | None:
        """What was brought in before a crash."""
        ...

    async def advance(self, kind: Kind) -> None:
        """Tell that one more thing was done, and what it was."""
        ...


class ArchiveReceiver(Protocol):
    """A domain that takes something out of archives."""

    def offer(self, archive: BroughtArchive) -> list[Offer]:
        """What it finds in an archive. Called in a thread of its own: it may read for long."""
        ...

    async def receive(self, services: Services, receiving: Receiving) -> None:
        """Bring in what is wanted; begun again after a crash, it goes on."""
        ...

    async def undo(self, services: Services, user_id: str, items: Sequence[Item]) -> None:
        """Take back what it has brought in, as far as the member has not changed it since.

        It may run twice.
        """
        ...


class ArchiveReceivers(msgspec.Struct, frozen=True):
    """Everybody who takes something out of archives; `teahouse.app` has the list."""

    receivers: tuple[ArchiveReceiver, ...]
