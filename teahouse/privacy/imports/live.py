"""Takes archives in: a file that anybody may have made becomes one that can be trusted.

The upload goes to a file of its own on disk, is verified whole, and only then kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import tempfile
import zipfile
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import IO, Final, TypeVar

import msgspec

from teahouse.platform.files import CHUNK_BYTES
from teahouse.platform.requester import Requester
from teahouse.platform.sealed_files import KEY_BYTES, seal, unseal
from teahouse.platform.services import Services
from teahouse.privacy.archives.rules import is_path, is_signed
from teahouse.privacy.archives.types import MANIFEST, SIGNATURE, Manifest, ManifestSignature
from teahouse.privacy.imports.commands import Verified, find_same, keep_import, new_import_id
from teahouse.privacy.imports.errors import (
    ArchiveTampered,
    ArchiveTooLarge,
    NotAnArchive,
    UnsafeArchive,
)
from teahouse.privacy.imports.tables import IMPORT_FILES
from teahouse.privacy.imports.types import ARCHIVE_BYTES_MAX, ArchiveReceivers, Import

T = TypeVar("T")

_ENTRIES_MAX: Final = 200_000
# An archive is mostly photos, which do not shrink, and text, which shrinks to a tenth or so.
_GROWTH_MAX: Final = 60
_GROWTH_FREE_BYTES: Final = 64 * 2**20
_MANIFEST_BYTES_MAX: Final = 64 * 2**20
_SMALL_BYTES_MAX: Final = 16 * 2**20
# An event has at most 64 KiB.
_LINE_BYTES_MAX: Final = 2**20
_METHODS: Final = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED_FLAG: Final = 0x1
# What reading a ZIP file that somebody made up can raise.
_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError,
    ValueError,
)  # fmt: skip


class OpenArchive:
    """An archive whose files are those of its manifest.

    Args:
        opened: the ZIP file.
        manifest: what was signed.
    """

    def __init__(self, opened: zipfile.ZipFile, manifest: Manifest) -> None:
        self._zip = opened
        self.manifest = manifest
        self._names = sorted(file.path for file in manifest.files)

    def paths(self, prefix: str) -> list[str]:
        """The paths of its files below a folder, in order."""
        return [name for name in self._names if name.startswith(prefix)]

    def read(self, path: str) -> bytes | None:
        """A small file, or None where there is none.

        Raises:
            NotAnArchive: it is larger than such a file can be.
        """
        if path not in self._zip.NameToInfo:
            return None
        if self._zip.getinfo(path).file_size > _SMALL_BYTES_MAX:
            raise NotAnArchive
        return self._zip.read(path)

    def lines(self, path: str) -> Iterator[bytes]:
        """A file's lines, one at a time; none where there is no such file."""
        if path not in self._zip.NameToInfo:
            return
        with self._zip.open(path) as file:
            reader = io.BufferedReader(file)  # type: ignore[type-var]  # it reads; that will do
            while line := reader.readline(_LINE_BYTES_MAX):
                if not line.endswith(b"\n") and len(line) == _LINE_BYTES_MAX:
                    raise NotAnArchive
                yield line

    async def stream(self, path: str) -> AsyncIterator[bytes]:
        """A file in pieces."""
        with self._zip.open(path) as file:
            while piece := await asyncio.to_thread(file.read, CHUNK_BYTES):
                yield piece


def open_archive(file: IO[bytes]) -> tuple[OpenArchive, bytes, ManifestSignature]:
    """Open an archive of which nothing is known yet, down to its signed manifest.

    Raises:
        NotAnArchive: no ZIP file of a Teahouse.
        UnsafeArchive: its paths lead elsewhere, or it grows to far more than it seems.
        ArchiveTampered: the manifest is not signed, or is not about these files.
    """
    opened = _guard(lambda: zipfile.ZipFile(file))
    infos = opened.infolist()
    size = file.seek(0, io.SEEK_END)
    _check_shape(infos, size)
    if not {MANIFEST, SIGNATURE} <= opened.NameToInfo.keys():
        raise NotAnArchive
    if opened.getinfo(MANIFEST).file_size > _MANIFEST_BYTES_MAX:
        raise UnsafeArchive
    raw = _guard(lambda: opened.read(MANIFEST))
    signature_raw = _guard(lambda: opened.read(SIGNATURE))
    try:
        manifest = msgspec.json.decode(raw, type=Manifest)
        signature = msgspec.json.decode(signature_raw, type=ManifestSignature)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise NotAnArchive from None
    if not is_signed(manifest, raw, signature):
        raise ArchiveTampered
    named = {one.path for one in manifest.files}
    is_complete = named == opened.NameToInfo.keys() - {MANIFEST, SIGNATURE}
    if not is_complete or len(named) != len(manifest.files):
        raise ArchiveTampered
    return OpenArchive(opened, manifest), hashlib.sha256(raw).digest(), signature


