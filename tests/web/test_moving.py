"""The story of a move: everything in one file, read without the house, and brought to another."""

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.kit.server import Server, start_server
from tests.web.browsers import LAPTOP, PHONE, Person, Town
from tests.web.test_signing_in import prove

pytestmark = pytest.mark.anyio
SECRET = "the key is under the teapot"
PLAIN = "green <b>or</b> black?"


@pytest.fixture
def second_house(tmp_path: Path, server: Server) -> Iterator[Server]:
    """Another Teahouse."""
    del server
    with start_server(tmp_path / "second", server_name="second.example") as running:
        yield running


async def _make_open_room(person: Person, name: str, text: str) -> None:
    """A room whose messages the server can read, with one message."""
    made = await person.page.evaluate(
        """async ([name]) => {
          const { accessToken } = JSON.parse(localStorage.getItem("teahouse.session"));
          const headers = { Authorization: `Bearer ${accessToken}` };
          const body = JSON.stringify({ preset: "public_chat", name });
          const path = "/_matrix/client/v3/createRoom";
          const done = await fetch(path, { method: "POST", headers, body });
          return (await done.json()).room_id;
        }""",
        [name],
    )
    await person.send(made, {"msgtype": "m.text", "body": text})


async def _picture(page: Page, name: str) -> None:
    """A picture of a page, where somebody wants to look at it (`TEAHOUSE_LOOK=folder`)."""
    folder = os.environ.get("TEAHOUSE_LOOK")
    if folder:
        for shape, size in (("phone", PHONE), ("laptop", LAPTOP)):
            await page.set_viewport_size({"width": size["width"], "height": size["height"]})
            await page.screenshot(path=f"{folder}/{name}-{shape}.png")


async def _save(person: Person, button: str, file: Path) -> zipfile.ZipFile:
    async with person.page.expect_download() as coming:
        await person.page.get_by_role("button", name=button).first.click()
    await (await coming.value).save_as(file)
    return zipfile.ZipFile(file)


async def _take_out(ada: Person, folder: Path) -> None:
    """One click, a progress, a file; and what only the devices can read, by this one."""
    await ada.go("/me/privacy")
    await ada.page.get_by_role("link", name="Take my data with me").click()
    await ada.button("Make my archive").click()
    line = ada.page.get_by_test_id("archive")
    await expect(line.get_by_text("Ready", exact=True)).to_be_visible()
    await ada.has_no_barriers()
    await _picture(ada.page, "export")
    # It is all of ada's life here in one file: whoever finds her phone open does not get it.
    async with ada.page.expect_download() as coming:
        await ada.page.get_by_role("button", name="Download").first.click()
        await prove(ada)
    await (await coming.value).save_as(folder / "archive.zip")
    archive = zipfile.ZipFile(folder / "archive.zip")
    assert archive.testzip() is None
    archive.extractall(folder / "archive")
    sealed = await _save(ada, "Save my decrypted messages", folder / "sealed.zip")
    await expect(ada.page.get_by_text("Saved 1 message.")).to_be_visible()
    lines = b"".join(sealed.read(n) for n in sealed.namelist() if n.endswith(".jsonl"))
    assert json.loads(lines)["content"]["body"] == SECRET
    assert ada.town.places_that_hold(SECRET) == []
    sealed.extractall(folder / "sealed")


async def _read_alone(browser: Browser, folder: Path) -> None:
    """It reads in a browser without any house."""
    reader = await browser.new_page(offline=True, java_script_enabled=False)
    await reader.goto((folder / "archive/index.html").as_uri())
    await _picture(reader, "archive-start")
    await reader.get_by_role("link", name="Leaves & water").click()
    await expect(reader.get_by_text(PLAIN)).to_be_visible()
    await _picture(reader, "archive-chat")
    await reader.get_by_role("link", name="Start").click()
    await reader.get_by_role("link", name="Your account and devices").click()
    await _picture(reader, "archive-document")
    await reader.goto((folder / "sealed/index.html").as_uri())
    await reader.get_by_role("link").first.click()
    await expect(reader.get_by_text(SECRET)).to_be_visible()
    await _picture(reader, "sealed-chat")
    await reader.close()


async def _bring(moved: Person, archive: Path) -> None:
    """In another house: looked at first, then brought in."""
    await moved.go("/me/privacy/import")
    choose = moved.page.locator("input[type=file]")
    await choose.set_input_files({"name": "x.zip", "mimeType": "application/zip", "buffer": b"no"})
    await expect(moved.page.get_by_role("alert")).to_contain_text("no archive of a Teahouse")
    await choose.set_input_files(archive)
    preview = moved.page.get_by_test_id("preview")
    await expect(preview.get_by_text("Chats, to read")).to_be_visible()
    await expect(preview.get_by_text("Pay it out there.")).to_be_visible()
    await moved.has_no_barriers()
    await _picture(moved.page, "import")
    await moved.button("Bring in").click()
    brought = moved.page.get_by_test_id("brought")
    await expect(brought.get_by_text("Brought in", exact=True)).to_be_visible()
    await expect(moved.page.get_by_text("Whom you knew there")).to_be_visible()
    await moved.has_no_barriers()
    await _picture(moved.page, "import-done")
    await moved.go("/chats")
    await moved.page.get_by_role("link", name="Leaves & water (tea.example)").click()
    await expect(moved.message(PLAIN)).to_be_visible()
    await expect(moved.page.get_by_text("You can read here, and not write.")).to_be_visible()
    await _picture(moved.page, "import-chat")


async def _take_back(moved: Person) -> None:
    await moved.go("/me/privacy/import")
    await moved.button("Take it back out").click()
    await moved.page.get_by_role("dialog").get_by_role("button", name="Take it back out").click()
    brought = moved.page.get_by_test_id("brought")
    await expect(brought.get_by_text("Taken out", exact=True)).to_be_visible()
    await moved.go("/chats")
    await expect(moved.page.get_by_role("link", name="Leaves & water")).to_have_count(0)


async def test_a_member_takes_everything_along_and_brings_it_to_another_house(
    town: Town, second_house: Server, browser: Browser, tmp_path: Path
) -> None:
    ada, ben = await town.member("ada"), await town.member("ben")
    town.give(ada.user_id, 3000)
    await ada.start_chat(ben)
    await ben.accept_chat(ada)
    await ada.write(SECRET)
    await _make_open_room(ada, "Leaves & water", PLAIN)
    await _take_out(ada, tmp_path)
    await _read_alone(browser, tmp_path)
    moved = await Town(second_house, browser, town.troubles).member("moved")
    await _bring(moved, tmp_path / "archive.zip")
    await _take_back(moved)
