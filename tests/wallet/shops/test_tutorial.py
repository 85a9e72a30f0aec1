"""The tutorial does what it says, word by word, against a server as an operator starts it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from teahouse.accounts import compute_user_id
from teahouse.platform.clock import SystemClock
from teahouse.platform.db import sqlite_url
from teahouse.platform.money import Currency, Money
from tests.kit.database import open_database
from tests.kit.server import start_server
from tests.kit.wallet_house import fund

PAGE = Path(__file__).parents[3] / "docs/tutorials/open-a-shop.md"


def _blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def test_the_tutorial_opens_a_shop(tmp_path: Path) -> None:
    data = tmp_path / "shop-house"
    with start_server(data, webhook_hosts_allowed="127.0.0.1", registration="closed") as server:
        tools = str(Path(sys.executable).parent)
        for block in _blocks("sh"):
            subprocess.run(
                ["/bin/sh", "-ec", block],
                cwd=tmp_path,
                env=os.environ | {"PATH": f"{tools}:{os.environ['PATH']}"},
                check=True,
                capture_output=True,
            )
        with open_database(sqlite_url(data / "teahouse.db"), SystemClock()) as db:
            user_id = compute_user_id("mei", "tea.example")
            fund(db, user_id, Money(200_00, Currency("CNY")))
        script = "\n".join(_blocks("python"))
        story = tmp_path / "tutorial.py"
        story.write_text(script.replace("http://127.0.0.1:8008", server.url))
        done = subprocess.run(
            [sys.executable, str(story)], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "counter.svg").read_bytes().startswith(b"<?xml")
