"""The file store, in a folder and in an object store."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.platform.data_map import FILE_CLASSES, FileClass, PersonalData, declare_files
from teahouse.platform.errors import InvalidParam, NotFound, TooLarge
from teahouse.platform.files import CHUNK_BYTES, BadFileName, Files, StoredFile
from tests.kit.s3 import FakeS3


@pytest.fixture
def scraps() -> Iterator[FileClass]:
    declared = declare_files("scraps", "content", "tests", keep="account", seen_by=("self",))
    yield declared
    FILE_CLASSES.remove(declared)


@pytest.fixture(params=["folder", "s3"])
def files(
    request: pytest.FixtureRequest, tmp_path: Path, s3: FakeS3, monkeypatch: pytest.MonkeyPatch
) -> Files:
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    url = "s3://bucket/house" if request.param == "s3" else ""
    return Files(url, tmp_path / "files")


async def pieces_of(content: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def read(files: Files, file_class: FileClass, name: str) -> bytes:
    return await (await files.get(file_class, name)).read()


async def names(files: Files, file_class: FileClass) -> list[str]:
    return sorted([stored.name async for stored in files.list(file_class)])


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, 3 * CHUNK_BYTES + 7, 12_000_000])
def test_what_was_put_in_pieces_is_got_whole(files: Files, scraps: FileClass, size: int) -> None:
    async def story() -> None:
        content = bytes(index % 251 for index in range(size))
        assert await files.put(scraps, "a/b", pieces_of(content, 70_000)) == size
        opened = await files.get(scraps, "a/b")
        assert opened.size == size
        assert b"".join([chunk async for chunk in opened.stream()]) == content

    asyncio.run(story())


def test_a_part_is_got(files: Files, scraps: FileClass) -> None:
    async def story() -> None:
        await files.put(scraps, "film", b"0123456789")
        part = await files.get(scraps, "film", start=2, end=5)
        assert (part.size, part.start, part.end) == (10, 2, 5)
        assert await part.read() == b"234"
        assert await (await files.get(scraps, "film", start=7)).read() == b"789"
        with pytest.raises(InvalidParam):
            await files.get(scraps, "film", start=10, end=12)

    asyncio.run(story())


def test_a_file_is_replaced_found_listed_and_deleted(files: Files, scraps: FileClass) -> None:
    async def story() -> None:
        await files.put(scraps, "one", b"old")
        await files.put(scraps, "one", b"newer")
        await files.put(scraps, "two/thumbnail", b"small")
        assert await read(files, scraps, "one") == b"newer"
        assert await names(files, scraps) == ["one", "two/thumbnail"]
        found = await files.find(scraps, "one")
        assert isinstance(found, StoredFile)
        assert (found.name, found.size) == ("one", 5)
        await files.delete(scraps, "one")
        await files.delete(scraps, "one")
        assert await files.find(scraps, "one") is None
        assert await names(files, scraps) == ["two/thumbnail"]
        with pytest.raises(NotFound):
            await files.get(scraps, "one")

    asyncio.run(story())


def test_too_large_a_file_leaves_nothing(files: Files, scraps: FileClass, tmp_path: Path) -> None:
    async def story() -> None:
        await files.put(scraps, "kept", b"before")
        for name in ("kept", "new"):
            with pytest.raises(TooLarge):
                await files.put(scraps, name, pieces_of(b"x" * 1000, 100), bytes_limit=999)
        assert await files.put(scraps, "fits", b"x" * 999, bytes_limit=999) == 999
        assert await read(files, scraps, "kept") == b"before"
        assert await names(files, scraps) == ["fits", "kept"]

    asyncio.run(story())
    assert not list(tmp_path.glob("files/.unfinished/*"))


def test_an_upload_that_breaks_off_leaves_nothing(
    files: Files, scraps: FileClass, tmp_path: Path
) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * CHUNK_BYTES * 2
        raise ConnectionResetError

    async def story() -> None:
        with pytest.raises(ConnectionResetError):
            await files.put(scraps, "half", broken())
        assert await names(files, scraps) == []

    asyncio.run(story())
    assert not list(tmp_path.glob("files/.unfinished/*"))


@pytest.mark.parametrize(
    "name",
    ["", "..", "../x", "a/../b", "/etc/passwd", "a//b", "a/", ".hidden", "a/.b", "a\x00b", "a\\b",
     "a b", "a%2fb", "ü", "a\n", "a" * 201, "a/b/c/d/e"],
)  # fmt: skip
def test_names_that_could_lead_elsewhere_are_refused(
    files: Files, scraps: FileClass, tmp_path: Path, name: str
) -> None:
    async def story() -> None:
        with pytest.raises(BadFileName):
            await files.put(scraps, name, b"x")
        with pytest.raises(BadFileName):
            await files.get(scraps, name)
        with pytest.raises(BadFileName):
            await files.delete(scraps, name)

    asyncio.run(story())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@given(name=st.text(max_size=20))
def test_no_name_leaves_the_folder_of_its_class(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    folder = tmp_path_factory.mktemp("names")
    files = Files("", folder / "files")
    declared = declare_files("scraps", "content", "tests", keep="account", seen_by=("self",))
    try:
        asyncio.run(files.put(declared, name, b"x"))
    except BadFileName:
        assert [path for path in folder.rglob("*") if path.is_file()] == []
    else:
        assert (folder / "files" / "scraps" / name).read_bytes() == b"x"
    finally:
        FILE_CLASSES.remove(declared)


def test_a_class_that_was_not_declared_is_a_defect(files: Files) -> None:
    data = PersonalData("content", "tests", "account", ("self",))
    with pytest.raises(AssertionError, match="data map"):
        asyncio.run(files.put(FileClass("secret", data), "x", b"x"))


def test_what_a_crash_left_is_removed_at_the_start(scraps: FileClass, tmp_path: Path) -> None:
    (tmp_path / ".unfinished").mkdir()
    (tmp_path / ".unfinished" / "half").write_bytes(b"x")
    files = Files("", tmp_path)
    asyncio.run(files.put(scraps, "whole", b"x"))
    asyncio.run(files.remove_unfinished())
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["whole"]
