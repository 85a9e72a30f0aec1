"""A house with the built client, and members in browsers of their own."""

import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests.kit.server import Server, start_server
from tests.web.browsers import CHROMIUM, Person, Town

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run the stories on asyncio alone: Playwright knows nothing else."""
    return "asyncio"


@pytest.fixture(scope="session")
def built() -> None:
    """Have the client built; `make test` has done it, and a story run by hand does it here."""
    subprocess.run(["make", "-s", "web"], cwd=ROOT, check=True, timeout=300)


@pytest.fixture(scope="session")
def server(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running house with SQLite, without limits on payments."""
    del built
    folder = tmp_path_factory.mktemp("web") / "data"
    with start_server(folder, wallet_rule_set="open") as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, without a window."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield opened
        await opened.close()


@pytest.fixture
async def town(server: Server, browser: Browser) -> AsyncIterator[Town]:
    """Where members of one story are; none of their pages may have reported an error."""
    made = Town(server, browser)
    yield made
    assert made.troubles == []


__all__ = ["Person"]
