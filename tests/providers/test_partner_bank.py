"""What every link to a partner bank must do; add yours to `bank` to try it."""

from collections.abc import Awaitable, Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from teahouse.platform.files import Files
from teahouse.platform.settings import Settings, SettingsError
from teahouse.wallet.outside import live
from teahouse.wallet.outside.live import PartnerBank, make_folder_bank, make_link
from teahouse.wallet.outside.tables import ANSWER_FILES, ORDER_FILES
from tests.kit.s3 import FakeS3

pytestmark = pytest.mark.anyio
# How the bank lays an answer, and what lies ready for it.
Lay: TypeAlias = Callable[[str, bytes], Awaitable[None]]
Lying: TypeAlias = Callable[[], Awaitable[dict[str, bytes]]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=["folder", "file", "s3"])
def bank(
    request: pytest.FixtureRequest, tmp_path: Path, s3: FakeS3, monkeypatch: pytest.MonkeyPatch
) -> tuple[PartnerBank, Lay, Lying]:
    """A link, and the other side of it."""
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    url = {
        "folder": str(tmp_path / "bank"),
        "file": f"file://{tmp_path}/bank",
        "s3": "s3://bucket/bank",
    }[request.param]
    settings = Settings(data=str(tmp_path), partner_bank_url=url)
    other = Files(url if request.param == "s3" else "", tmp_path / "bank")

    async def lay(name: str, content: bytes) -> None:
        await other.put(ANSWER_FILES, name, content)

    async def lying() -> dict[str, bytes]:
        names = [file.name async for file in other.list(ORDER_FILES)]
        return {name: await (await other.get(ORDER_FILES, name)).read() for name in names}

    return make_folder_bank(settings), lay, lying


async def test_a_file_is_handed_over_whole_and_once(bank: tuple[PartnerBank, Lay, Lying]) -> None:
    link, _, lying = bank
    for _ in range(2):
        await link.send("bfl-1.xml", b"<orders/>")
    await link.send("bfl-2.xml", b"x" * 300_000)
    assert await lying() == {"bfl-1.xml": b"<orders/>", "bfl-2.xml": b"x" * 300_000}


async def test_answers_are_listed_fetched_and_put_away(
    bank: tuple[PartnerBank, Lay, Lying],
) -> None:
    link, lay, _ = bank
    assert await link.list_answers() == []
    await lay("b.xml", b"<b/>")
    await lay("a.xml", b"<a/>")
    await lay("remark.txt", b"not for us")
    assert await link.list_answers() == ["a.xml", "b.xml"]
    assert await link.fetch("a.xml") == b"<a/>"
    for _ in range(2):
        await link.forget("a.xml")
    assert await link.list_answers() == ["b.xml"]
    assert await link.fetch("a.xml") is None


async def test_of_a_file_without_end_only_the_beginning_is_read(
    bank: tuple[PartnerBank, Lay, Lying], monkeypatch: pytest.MonkeyPatch
) -> None:
    link, lay, _ = bank
    monkeypatch.setattr(live, "BYTES_MAX", 1000)
    await lay("big.xml", b"x" * 5000)
    found = await link.fetch("big.xml")
    assert found is not None
    assert 1000 < len(found) <= 1001


def test_a_provider_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_folder_bank(Settings(data=str(tmp_path), partner_bank_url=str(tmp_path)))
    point = EntryPoint("ebics", "tests.providers.test_partner_bank:make", live.ENTRY_POINTS)
    monkeypatch.setattr(EntryPoint, "load", lambda _self: lambda _settings: made)

    def find(group: str, name: str) -> list[EntryPoint]:
        return [point] if (group, name) == (live.ENTRY_POINTS, "ebics") else []

    monkeypatch.setattr(live, "entry_points", find)
    told: dict[str, Any] = {"data": str(tmp_path), "partner_bank_url": "ebics://bank"}
    accounts = ["EUR:DE89370400440532013000"]
    settings = Settings(**told, partner_bank="ebics", partner_bank_accounts=accounts)
    assert make_link(settings).bank is made
    with pytest.raises(SettingsError, match="no provider 'swift'"):
        make_link(Settings(**told, partner_bank="swift"))
    with pytest.raises(SettingsError, match="EUR:DE88"):
        make_link(Settings(**told, partner_bank_accounts=["EUR:DE88370400440532013000"]))


def test_without_a_url_there_is_no_bank() -> None:
    link = make_link(Settings())
    assert (link.house, link.bank) == (None, None)


async def test_what_the_bank_never_fetched_is_taken_back(
    bank: tuple[PartnerBank, Lay, Lying],
) -> None:
    link, lay, lying = bank
    await link.send("bfl-1.xml", b"<orders/>")
    await lay("a.xml", b"<a/>")
    await link.take_back(0)
    assert list(await lying()) == ["bfl-1.xml"]
    # Far ahead: what the bank laid ready is not ours to take back.
    await link.take_back(2**50)
    assert await lying() == {}
    assert await link.list_answers() == ["a.xml"]
