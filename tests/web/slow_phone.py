"""A phone of the middle range on a slow network, as Lighthouse has it."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Browser, BrowserContext, Page

from tests.web.browsers import PHONE

# 150 ms there and back, 1.6 Mbit/s, a quarter of this machine's speed.
# https://github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md
SLOW_4G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_638_400 // 8,
    "uploadThroughput": 750_000 // 8,
}
CPU_SLOWDOWN = 4
_NOW = "() => new Promise(requestAnimationFrame).then(() => performance.now())"
# The service worker keeps the files of a build once the page is there.
_KEPT = """() => navigator.serviceWorker.ready.then(async () => {
  for (;;) {
    const names = await caches.keys();
    if (names.some((name) => name.startsWith("teahouse-"))) return true;
    await new Promise((done) => setTimeout(done, 100));
  }
})"""


async def slow_down(page: Page) -> None:
    """Make a page as slow as on such a phone."""
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    await session.send("Network.emulateNetworkConditions", SLOW_4G)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})


async def time_drawn(page: Page) -> float:
    """Milliseconds since the page was asked for, once what stands on it is drawn."""
    drawn: float = await page.evaluate(_NOW)
    return drawn


async def time_start(browser: Browser, url: str, session: str, *, chat: str) -> tuple[float, float]:
    """How soon a signed-in member sees their chats on such a phone.

    Args:
        browser: which.
        url: of the house.
        session: what the client keeps of it, as JSON.
        chat: the name of one of the chats.

    Returns:
        Milliseconds on the first visit, when nothing of the app is there yet; and on the next,
        when the app's files and the last state are.
    """
    screen: Any = PHONE
    context = await browser.new_context(viewport=screen, reduced_motion="reduce")
    context.set_default_timeout(180_000)
    await context.add_init_script(f"localStorage.setItem('teahouse.session', {session!r})")
    first = await _visit(context, url, chat)
    again = await _visit(context, url, chat)
    await context.close()
    return first, again


async def _visit(context: BrowserContext, url: str, chat: str) -> float:
    page = await context.new_page()
    await slow_down(page)
    await page.goto(f"{url}/chats", wait_until="commit")
    row = page.get_by_role("link", name=chat).first
    await row.wait_for()
    time = await time_drawn(page)
    # What comes later is kept for the next visit: files by the worker, the state after a while.
    await page.evaluate(_KEPT)
    await page.wait_for_timeout(8_000)
    await page.close()
    return time
