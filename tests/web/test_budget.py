"""How much a browser fetches before anybody has signed in."""

import sys

import pytest
from playwright.async_api import Response, expect

from tests.web.browsers import Town

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("browsers")]

SCRIPT_BYTES_MAX = 300_000


async def test_the_first_page_is_small_and_asks_nobody_else(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger = await town.open(service_workers="block")
    answers: list[Response] = []

    def listen(answer: Response) -> None:
        answers.append(answer)

    # Playwright takes functions of Python's own only.
    stranger.page.on("response", listen)

    await stranger.go("/sign-in")
    await expect(stranger.button("Sign in")).to_be_visible()

    scripts = [a for a in answers if a.request.resource_type == "script"]
    sizes = {a.url.rpartition("/")[2]: int(a.headers["content-length"]) for a in scripts}
    with capsys.disabled():
        sys.stdout.write(f"\nscript before sign-in: {sum(sizes.values()):,} bytes compressed\n")
    assert 0 < sum(sizes.values()) < SCRIPT_BYTES_MAX, sizes
    assert {a.headers.get("content-encoding") for a in scripts} <= {"br", "gzip"}
    assert all(a.url.startswith(town.server.url) for a in answers)
