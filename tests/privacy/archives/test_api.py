"""Archives as a member gets them: whole, signed, theirs alone, and gone after a week."""

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest

from teahouse.platform.db import Database
from teahouse.privacy.archives.rules import is_path, is_signed
from teahouse.privacy.archives.types import Manifest, ManifestSignature
from tests.kit.archives import make_archive, open_archive
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


def test_an_archive_holds_what_was_said_sent_and_paid_and_is_signed(
    house: WholeHouse, loop: asyncio.Runner
) -> None:
    loop.run(_try_whole(house))
