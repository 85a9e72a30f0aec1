"""How soon and how smoothly the client works: on a slow phone, and with very many chats.

The numbers are printed. `python -m benchmarks.web_client` measures the full size.
"""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.kit.server import start_server
from tests.web.browsers import LAPTOP, PHONE, Town
from tests.web.crowd import fill_house, scroll
from tests.web.slow_phone import slow_down, time_drawn

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("browsers")]

INTERACTIVE_MS_MAX = 2_000
# Sixty frames a second leave 16.7 ms for each; the rest is the browser's own.
FRAME_WORK_MS_MAX = 16.7
CHATS, MESSAGES = 60, 1_000


def _say(capsys: pytest.CaptureFixture[str], line: str) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{line}\n")


async def test_the_door_is_interactive_in_two_seconds_on_a_slow_phone(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    times = []
    for _ in range(3):
        stranger = await town.open(viewport=PHONE, service_workers="block")
        await slow_down(stranger.page)
        await stranger.go("/sign-in")
        field = stranger.page.get_by_label("Name", exact=True)
        await field.fill("lin")
        # What was typed is drawn: the page's own code has answered.
        times.append(await time_drawn(stranger.page))
        await expect(field).to_have_value("lin")
        await stranger.context.close()
    _say(capsys, f"interactive on a slow phone: {[round(time) for time in times]} ms")
    # The best of three: others use the machine, too.
    assert min(times) < INTERACTIVE_MS_MAX


async def test_many_chats_and_a_long_room_scroll_smoothly(
    built: None, browser: Browser, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del built
    crowd = await fill_house(tmp_path / "data", chats=CHATS, messages=MESSAGES)
    with start_server(tmp_path / "data") as server:
        laptop: Any = LAPTOP
        context = await browser.new_context(viewport=laptop, reduced_motion="reduce")
        await context.add_init_script(
            f"localStorage.setItem('teahouse.session', {json.dumps(crowd.session)})"
        )
        page = await context.new_page()
        await page.goto(f"{server.url}/chats")
        await expect(page.get_by_role("link", name="Chat 00").first).to_be_visible()
        rows = await scroll(page, "nav[aria-label=Chats]", pixels=40, frames=100)
        _say(capsys, f"{CHATS} chats: {rows}")

        await page.get_by_role("searchbox", name="Search").fill("long")
        await page.get_by_role("link", name="The long room").click()
        log = page.get_by_role("log")
        await expect(log.get_by_text(f"leaf {MESSAGES - 1}:")).to_be_visible()
        # Older messages are fetched and stand above: what is in sight stays where it is.
        await scroll(page, "[role=log]", pixels=-60, frames=10)
        await page.wait_for_timeout(500)
        older = await scroll(page, "[role=log]", pixels=-60, frames=200)
        _say(capsys, f"a room of {MESSAGES} messages, upwards: {older}")
        await page.wait_for_timeout(500)
        places = """() => {
          const top = document.querySelector("[role=log]").getBoundingClientRect().top;
          const rows = [...document.querySelectorAll("[role=log] [data-index]")];
          const row = rows.find((each) => each.getBoundingClientRect().top > top + 100);
          return [row.textContent.slice(0, 12), Math.round(row.getBoundingClientRect().top)];
        }"""
        before = await page.evaluate(places)
        height = await log.evaluate("(element) => element.scrollHeight")
        await page.wait_for_timeout(1_500)
        assert await log.evaluate("(element) => element.scrollHeight") >= height
        assert await page.evaluate(places) == before
        newer = await scroll(page, "[role=log]", pixels=60, frames=200)
        _say(capsys, f"a room of {MESSAGES} messages, downwards: {newer}")
        await context.close()

    assert max(rows.work_ms, older.work_ms, newer.work_ms) < FRAME_WORK_MS_MAX
