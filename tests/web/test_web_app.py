"""How the built client is served, by files made here."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from litestar.types import Receive, Scope, Send

from teahouse.platform.web_app import WebApp

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def _behind(scope: Scope, receive: Receive, send: Send) -> None:
    del scope, receive
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b"behind", "more_body": False})


def _build(folder: Path) -> None:
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>Teahouse</title>")
    (folder / "sw.js").write_text("worker")
    (folder / "assets" / "app-1.js").write_text("script")
    (folder / "assets" / "app-1.js.br").write_bytes(b"brotli")
    (folder / "assets" / "app-1.js.gz").write_bytes(b"gzip")
    (folder / "notes.txt").write_text("not for the web")


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    _build(tmp_path / "dist")
    (tmp_path / "secret.js").write_text("secret")
    app = WebApp(_behind, tmp_path / "dist")
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # Litestar's types are narrower
    async with httpx.AsyncClient(transport=transport, base_url="http://tea") as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/chats", "/chats/!room:tea", "/me/security", "/pay/abc"])
async def test_every_page_of_the_client_is_its_one_page(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert answer.text == "<title>Teahouse</title>"
    assert answer.headers["cache-control"] == "no-cache"


async def test_the_page_lets_in_nothing_from_elsewhere(http: httpx.AsyncClient) -> None:
    policy = (await http.get("/")).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe-inline" not in policy
    assert "http" not in policy


async def test_frames_of_others_get_no_camera_microphone_or_place(http: httpx.AsyncClient) -> None:
    policy = (await http.get("/")).headers["permissions-policy"]
    assert policy == "camera=(self), microphone=(self), geolocation=(self)"


@pytest.mark.parametrize(
    ("accepted", "encoding", "size"),
    [("gzip, br;q=1.0", "br", 6), ("gzip", "gzip", 4), ("identity", None, 6)],
)
async def test_files_go_in_the_smallest_form_a_browser_reads(
    http: httpx.AsyncClient, accepted: str, encoding: str | None, size: int
) -> None:
    answer = await http.head("/assets/app-1.js", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["content-length"] == str(size)
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    "path",
    ["/_matrix/client/versions", "/assets/../../secret.js", "/assets/%2e%2e/%2e%2e/secret.js",
     "/notes.txt", "/assets/app-1.js.br", "/assets/none.js", "/api/v1/house"],
)  # fmt: skip
async def test_all_else_goes_to_the_application_behind(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert (answer.status_code, answer.text) == (404, "behind")


async def test_other_methods_go_behind_too(http: httpx.AsyncClient) -> None:
    assert (await http.post("/")).text == "behind"


async def test_without_a_built_client_everything_goes_behind(tmp_path: Path) -> None:
    transport = httpx.ASGITransport(WebApp(_behind, tmp_path))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://tea") as client:
        assert (await client.get("/")).text == "behind"
