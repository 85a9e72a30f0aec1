"""Archives as a member gets them: whole, signed, theirs alone, and gone after a week."""

import asyncio
import hashlib
import json
import zipfile
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from urllib.parse import quote

import httpx
import jsonschema
import msgspec
import pytest

from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from teahouse.privacy.archives.live import ArchiveMaker
from teahouse.privacy.archives.rules import is_path, is_signed
from teahouse.privacy.archives.types import Manifest, ManifestSignature
from tests.kit.archives import (
    ARCHIVES,
    ask_archive,
    download_archive,
    get_ticket,
    make_archive,
    open_archive,
    run_jobs,
)
from tests.kit.chat_house import Guest, register_guest
from tests.kit.wallet_house import Payer, register_payer
from tests.kit.whole_house import WholeHouse

PICTURE = b"\x89PNG\r\n\x1a\n" + b"not really a picture" * 20
DAY_MS = 86_400_000


@pytest.fixture
def house(db: Database, tmp_path: Path) -> WholeHouse:
    return WholeHouse(db, tmp_path)


@pytest.fixture
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


async def _upload(guest: Guest, content: bytes, name: str) -> str:
    done = await guest.house.http.post(
        f"/_matrix/media/v3/upload?filename={quote(name)}",
        content=content,
        headers={"Authorization": f"Bearer {guest.token}", "Content-Type": "image/png"},
    )
    return str(done.json()["content_uri"])


async def _live(house: WholeHouse) -> tuple[Payer, Guest, str]:
    """Ada and Ben talk, pay and send a picture. Returns both and the room."""
    ada, ben = await register_payer(house, "ada", cny=5000), await register_guest(house, "ben")
    await ada.change("PUT", f"/profile/{ada.user_id}/displayname", {"displayname": "Ada <b>"})
    room = await ada.create_room(name="Tea & talk")
    await ben.join(room)
    await ada.say(room, "Good morning <script>alert(1)</script>")
    await ben.say(room, "早上好")
    url = await _upload(ada, PICTURE, "leaf.png")
    await ada.send(room, {"msgtype": "m.image", "body": "leaf.png", "url": url})
    await ada.asked("POST", "/transfers", {
        "payee": ben.user_id, "amount": {"minor": 1200, "currency": "CNY"}, "message": "for tea",
    })  # fmt: skip
    return ada, ben, room


async def _try_whole(house: WholeHouse) -> None:
    ada, _ben, room = await _live(house)
    archive = open_archive(await make_archive(ada))
    names = archive.namelist()
    assert all(is_path(name) for name in names), names
    raw = archive.read("manifest.json")
    manifest = msgspec.json.decode(raw, type=Manifest)
    signature = msgspec.json.decode(archive.read("manifest.sig"), type=ManifestSignature)
    assert is_signed(manifest, raw, signature)
    assert {file.path for file in manifest.files} == {*names} - {"manifest.json", "manifest.sig"}
    for file in manifest.files:
        content = archive.read(file.path)
        assert hashlib.sha256(content).hexdigest() == file.sha256, file.path
        assert len(content) == file.size
        if file.path.endswith(".html"):
            page = content.decode()
            assert "<script" not in page, file.path
            assert "http://" not in page, file.path
            assert "https://" not in page, file.path
    _check_schemas(archive)
    start = archive.read("index.html").decode()
    assert "Tea &amp; talk" in start
    assert "Statement CNY" in start
    page = archive.read("chats/0001/page-1.html").decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "早上好" in page
    assert "Ada &lt;b&gt;" in page
    lines = archive.read("chats/0001/events.jsonl").splitlines()
    events = [msgspec.json.decode(line) for line in lines]
    assert events[0]["type"] == "m.room.create"
    assert sum(event["type"] == "m.room.message" for event in events) >= 3
    assert msgspec.json.decode(archive.read("chats/0001/room.json"))["room_id"] == room
    (picture,) = [name for name in names if name.startswith("media/")]
    assert archive.read(picture) == PICTURE
    assert f"../../{picture}" in page
    ended = [name.rpartition(".")[2] for name in names if name.startswith("money/statements/")]
    assert sorted(ended) == ["csv", "pdf", "xml"]
    assert any(name.startswith("money/receipts/pay_") for name in names)
    assert b"for tea" in archive.read("data/records/wallet_payment.jsonl")


