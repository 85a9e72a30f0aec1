"""Makes archives: from domains' files and the rows of the data map into a sealed file.

Nothing is ever whole in memory: each piece is read, packed, sealed and stored before the next.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
import zipfile
from collections.abc import AsyncIterator, Callable
from typing import IO, Final, cast

from teahouse.platform.json import JsonObject, encode_json
from teahouse.platform.services import Services
from teahouse.privacy.archives.queries import (
    RecordPlan,
    RecordTable,
    describe_data_map,
    find_stand_ins,
    make_record_schema,
    plan_records,
    read_rows,
)
from teahouse.privacy.archives.rules import (
    SCHEMA_INDEX,
    SCHEMAS,
    Link,
    is_path,
    make_signature,
    record_schema_path,
    render_document,
    render_start,
    say,
    schema_path,
    text_to_sign,
)
from teahouse.privacy.archives.types import (
    FORMAT,
    MANIFEST,
    SIGNATURE,
    ArchiveEntry,
    ArchiveMember,
    ArchiveSources,
    Document,
    Manifest,
    ManifestFile,
)
from teahouse.privacy.consents.live import ReceiptSigner

# About what a row takes; for the progress only.
_RECORDS_BYTES: Final = 200_000
# What is taken from the packer at once.
_TAKEN_BYTES: Final = 262_144
# The size of an entry that comes in pieces is not known before: the form for large ones is used.
_LARGE_BYTES: Final = 2**30


class Progress:
    """How far an archive is."""

    def __init__(self, expected: int) -> None:
        self._expected = max(expected, 1)
        self.written = 0
        self.step = ""

    @property
    def hundredths(self) -> int:
        """From 0 to 99."""
        return min(99, 99 * self.written // self._expected)


class ArchiveMaker:
    """Makes one archive.

    Args:
        services: the server's parts.
        member: whose it is.
        created_at: when it was asked for, milliseconds.
    """

    def __init__(self, services: Services, member: ArchiveMember, created_at: int) -> None:
        self._services = services
        self._sources = services.get(ArchiveSources)
        self._member = member
        self._created_at = created_at
        self._links: list[Link] = []
        self._files: list[ManifestFile] = []
        self._packer = _Packer(created_at)
        self.progress = Progress(0)

    @property
    def file_count(self) -> int:
        """How many files are in it."""
        return len(self._files) + 2

    async def measure(self) -> None:
        """Find out about how much there is to do."""
        sizes = [
            await source.measure(self._services, self._member) for source in self._sources.sources
        ]
        self.progress = Progress(sum(sizes) + _RECORDS_BYTES)

    async def write(self) -> AsyncIterator[bytes]:
        """The archive's bytes, in pieces."""
        for source in self._sources.sources:
            async for made in source.write(self._services, self._member):
                for entry in self._as_entries(made):
                    async for piece in self._put(entry):
                        yield piece
        async for entry in self._write_records():
            async for piece in self._put(entry):
                yield piece
        for entry in self._write_end():
            async for piece in self._put(entry):
                yield piece
        yield self._packer.close()

    def _as_entries(self, made: ArchiveEntry | Document) -> list[ArchiveEntry]:
        if isinstance(made, ArchiveEntry):
            return [made]
        json_path, page_path = f"data/{made.name}.json", f"pages/{made.name}.html"
        page = render_document(
            made.title,
            made.data,
            json_path=f"../../{json_path}",
            language=self._member.language,
        )
        return [
            ArchiveEntry(path=json_path, content=encode_json(made.data), group=made.group),
            ArchiveEntry(path=page_path, content=page, group=made.group, title=made.title),
        ]

    async def _put(self, entry: ArchiveEntry) -> AsyncIterator[bytes]:
        assert is_path(entry.path), entry.path
        digest, size = hashlib.sha256(), 0
        self.progress.step = entry.group
        self._packer.begin(entry)
        async for chunk in _pieces(entry.content):
            digest.update(chunk)
            size += len(chunk)
            # Packing a large piece takes a while, and others want the loop.
            await asyncio.to_thread(self._packer.write, chunk)
            self.progress.written += len(chunk)
            if (ready := self._packer.take(_TAKEN_BYTES)) is not None:
                yield ready
        self._packer.end()
        self._files.append(ManifestFile(entry.path, size, digest.hexdigest()))
        if entry.title:
            self._links.append(Link(entry.group, entry.path, entry.title, entry.note))

    # Records

    async def _write_records(self) -> AsyncIterator[ArchiveEntry]:
        db = self._services.db
        plan = plan_records(self._sources.told, self._sources.left_out)
        stand_ins = await db.read(find_stand_ins, self._member.user_id)
        for record in plan.tables:
            first = await db.read(read_rows, record, stand_ins, after=None)
            if not first[1]:
                continue
            counted = [0]
            yield ArchiveEntry(
                path=f"data/records/{record.name}.jsonl",
                content=self._read_all(record, stand_ins, counted),
                group="records",
            )
            note = say("rows", self._member.language, count=counted[0])
            path = f"data/records/{record.name}.jsonl"
            self._links.append(Link("records", path, record.name, note))
        yield self._make_json("data/data-map.json", describe_data_map(), title="data map")

    async def _read_all(
        self, record: RecordTable, stand_ins: list[str], counted: list[int]
    ) -> AsyncIterator[bytes]:
        after = None
        while True:
            lines, count, after = await self._services.db.read(
                read_rows, record, stand_ins, after=after
            )
            counted[0] += count
            yield lines
            if after is None:
                return

    # The end: what needs to know all that came before.

    def _write_end(self) -> list[ArchiveEntry]:
        plan = plan_records(self._sources.told, self._sources.left_out)
        reasons = sorted(plan.left_out.items())
        start = render_start(self._member, self._links, _by_reason(reasons), now=self._created_at)
        entries = [
            *self._make_schemas(plan),
            self._make_json("data/left-out.json", dict(reasons)),
            ArchiveEntry(path="index.html", content=start, group="account"),
        ]
        return [*entries, *self._sign(entries)]

    def _make_schemas(self, plan: RecordPlan) -> list[ArchiveEntry]:
        """How each JSON file is built, and which schema that of which file is."""
        written = [*(file.path for file in self._files), "data/left-out.json", MANIFEST, SIGNATURE]
        index = {path: schema for path in written if (schema := schema_path(path)) is not None}
        records = {record_schema_path(record.name): record for record in plan.tables}
        return [
            *(self._make_json(f"schema/{name}.schema.json", one) for name, one in SCHEMAS.items()),
            *(
                self._make_json(path, make_record_schema(record))
                for path, record in records.items()
                if path in index.values()
            ),
            self._make_json(SCHEMA_INDEX, dict(sorted(index.items()))),
        ]

    def _sign(self, ending: list[ArchiveEntry]) -> list[ArchiveEntry]:
        files = [*self._files]
        for entry in ending:
            assert isinstance(entry.content, bytes)
            digest = hashlib.sha256(entry.content).hexdigest()
            files.append(ManifestFile(entry.path, len(entry.content), digest))
        manifest = Manifest(
            format=FORMAT,
            server_name=self._member.server_name,
            user_id=self._member.user_id,
            created_at=self._created_at,
            language=self._member.language,
            files=files,
        )
        raw = encode_json(manifest)
        signer = self._services.get(ReceiptSigner)
        text = text_to_sign(raw, self._member.server_name)
        signature = encode_json(make_signature(text, signer.sign(text), signer.public_key))
        return [
            ArchiveEntry(path=MANIFEST, content=raw, group="records"),
            ArchiveEntry(path=SIGNATURE, content=signature, group="records"),
        ]

    def _make_json(self, path: str, data: JsonObject, *, title: str = "") -> ArchiveEntry:
        return ArchiveEntry(path=path, content=encode_json(data), group="records", title=title)


