"""The log as anybody reads it, and as the member does whose entries they are."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from teahouse import accounts, privacy
from teahouse.platform.checks import run_checks
from teahouse.platform.db import Database
from teahouse.privacy.checkpoints.rules import open_checkpoint, parse_verifier_key
from teahouse.privacy.transparency_log.rules import compute_root, hash_entry, is_included
from teahouse.privacy.transparency_log.tables import privacy_log_entry, privacy_log_node
from tests.kit.house import House, make_services
from tests.privacy.transparency_log.test_rules import Tree

LOG = "/api/v1/privacy/log"
LOOK = privacy.Look(actor="@mo:teahouse.test", role="moderator", fields=("a.b",), reason="report")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def house(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    services = make_services(db, tmp_path)
    made = House(services, [*privacy.install(services), *accounts.install(services)])
    yield made
    await made.http.aclose()


async def _get(house: House, path: str, **query: object) -> dict[str, object]:
    answer = await house.call("GET", f"{LOG}/{path}", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


@pytest.mark.anyio
async def test_anybody_can_rebuild_the_signed_root(house: House) -> None:
    for number in range(5):
        house.db.run(privacy.record_look, LOOK, about=f"@m{number}:teahouse.test")
    origin, key = parse_verifier_key(str((await _get(house, "key"))["verifier_key"]))
    note = (await house.call("GET", f"{LOG}/checkpoint")).text
    checkpoint = open_checkpoint(note, origin=origin, key=key)
    told = (await _get(house, "commitments"))["commitments"]
    assert isinstance(told, list)
    tree = Tree([bytes.fromhex(text) for text in told])
    assert (checkpoint.size, checkpoint.root) == (5, compute_root(5, tree.node))


@pytest.mark.anyio
async def test_a_member_sees_and_proves_their_own_entries_only(house: House) -> None:
    ada = await house.register("ada")
    for about in ("@ben:teahouse.test", ada["user_id"], ada["user_id"]):
        house.db.run(privacy.record_look, LOOK, about=about)
    answer = await house.call("GET", f"{LOG}/entries", token=ada["access_token"])
    assert [entry["index"] for entry in answer.json()["items"]] == [2, 1]
    path = f"{LOG}/entries?limit=1"
    page = (await house.call("GET", path, token=ada["access_token"])).json()
    path = f"{path}&cursor={page['next_cursor']}"
    [entry] = (await house.call("GET", path, token=ada["access_token"])).json()["items"]
    proof = (await _get(house, "inclusion", index=entry["index"], size=3))["hashes"]
    assert isinstance(proof, list)
    origin, key = parse_verifier_key(str((await _get(house, "key"))["verifier_key"]))
    note = (await house.call("GET", f"{LOG}/checkpoint")).text
    assert is_included(
        hash_entry(bytes.fromhex(entry["commitment"])),
        index=entry["index"],
        size=3,
        proof=[bytes.fromhex(text) for text in proof],
        root=open_checkpoint(note, origin=origin, key=key).root,
    )


@pytest.mark.anyio
@pytest.mark.parametrize(
    "path",
    ["inclusion?index=9&size=3", "consistency?old=5&new=4", "inclusion?index=x", "entries"],
)
async def test_what_cannot_be_proved_is_refused(house: House, path: str) -> None:
    answer = await house.call("GET", f"{LOG}/{path}")
    assert answer.status_code == (401 if path == "entries" else 400)


@pytest.mark.parametrize("damage", ["body", "commitment", "node", "entry"])
def test_the_check_finds_what_was_changed(db: Database, damage: str) -> None:
    for number in range(4):
        db.run(privacy.record_look, LOOK, about=f"@m{number}:teahouse.test")
    second = privacy_log_entry.c.entry_index == 1
    change: sa.Executable = {
        "body": sa.update(privacy_log_entry).where(second).values(body="{}"),
        "commitment": sa.update(privacy_log_entry).where(second).values(commitment=b"c" * 32),
        "node": sa.update(privacy_log_node)
        .where(privacy_log_node.c.level == 1, privacy_log_node.c.node_index == 1)
        .values(hash=b"n" * 32),
        "entry": sa.delete(privacy_log_entry).where(second),
    }[damage]
    checks = privacy.make_checks()
    assert not any(one.problems for one in db.look(lambda read: list(run_checks(read, checks))))
    with db.engine.begin() as conn:
        conn.execute(change)
    assert any(one.problems for one in db.look(lambda read: list(run_checks(read, checks))))