def _check_schemas(archive: zipfile.ZipFile) -> None:
    """Every JSON file names its schema, which is in the archive, and is built by it."""
    index = json.loads(archive.read("schema/index.json"))
    # Schemas are described by the dialect they name; what members uploaded is theirs.
    told = {
        name
        for name in archive.namelist()
        if name.endswith((".json", ".jsonl", ".sig")) and not name.startswith(("schema/", "media/"))
    }
    assert set(index) == told
    assert "data/records/wallet_payment.jsonl" in told
    assert "chats/0001/events.jsonl" in told
    checked = 0
    for name, place in index.items():
        check = _validator(archive, place)
        content = archive.read(name)
        for one in content.splitlines() if name.endswith(".jsonl") else [content]:
            check.validate(json.loads(one))
            checked += 1
    assert checked > len(told)
    # The control: a schema that lets everything pass would prove nothing.
    check = _validator(archive, index["data/records/wallet_payment.jsonl"])
    row = json.loads(archive.read("data/records/wallet_payment.jsonl").splitlines()[0])
    for worse in ({**row, "minor": "700"}, {**row, "more": 1}, {"minor": 700}):
        assert not check.is_valid(worse)
    check = _validator(archive, index["data/wallet/transfers.json"])
    assert not check.is_valid({"transfers": [{"created_at": "yesterday"}]})
    assert not check.is_valid({"deep": [{"er": {"amount": {"minor": 7.5, "currency": "CNY"}}}]})
    assert not check.is_valid({"amount": {"minor": 7, "currency": "yuan"}})


def _validator(archive: zipfile.ZipFile, place: str) -> jsonschema.Draft202012Validator:
    schema = json.loads(archive.read(place))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_an_archive_holds_what_was_said_sent_and_paid_and_is_signed(
    house: WholeHouse, loop: asyncio.Runner
) -> None:
    loop.run(_try_whole(house))


async def _try_who_may(house: WholeHouse, clock: ManualClock) -> None:
    ada, ben, _room = await _live(house)
    asked = await ask_archive(ada)
    # The same request gets the same answer; another one has to wait.
    assert (await ask_archive(ada))["archive_id"] == asked["archive_id"]
    other = await ada.call("POST", ARCHIVES, {}, headers={"Idempotency-Key": "other"})
    assert (other.status_code, other.json()["type"]) == (
        409,
        "urn:teahouse:problem:archive-under-way",
    )
    place = f"{ARCHIVES}/{asked['archive_id']}"
    early = await ada.call("POST", f"{place}/ticket", {})
    assert early.json()["type"].endswith("archive-not-ready")
    await run_jobs(ada)
    done = (await ada.call("GET", place)).json()
    assert (done["status"], done["progress"]) == ("done", 100)
    for method, path in (("GET", ""), ("POST", "/ticket"), ("DELETE", "")):
        refused = await ben.call(method, f"{place}{path}", {} if method == "POST" else None)
        assert refused.status_code == httpx.codes.NOT_FOUND
    assert (await ben.call("GET", ARCHIVES)).json() == []
    # Whoever has the token alone, from a phone that was left open, does not get it.
    assert (await ada.call("GET", f"{place}/file")).status_code == httpx.codes.METHOD_NOT_ALLOWED
    unproven = await ada.call("POST", f"{place}/ticket", {})
    assert unproven.status_code == httpx.codes.UNAUTHORIZED
    auth = {"type": "m.login.password", "session": unproven.json()["session"], "password": "no"}
    wrong = await ada.call("POST", f"{place}/ticket", {"auth": auth})
    assert wrong.status_code == httpx.codes.UNAUTHORIZED
    assert "ticket" not in wrong.json()
    got = await download_archive(ada, place, await get_ticket(ada, place))
    assert len(got.content) == done["byte_count"] == int(got.headers["content-length"])
    # Sealed: what lies in the file store says nothing, and a byte that is changed is noticed.
    (stored,) = (house.services.settings.data_dir / "files/archives").iterdir()
    assert b"PK" not in stored.read_bytes()[:4]
    assert "早上好".encode() not in stored.read_bytes()
    await _try_tickets(ada, place, clock, got.content)
    await ada.call("DELETE", place)
    assert (await ada.call("GET", place)).status_code == httpx.codes.NOT_FOUND
    await run_jobs(ada)
    assert not stored.exists()
    # A week later one that was left lying is gone too.
    await make_archive(ada, "again")
    (stored,) = (house.services.settings.data_dir / "files/archives").iterdir()
    clock.advance(7 * DAY_MS + 1)
    assert (await ada.call("GET", ARCHIVES)).json() == []
    await run_jobs(ada)
    assert not stored.exists()


