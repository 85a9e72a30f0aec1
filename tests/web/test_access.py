"""The client can be used by everybody: axe finds no violation of WCAG 2.2 AA on its pages."""

import re

import pytest
from playwright.async_api import expect

from tests.web.browsers import PHONE, Town

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("browsers")]

PAGES = [
    "/chats",
    "/chats/search",
    "/contacts",
    "/discover",
    "/discover/rooms",
    "/me",
    "/me/profile",
    "/me/security",
    "/me/devices",
    "/me/appearance",
    "/me/code",
    "/me/wallet",
    "/me/history",
    "/me/scan",
    "/me/shops",
]


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_pages_before_sign_in_have_no_barriers(town: Town, colours: str) -> None:
    stranger = await town.open(viewport=PHONE, color_scheme=colours)
    for path in ("/sign-in", "/sign-up"):
        await stranger.go(path)
        await expect(stranger.page.get_by_role("heading").first).to_be_visible()
        await stranger.has_no_barriers()


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_pages_of_members_have_no_barriers(town: Town, colours: str) -> None:
    lin = await town.member("lin", color_scheme=colours)
    town.give(lin.user_id, 5_000)
    for path in PAGES:
        await lin.go(path)
        await expect(lin.page.get_by_role("heading").first).to_be_visible()
        await expect(lin.page.get_by_text("One moment…")).to_have_count(0)
        await lin.has_no_barriers()


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_a_chat_with_a_payment_has_no_barriers(town: Town, colours: str) -> None:
    lin = await town.member("lin", color_scheme=colours)
    bao = await town.member("bao", viewport=PHONE, color_scheme=colours)
    town.give(lin.user_id, 5_000)
    await lin.start_chat(bao)
    await lin.write("Is the shop open? https://tea.example")
    await bao.accept_chat(lin)
    await bao.write("Yes")
    await lin.plus("Pay", "转账")
    await lin.page.get_by_label("Amount").fill("5")
    await lin.has_no_barriers()
    await lin.button("Pay ¥5.00").click()
    await lin.button("Done").click()
    await expect(lin.message("Verified")).to_be_visible()
    await lin.has_no_barriers()
    await bao.has_no_barriers()
    await lin.message("Yes").click(button="right")
    await lin.has_no_barriers()


async def test_a_message_is_written_and_found_by_keyboard_alone(town: Town) -> None:
    lin, bao = await town.member("lin"), await town.member("bao")
    await lin.start_chat(bao)
    await lin.page.keyboard.type("No mouse needed")
    await lin.page.keyboard.press("Enter")
    await expect(lin.message("No mouse needed")).to_be_visible()
    await lin.page.keyboard.press("Shift+Tab")
    await lin.page.keyboard.press("Shift+Tab")
    focused = await lin.page.evaluate("document.activeElement.outerHTML")
    assert re.search("aria-label|<button|<a ", focused)
