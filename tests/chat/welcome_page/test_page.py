"""The page at `/`."""

import base64
import hashlib
import re
from pathlib import Path

import pytest

from teahouse.chat.welcome_page.rules import render_page
from teahouse.platform.db import Database
from teahouse.platform.languages import choose_language
from tests.kit.chat_house import make_chat_house
from tests.kit.house import House


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def house(db: Database, tmp_path: Path) -> House:
    return make_chat_house(db, tmp_path)


@pytest.mark.anyio
async def test_says_that_it_runs_and_how_to_connect(house: House) -> None:
    answer = await house.http.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "The server is running" in answer.text
    assert "change the homeserver to <code>http://teahouse.test</code>" in answer.text
    assert '<html lang="en">' in answer.text


@pytest.mark.anyio
async def test_speaks_chinese_to_whom_likes_that_best(house: House) -> None:
    answer = await house.http.get("/", headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"})
    assert '<html lang="zh-Hans">' in answer.text
    assert "服务器正在运行" in answer.text
    assert answer.headers["vary"] == "Accept-Language"


@pytest.mark.anyio
async def test_its_policy_lets_in_its_own_style_and_nothing_else(house: House) -> None:
    answer = await house.http.get("/")
    policy = answer.headers["content-security-policy"]
    style = re.search(r"<style>(.*)</style>", answer.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "<script" not in answer.text
    assert "src=" not in answer.text
    assert "href=" not in answer.text


@pytest.mark.anyio
async def test_a_host_header_cannot_write_into_it(house: House) -> None:
    answer = await house.http.get("/", headers={"Host": "x<script>alert(1)</script>"})
    assert "<script" not in answer.text


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("*", "en"),
        ("de", "en"),
        ("zh", "zh"),
        ("zh-TW", "zh"),
        ("ZH-cn", "zh"),
        ("en, zh", "en"),
        ("en;q=0.5, zh;q=0.8", "zh"),
        ("zh;q=0", "en"),
        ("zh;q=nonsense", "en"),
        (";;;,,,", "en"),
    ],
)
def test_chooses_the_language(accepted: str, language: str) -> None:
    assert choose_language(accepted) == language


@pytest.mark.parametrize("registration", ["open", "token", "closed"])
def test_says_who_may_register(registration: str) -> None:
    pages = {
        render_page("en", server_name="a", url="b", registration=kind)
        for kind in ("open", "token", "closed")
    }
    assert len(pages) == 3
    assert render_page("en", server_name="a", url="b", registration=registration) in pages
