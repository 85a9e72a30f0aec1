"""`teahouse log verify`, against a server of its own, honest and not."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from teahouse import privacy
from teahouse.cli import main
from teahouse.platform.chance import Chance
from teahouse.platform.clock import SystemClock
from teahouse.platform.db import Database, sqlite_url
from teahouse.privacy.transparency_log.tables import (
    privacy_log_entry,
    privacy_log_head,
    privacy_log_node,
)
from tests.kit.server import Server, start_server

ADA = "@ada:tea.example"
LOOK = privacy.Look(actor="@mo:tea.example", role="moderator", fields=("a.b",), reason="report")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with start_server(tmp_path / "data") as running:
        yield running


@pytest.fixture
def house(server: Server) -> Iterator[Database]:
    """The server's database, from outside."""
    url = sqlite_url(server.data_dir / "teahouse.db")
    db = Database(url, clock=SystemClock(), chance=Chance())
    db.start()
    yield db
    db.stop()


def _verify(server: Server, *options: str, exit_code: int = 0) -> str:
    result = CliRunner().invoke(main, ["log", "verify", server.url, *options])
    assert result.exit_code == exit_code, (result.output, result.exception)
    return result.output


def _register(server: Server) -> str:
    path = f"{server.url}/_matrix/client/v3/register"
    body = {"username": "ada", "password": "correct horse battery staple"}
    session = httpx.post(path, json=body).json()["session"]
    done = httpx.post(path, json={**body, "auth": {"type": "m.login.dummy", "session": session}})
    return str(done.json()["access_token"])


def _rewrite(db: Database, size: int) -> None:
    """A dishonest operator makes the log anew, whole and sound in itself."""
    with db.engine.begin() as conn:
        for table in (privacy_log_entry, privacy_log_node, privacy_log_head):
            conn.execute(sa.delete(table))
    for number in range(size):
        db.run(privacy.record_look, LOOK, about=f"@forged{number}:tea.example")


def test_an_honest_log_is_verified_and_its_growth_too(
    server: Server, house: Database, tmp_path: Path
) -> None:
    token = _register(server)
    witness = str(tmp_path / "witness.json")
    assert "has 0 entries" in _verify(server, "--witness", witness)
    for about in (ADA, "@ben:tea.example", ADA):
        house.run(privacy.record_look, LOOK, about=about)
    assert "has 3 entries" in _verify(server, "--witness", witness)
    for _ in range(4):
        house.run(privacy.record_look, LOOK, about=ADA)
    told = _verify(server, "--witness", witness, "--token", token)
    assert "has 7 entries" in told
    assert "begins with the 3 entries" in told
    assert "All 6 entries about you" in told


def test_a_log_that_was_rewritten_or_cut_is_found(
    server: Server, house: Database, tmp_path: Path
) -> None:
    witness = str(tmp_path / "witness.json")
    for _ in range(5):
        house.run(privacy.record_look, LOOK, about=ADA)
    _verify(server, "--witness", witness)
    _rewrite(house, 6)
    # Sound in itself: only who remembers finds out.
    _verify(server)
    assert "was rewritten" in _verify(server, "--witness", witness, exit_code=1)
    _rewrite(house, 4)
    assert "taken away" in _verify(server, "--witness", witness, exit_code=1)


def test_entries_that_are_not_what_was_signed_are_found(server: Server, house: Database) -> None:
    token = _register(server)
    for _ in range(3):
        house.run(privacy.record_look, LOOK, about=ADA)
    second = privacy_log_entry.c.entry_index == 1
    with house.engine.begin() as conn:
        conn.execute(sa.update(privacy_log_entry).where(second).values(body="{}"))
    assert "does not say" in _verify(server, "--token", token, exit_code=1)
    with house.engine.begin() as conn:
        conn.execute(sa.update(privacy_log_entry).where(second).values(commitment=b"c" * 32))
    assert "not that of the entries" in _verify(server, exit_code=1)


def test_another_key_and_another_server_are_refused(server: Server, tmp_path: Path) -> None:
    witness = tmp_path / "witness.json"
    _verify(server, "--witness", str(witness))
    witness.write_text(witness.read_text().replace("tea.example", "bea.example"))
    assert "another key" in _verify(server, "--witness", str(witness), exit_code=1)
    result = CliRunner().invoke(main, ["log", "verify", "http://127.0.0.1:9"])
    assert result.exit_code == 1