async def _try_tickets(ada: Guest, place: str, clock: ManualClock, content: bytes) -> None:
    send = partial(download_archive, ada, place)
    assert (await send("none")).json()["type"].endswith("unknown-ticket")
    first, ticket = [await get_ticket(ada, place) for _ in range(2)]
    assert (await send(first)).status_code == httpx.codes.FORBIDDEN, "a later one replaces it"
    assert (await send(ticket)).content == content
    assert (await send(ticket)).status_code == httpx.codes.FORBIDDEN, "good once"
    late = await get_ticket(ada, place)
    clock.advance(60_001)
    assert (await send(late)).status_code == httpx.codes.FORBIDDEN


def test_an_archive_is_its_members_alone_and_goes_after_a_week(
    house: WholeHouse, loop: asyncio.Runner, clock: ManualClock
) -> None:
    loop.run(_try_who_may(house, clock))


async def _try_failure(house: WholeHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, _ben, _room = await _live(house)

    async def break_off(self: ArchiveMaker) -> AsyncIterator[bytes]:  # noqa: ARG001 - as the real one
        yield b"PK"
        raise OSError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(ArchiveMaker, "write", break_off)
        await ask_archive(ada)
        await run_jobs(ada)
    (failed,) = (await ada.call("GET", ARCHIVES)).json()
    assert failed["status"] == "failed"
    assert not any((house.services.settings.data_dir / "files").rglob("arc_*"))
    # Another one can be asked for at once.
    assert open_archive(await make_archive(ada, "again")).namelist()


def test_one_that_could_not_be_made_says_so_and_bars_no_other(
    house: WholeHouse, loop: asyncio.Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop.run(_try_failure(house, monkeypatch))


async def _try_left_rooms(house: WholeHouse) -> None:
    ada, ben, room = await _live(house)
    await ben.leave(room)
    await ada.say(room, "he is gone now")
    archive = open_archive(await make_archive(ben, language="zh"))
    said = archive.read("chats/0001/events.jsonl").decode()
    assert "早上好" in said
    assert "he is gone now" not in said
    assert "您在 teahouse.test 的数据" in archive.read("index.html").decode()
    # Pictures that others showed are in it, what others keep to themselves is not.
    assert [archive.read(n) for n in archive.namelist() if n.startswith("media/")] == [PICTURE]
    assert all(b"5000" not in archive.read(n) for n in archive.namelist() if "records/wallet" in n)


def test_who_has_left_gets_what_they_could_see_and_no_more(
    house: WholeHouse, loop: asyncio.Runner
) -> None:
    loop.run(_try_left_rooms(house))