def verify_files(archive: OpenArchive, opened: zipfile.ZipFile) -> None:
    """Read every file and compare it with the manifest.

    Raises:
        ArchiveTampered: one is not what was signed.
    """
    for file in archive.manifest.files:
        if opened.getinfo(file.path).file_size != file.size:
            raise ArchiveTampered(path=file.path)
        digest = _guard(lambda path=file.path: _hash(opened, path))  # type: ignore[misc]
        if digest != file.sha256:
            raise ArchiveTampered(path=file.path)


def _hash(opened: zipfile.ZipFile, path: str) -> str:
    digest = hashlib.sha256()
    with opened.open(path) as file:
        while piece := file.read(CHUNK_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def _check_shape(infos: list[zipfile.ZipInfo], size: int) -> None:
    """Look at a ZIP file's directory before anything in it is read."""
    if len(infos) > _ENTRIES_MAX:
        raise UnsafeArchive
    if len({info.filename for info in infos}) != len(infos):
        raise UnsafeArchive
    for info in infos:
        # The name as it is stored: Python cuts it at a NUL and turns backslashes round.
        if not is_path(info.filename) or info.orig_filename != info.filename:
            raise UnsafeArchive
        if info.flag_bits & _ENCRYPTED_FLAG or info.compress_type not in _METHODS:
            raise UnsafeArchive
    if sum(info.file_size for info in infos) > _GROWTH_FREE_BYTES + _GROWTH_MAX * size:
        raise UnsafeArchive


def _guard(read: Callable[[], T]) -> T:
    """Read something of a ZIP file that somebody may have made up.

    Raises:
        NotAnArchive: it is broken.
    """
    try:
        return read()
    except _BROKEN:
        raise NotAnArchive from None


class ImportDesk:
    """Takes in archives of one server.

    Args:
        services: the running server's parts.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    async def take(self, requester: Requester, content: AsyncIterator[bytes]) -> Import:
        """Take in an archive, verify it, and tell what it holds. The same one is kept once.

        Raises:
            NotAnArchive, UnsafeArchive, ArchiveTampered, ArchiveTooLarge: nothing is kept of it.
        """
        services = self._services
        with tempfile.TemporaryFile(dir=services.settings.data_dir) as file:
            await _receive(content, file)
            verified = await asyncio.to_thread(_verify, file, services.get(ArchiveReceivers))
            same = await services.db.write(find_same, requester, verified.digest)
            if same is not None:
                return same
            key = services.chance.secrets.token_bytes(KEY_BYTES)
            import_id = await services.db.write(new_import_id)
            await services.files.put(IMPORT_FILES, import_id, seal(_read(file), key))
            return await services.db.write(
                keep_import, requester, verified, import_id=import_id, file_key=key
            )

    async def fetch(self, import_id: str, key: bytes, file: IO[bytes]) -> OpenArchive:
        """Open an archive that was taken in, in a file on disk."""
        opened = await self._services.files.get(IMPORT_FILES, import_id)
        async for piece in unseal(opened.stream(), key):
            await asyncio.to_thread(file.write, piece)
        archive, _digest, _signature = await asyncio.to_thread(open_archive, file)
        return archive


async def _receive(content: AsyncIterator[bytes], file: IO[bytes]) -> None:
    size, waiting = 0, bytearray()
    async for chunk in content:
        size += len(chunk)
        if size > ARCHIVE_BYTES_MAX:
            raise ArchiveTooLarge(limit=ARCHIVE_BYTES_MAX)
        waiting += chunk
        if len(waiting) >= CHUNK_BYTES:
            await asyncio.to_thread(file.write, bytes(waiting))
            waiting.clear()
    await asyncio.to_thread(file.write, bytes(waiting))


def _verify(file: IO[bytes], receivers: ArchiveReceivers) -> Verified:
    archive, digest, signature = open_archive(file)
    with zipfile.ZipFile(file) as opened:
        verify_files(archive, opened)
    try:
        offers = [offer for receiver in receivers.receivers for offer in receiver.offer(archive)]
    except (msgspec.DecodeError, UnicodeDecodeError, *_BROKEN):
        # Signed, and yet not what it should be: of another make.
        raise NotAnArchive from None
    return Verified(
        manifest=archive.manifest,
        digest=digest,
        signed_by=signature.public_key,
        offers=[offer for offer in offers if offer.count],
    )


async def _read(file: IO[bytes]) -> AsyncIterator[bytes]:
    file.seek(0)
    while piece := await asyncio.to_thread(file.read, CHUNK_BYTES):
        yield piece


def install_imports(services: Services) -> None:
    """Join imports to a server."""
    services.put(ImportDesk(services))
