"""What was exchanged with the bank is sealed, and destroyed when the law's years are over."""

from pathlib import Path

import pytest

from teahouse import privacy
from teahouse.platform.data_map import DAY_MS
from teahouse.platform.db import Database
from teahouse.platform.errors import NotFound
from teahouse.privacy.member_keys.live import MemberKeys
from teahouse.privacy.sealed_boxes.errors import BoxDestroyed
from teahouse.privacy.sealed_boxes.rules import compute_expiry, find_month_end
from teahouse.wallet.outside.jobs import JOB_KINDS
from teahouse.wallet.outside.live import BankLink
from teahouse.wallet.outside.tables import KEPT_FILES, ORDER_FILES
from tests.kit.wallet_house import run_job
from tests.wallet.outside.kit import Town, iban

YEARS = 5


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def town(db: Database, tmp_path: Path) -> Town:
    return Town(db, tmp_path, opening=100_00)


def _files_with(folder: Path, needle: str) -> list[str]:
    files = [one for one in folder.rglob("*") if one.is_file()]
    return [one.name for one in files if needle.encode() in one.read_bytes()]


async def _kept(town: Town) -> list[str]:
    return sorted([file.name async for file in town.house.services.files.list(KEPT_FILES)])


@pytest.mark.anyio
async def test_bank_files_name_nobody_who_has_no_key_and_go_on_their_date(town: Town) -> None:
    ada = await town.register("ada")
    number = iban()
    await town.link(ada, number)
    await town.end_day()
    services = town.house.services
    kept = await _kept(town)
    assert kept, "the bank was told of a first small credit"
    assert any("/sent/" in one for one in kept)
    assert any("/received/" in one for one in kept)
    data = services.settings.data_dir
    assert _files_with(data, number) == []
    files = services.get(privacy.LawfulFiles)
    opened = [await files.get(KEPT_FILES, one) for one in kept]
    assert any(number.encode() in one for one in opened), "who has the key reads it"
    # The control: as it was, the number stood in it for whoever copied the folder.
    await services.files.put(KEPT_FILES, "2026-01/sent/plain.xml", opened[0] + number.encode())
    assert _files_with(data, number) == ["plain.xml"]
    await services.files.delete(KEPT_FILES, "2026-01/sent/plain.xml")

    month = kept[0].partition("/")[0]
    due = compute_expiry(find_month_end(month), YEARS)
    town.clock.advance(due - services.clock.now_ms() - 1)
    await run_job(town.house, JOB_KINDS, "wallet.destroy_bank_files")
    assert await _kept(town) == kept, "their date has not come"
    town.clock.advance(1)
    copy = await (await services.files.get(KEPT_FILES, kept[0])).read()
    await run_job(town.house, JOB_KINDS, "wallet.destroy_bank_files")
    assert await _kept(town) == []
    with pytest.raises(NotFound):
        await files.get(KEPT_FILES, kept[0])
    # From a backup it comes back without what opens it.
    await services.files.put(KEPT_FILES, kept[0], copy)
    with pytest.raises(BoxDestroyed):
        await files.get(KEPT_FILES, kept[0])
    owner = f"month:{KEPT_FILES.prefix}:{month}"
    found = services.get(MemberKeys).find(owner)
    assert found is not None
    assert found.key is None


@pytest.mark.anyio
async def test_a_file_moved_to_another_name_or_changed_does_not_open(town: Town) -> None:
    services = town.house.services
    files = services.get(privacy.LawfulFiles)
    place = await files.put(KEPT_FILES, "sent/a.xml", b"<orders/>")
    assert await files.get(KEPT_FILES, place) == b"<orders/>"
    sealed = await (await services.files.get(KEPT_FILES, place)).read()
    month = place.partition("/")[0]
    await services.files.put(KEPT_FILES, f"{month}/sent/b.xml", sealed)
    with pytest.raises(BoxDestroyed):
        await files.get(KEPT_FILES, f"{month}/sent/b.xml")


@pytest.mark.anyio
async def test_orders_that_the_bank_never_fetched_are_taken_back_after_thirty_days(
    town: Town,
) -> None:
    bank = town.house.services.get(BankLink).bank
    assert bank is not None
    await bank.send("orders.xml", b"<orders/>")
    inbox = town.folder / ORDER_FILES.prefix
    # Files have the time of the disk, not that of the test.
    written_at = round((inbox / "orders.xml").stat().st_mtime * 1000)
    town.clock.advance(written_at + 30 * DAY_MS - town.clock.now_ms() - 1000)
    await run_job(town.house, JOB_KINDS, "wallet.take_back_orders")
    assert (inbox / "orders.xml").exists()
    town.clock.advance(2000)
    await run_job(town.house, JOB_KINDS, "wallet.take_back_orders")
    assert not (inbox / "orders.xml").exists()


def test_a_month_ends_where_the_next_begins() -> None:
    assert find_month_end("2026-12") == 1_798_761_600_000
    assert find_month_end("2027-01") - find_month_end("2026-12") == 31 * DAY_MS