def _by_reason(reasons: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Places that are left out for one reason, together."""
    grouped: dict[str, list[str]] = {}
    for place, reason in reasons:
        grouped.setdefault(reason, []).append(place)
    return [(", ".join(places), reason) for reason, places in grouped.items()]


async def _pieces(content: object) -> AsyncIterator[bytes]:
    if isinstance(content, bytes):
        for start in range(0, len(content), _TAKEN_BYTES):
            yield content[start : start + _TAKEN_BYTES]
        return
    assert isinstance(content, AsyncIterator)
    async for chunk in content:
        yield chunk


class _Packer:
    """A ZIP file that is taken away as it grows."""

    def __init__(self, at: int) -> None:
        self._out = _Out()
        # Not `gmtime()` without an argument: this is the instant of the archive.
        self._date = time.gmtime(at / 1000)[:6]
        self._zip = zipfile.ZipFile(cast("IO[bytes]", self._out), "w")
        self._write: Callable[[bytes], object]
        self._end: Callable[[], object]

    def begin(self, entry: ArchiveEntry) -> None:
        info = zipfile.ZipInfo(entry.path, self._date)
        info.compress_type = zipfile.ZIP_STORED if entry.is_packed else zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        is_large = not isinstance(entry.content, bytes) or len(entry.content) > _LARGE_BYTES
        member = self._zip.open(info, "w", force_zip64=is_large)
        self._write, self._end = member.write, member.close

    def write(self, chunk: bytes) -> None:
        self._write(chunk)

    def end(self) -> None:
        self._end()

    def take(self, least: int) -> bytes | None:
        """What is packed so far, once it is enough to bother the store with."""
        return self._out.take() if self._out.waiting >= least else None

    def close(self) -> bytes:
        """The rest."""
        self._zip.close()
        return self._out.take()


class _Out:
    """Where the packer writes: it can be taken from, and not be rewound."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._taken = 0

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def write(self, chunk: bytes) -> int:
        self._waiting += chunk
        return len(chunk)

    def tell(self) -> int:
        return self._taken + len(self._waiting)

    def seekable(self) -> bool:
        return False

    def seek(self, *_place: int) -> int:
        raise OSError("It can not be rewound.")

    def flush(self) -> None:
        """Nothing waits elsewhere."""

    def take(self) -> bytes:
        self._taken += len(self._waiting)
        taken = bytes(self._waiting)
        self._waiting.clear()
        return taken
