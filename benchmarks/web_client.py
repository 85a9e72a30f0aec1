"""`python -m benchmarks.web_client`: how soon chats are shown, how smoothly very many scroll.

`make web` must have built the client. Times between frames are those of this machine, whose
Chromium draws without a graphics card; the work for each frame is what the client can do about it.
"""

import asyncio
import json
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import quote

import click
from playwright.async_api import Page, async_playwright

from tests.kit.server import start_server
from tests.web.browsers import CHROMIUM, PHONE
from tests.web.crowd import Crowd, fill_house, scroll
from tests.web.slow_phone import time_start

# The first sync of a thousand chats takes a while.
WAIT_MS = 180_000
FRAMES = 300
FEW_CHATS, FEW_MESSAGES = 40, 200


@click.command()
@click.option("--chats", default=1_000, show_default=True, help="How many chats the member has.")
@click.option("--messages", default=10_000, show_default=True, help="How many one of them has.")
@click.option("--start-only", is_flag=True, help="Only how soon a slow phone shows the chats.")
def main(chats: int, messages: int, *, start_only: bool) -> None:
    """Fill a house, open it as a phone would, and scroll."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "start"
        crowd = asyncio.run(fill_house(data, chats=FEW_CHATS, messages=FEW_MESSAGES))
        with start_server(data) as server:
            asyncio.run(_measure_start(server.url, crowd))
        if start_only:
            return
        data = Path(folder) / "data"
        crowd = asyncio.run(fill_house(data, chats=chats, messages=messages))
        with start_server(data) as server:
            asyncio.run(_measure(server.url, crowd, messages))


async def _measure_start(url: str, crowd: Crowd) -> None:
    """How soon a member of the usual kind sees their chats on a slow phone; three times."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        for _ in range(3):
            first, again = await time_start(browser, url, crowd.session, chat="Chat 00")
            click.echo(
                f"chats on a slow phone: {first / 1000:.1f} s on the first visit, "
                f"{again / 1000:.1f} s on the next"
            )
        await browser.close()


async def _measure(url: str, crowd: Crowd, messages: int) -> None:
    screen: Any = PHONE
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        context = await browser.new_context(viewport=screen, reduced_motion="reduce")
        context.set_default_timeout(WAIT_MS)
        await context.add_init_script(
            f"localStorage.setItem('teahouse.session', {json.dumps(crowd.session)})"
        )
        page = await context.new_page()
        began = perf_counter()
        await page.goto(f"{url}/chats")
        await page.get_by_role("link", name="Chat 0").first.wait_for()
        click.echo(f"first sync: {perf_counter() - began:.1f} s")
        click.echo(
            f"chats: {await scroll(page, 'nav[aria-label=Chats]', pixels=120, frames=FRAMES)}"
        )
        await page.goto(f"{url}/chats/{quote(crowd.long_room, safe='')}")
        await page.get_by_text(f"leaf {messages - 1}:").first.wait_for()
        await _scroll_all(page)
        await browser.close()


async def _scroll_all(page: Page) -> None:
    """Upwards while older messages are fetched, until the first; then through all of them."""
    began = perf_counter()
    while await page.get_by_text("leaf 0:").count() == 0:
        fetching = await scroll(page, "[role=log]", pixels=-160, frames=FRAMES)
    click.echo(f"upwards, the last frames while fetching: {fetching}")
    click.echo(f"to the first message: {perf_counter() - began:.0f} s")
    for pixels, name in ((160, "downwards"), (-160, "upwards")):
        frames = await scroll(page, "[role=log]", pixels=pixels, frames=2 * FRAMES)
        click.echo(f"{name}, everything fetched: {frames}")


if __name__ == "__main__":
    main()
