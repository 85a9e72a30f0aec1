"""Files: in a local folder, or in S3 or another object store named by a URL.

Every file belongs to a declared class (`data_map.declare_files`), whose prefix is its folder; the
store holds nothing that the data map does not know.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterator
from contextlib import aclosing, suppress
from pathlib import Path
from typing import IO, ClassVar

import msgspec
import obstore
from obstore.exceptions import NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from teahouse.platform.data_map import FILE_CLASSES, FileClass, declare_egress
from teahouse.platform.errors import InvalidParam, NotFound, TooLarge

# Up to four parts of letters, digits, `_`, `-` and inner dots: nothing that a file system, a URL
# or a shell reads in its own way, and no `..`.
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}){0,3}")
# Read and written in pieces of this size: large enough for few system calls, small enough for
# hundreds of transfers side by side.
CHUNK_BYTES = 262_144
_UNFINISHED = ".unfinished"


declare_egress(
    __name__,
    receiver="the object store of this house",
    data=("content", "money", "activity"),
    purpose="to store files",
    chosen_by="operator",
)


class BadFileName(InvalidParam):
    """A name that could mean a path elsewhere."""

    code: ClassVar[str] = "bad-file-name"
    message: ClassVar[str] = "That is no name of a file here."


class StoredFile(msgspec.Struct, frozen=True):
    """A file in the store.

    Attributes:
        name: within its class.
        size: bytes.
        modified_at: milliseconds since the epoch, by the store's clock.
    """

    name: str
    size: int
    modified_at: int


class OpenedFile:
    """The content of a file, or of a part of it, not read yet.

    Attributes:
        size: of the whole file, bytes.
        start: the first byte of the part.
        end: the byte behind its last.
    """

    def __init__(self, result: obstore.GetResult) -> None:
        self._result = result
        self.size = result.meta["size"]
        self.start, self.end = result.range

    async def stream(self) -> AsyncIterator[bytes]:
        """The content in pieces of about `CHUNK_BYTES`."""
        async for chunk in self._result.stream(min_chunk_size=CHUNK_BYTES):
            yield bytes(chunk)

    async def read(self) -> bytes:
        """The whole content; for files that are known to be small."""
        return bytes(await self._result.bytes_async())


class Files:
    """The file store.

    Args:
        url: `s3://bucket/prefix` or another store that obstore knows (keys and endpoint from the
            environment, `AWS_...`); empty for the folder.
        folder: where files are kept without a URL; made when missing. It belongs to one server.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self._folder: Path | None = None
        self._store: ObjectStore
        if url:
            self._store = from_url(url)
        else:
            self._folder = folder
            self._store = LocalStore(folder, mkdir=True)

    async def put(
        self,
        file_class: FileClass,
        name: str,
        content: bytes | AsyncIterable[bytes],
        *,
        bytes_limit: int | None = None,
    ) -> int:
        """Store a file durably, whole or not at all; one of the same name is replaced.

        Args:
            file_class: what kind of file.
            name: within its class.
            content: its bytes, at once or in pieces.
            bytes_limit: the most it may hold.

        Returns:
            How many bytes it holds.

        Raises:
            BadFileName: the name has other characters than letters, digits, `._-` and `/`.
            TooLarge: more bytes came than the limit; nothing is kept.
        """
        path = _path(file_class, name)
        measured = _Measured(content, bytes_limit)
        if self._folder is None:
            await self._put_in_store(path, measured)
        else:
            await self._put_in_folder(self._folder, path, measured)
        return measured.size

    async def get(
        self, file_class: FileClass, name: str, *, start: int = 0, end: int | None = None
    ) -> OpenedFile:
        """Open a file, or a part of it.

        Args:
            file_class: what kind of file.
            name: within its class.
            start: the first byte, not negative.
            end: the byte behind the last; to the end by default.

        Raises:
            BadFileName: no file can have that name.
            NotFound: there is none.
            InvalidParam: the part lies outside of the file.
        """
        path = _path(file_class, name)
        options: obstore.GetOptions = {}
        if end is not None:
            options["range"] = (start, end)
        elif start:
            options["range"] = {"offset": start}
        try:
            return OpenedFile(await obstore.get_async(self._store, path, options=options))
        except (FileNotFoundError, NotFoundError):
            raise NotFound("There is no such file.") from None
        except obstore.exceptions.GenericError as trouble:
            if options and await self._is_outside(file_class, name, start):
                raise InvalidParam("That part lies outside of the file.") from trouble
            raise

    async def find(self, file_class: FileClass, name: str) -> StoredFile | None:
        """What is known of a file without reading it, or None where there is none."""
        try:
            meta = await obstore.head_async(self._store, _path(file_class, name))
        except (FileNotFoundError, NotFoundError):
            return None
        return _stored(file_class, meta)

    async def delete(self, file_class: FileClass, name: str) -> None:
        """Remove a file, durably; nothing happens where there is none."""
        path = _path(file_class, name)
        with suppress(FileNotFoundError, NotFoundError):
            await obstore.delete_async(self._store, path)
        if self._folder is not None:
            with suppress(FileNotFoundError):
                await asyncio.to_thread(_flush_folder, (self._folder / path).parent)

    async def list(self, file_class: FileClass) -> AsyncIterator[StoredFile]:
        """Every file of a class, in no order."""
        async for chunk in obstore.list(self._store, _prefix(file_class), chunk_size=1000):
            for meta in chunk:
                yield _stored(file_class, meta)

    def list_now(self, file_class: FileClass) -> Iterator[StoredFile]:
        """Every file of a class, in no order; for checks, which no server waits for."""
        for chunk in obstore.list(self._store, _prefix(file_class), chunk_size=1000):
            for meta in chunk:
                yield _stored(file_class, meta)

    async def remove_unfinished(self) -> None:
        """Remove what a crash left of files that were being written; only at the start."""
        if self._folder is not None:
            await asyncio.to_thread(_empty, self._folder / _UNFINISHED)

    async def _is_outside(self, file_class: FileClass, name: str, start: int) -> bool:
        found = await self.find(file_class, name)
        return found is not None and start >= found.size

    async def _put_in_store(self, path: str, measured: _Measured) -> None:
        async with aclosing(measured.pieces()) as pieces:
            await obstore.put_async(self._store, path, pieces)

    async def _put_in_folder(self, folder: Path, path: str, measured: _Measured) -> None:
        # obstore renames without flushing: after a power cut an answered upload could be empty.
        unfinished = folder / _UNFINISHED / os.urandom(12).hex()
        output = await asyncio.to_thread(_create, unfinished)
        try:
            async with aclosing(measured.pieces()) as pieces:
                async for piece in pieces:
                    await asyncio.to_thread(output.write, piece)
            await asyncio.to_thread(_keep, output, unfinished, folder / path)
        except BaseException:
            output.close()
            unfinished.unlink(missing_ok=True)
            raise


