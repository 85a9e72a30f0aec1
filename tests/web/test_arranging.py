"""Chats are kept at the top and put away, which can be undone, and keys lead through them."""

import pytest
from playwright.async_api import expect

from tests.web.browsers import Person, Town

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("browsers")]


async def _choose(who: Person, chat: str, deed: str) -> None:
    """Choose something from a chat's menu in the list."""
    chats = who.page.get_by_role("navigation", name="Chats", exact=True)
    await chats.get_by_role("link", name=chat).click(button="right")
    await who.page.get_by_role("dialog").get_by_role("button", name=deed).click()


async def test_chats_are_arranged_and_reached_by_keys(town: Town) -> None:
    lin = await town.member("lin")
    for name in ("Meadow", "Orchard", "Harbour"):
        await lin.create_open_room(name)
    chats = lin.page.get_by_role("navigation", name="Chats", exact=True)
    await expect(chats.get_by_role("link")).to_have_count(3)

    await _choose(lin, "Orchard", "Archive")
    await expect(chats.get_by_role("link")).to_have_count(2)
    await lin.has_no_barriers()
    await lin.button("Undo").click()
    await expect(chats.get_by_role("link", name="Orchard")).to_be_visible()

    await _choose(lin, "Orchard", "Archive")
    await lin.page.get_by_role("link", name="Archived 1").click()
    archive = lin.page.get_by_role("main")
    await expect(archive.get_by_role("link", name="Orchard")).to_be_visible()
    await lin.has_no_barriers()
    await archive.get_by_role("link", name="Orchard").click(button="right")
    await lin.page.get_by_role("dialog").get_by_role("button", name="Take out").click()
    await expect(lin.page.get_by_text("Nothing is archived")).to_be_visible()

    # The one that was made first stands last, until it is kept at the top.
    await _choose(lin, "Meadow", "Keep at the top")
    await expect(chats.get_by_role("link").first).to_contain_text("Meadow")
    await lin.go("/chats")
    await expect(chats.get_by_role("link").first).to_contain_text("Meadow")

    heading = lin.page.get_by_role("main").get_by_role("heading", level=1)
    await lin.page.keyboard.press("Alt+ArrowDown")
    await expect(heading).to_contain_text("Meadow")
    await lin.page.keyboard.press("Alt+ArrowDown")
    await expect(heading).not_to_contain_text("Meadow")
    await lin.page.keyboard.press("Alt+ArrowUp")
    await expect(heading).to_contain_text("Meadow")
    await lin.page.keyboard.press("Control+/")
    await expect(heading).to_have_text("Keyboard shortcuts")
    await lin.has_no_barriers()
    await lin.page.keyboard.press("Control+k")
    await expect(lin.page.get_by_role("searchbox", name="Search")).to_be_focused()