class _Measured:
    """Content in pieces of a good size, counted on the way."""

    def __init__(self, content: bytes | AsyncIterable[bytes], bytes_limit: int | None) -> None:
        self._content = content
        self._bytes_limit = bytes_limit
        self.size = 0

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        waiting = bytearray()
        async for chunk in self._chunks():
            self.size += len(chunk)
            if self._bytes_limit is not None and self.size > self._bytes_limit:
                raise TooLarge(f"A file may have at most {self._bytes_limit} bytes.")
            waiting += chunk
            if len(waiting) >= CHUNK_BYTES:
                yield bytes(waiting)
                waiting.clear()
        if waiting:
            yield bytes(waiting)

    async def _chunks(self) -> AsyncIterator[bytes]:
        if isinstance(self._content, bytes):
            yield self._content
            return
        async for chunk in self._content:
            yield chunk


def _path(file_class: FileClass, name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise BadFileName
    return f"{_prefix(file_class)}/{name}"


def _prefix(file_class: FileClass) -> str:
    assert file_class in FILE_CLASSES, "a class of files that the data map does not know"
    return file_class.prefix


def _stored(file_class: FileClass, meta: obstore.ObjectMeta) -> StoredFile:
    name = meta["path"].removeprefix(f"{file_class.prefix}/")
    return StoredFile(name, meta["size"], round(meta["last_modified"].timestamp() * 1000))


# In the folder


def _create(path: Path) -> IO[bytes]:
    path.parent.mkdir(exist_ok=True)
    return path.open("wb")


def _keep(output: IO[bytes], written: Path, place: Path) -> None:
    """Flush a file and put it in its place, so that a power cut leaves all of it or nothing."""
    output.flush()
    os.fsync(output.fileno())
    output.close()
    _make_folder(place.parent)
    written.replace(place)
    _flush_folder(place.parent)


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _flush_folder(folder.parent)


def _flush_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _empty(folder: Path) -> None:
    if folder.is_dir():
        for path in folder.iterdir():
            path.unlink(missing_ok=True)
