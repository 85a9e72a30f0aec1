"""Archives that somebody made up are refused with a clear 4xx, and nothing of them stays."""

import asyncio
import hashlib
import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from teahouse.platform.db import Database
from tests.kit.chat_house import Guest, register_guest
from tests.kit.whole_house import WholeHouse
from tests.privacy.imports.test_moving import IMPORTS, bring

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def make(files: dict[str, bytes], *, sign: bool = True, **said: Any) -> bytes:
    """An archive as a house makes it, of any files, signed by a key of the test's."""
    listed = [
        {"path": path, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for path, content in files.items()
    ]
    manifest = {
        "format": "teahouse-archive-1", "server_name": "evil.test", "user_id": "@eve:evil.test",
        "created_at": 1, "language": "en", "files": listed, **said,
    }  # fmt: skip
    raw = json.dumps(manifest).encode()
    text = f"teahouse-archive-1\nevil.test\n{hashlib.sha256(raw).hexdigest()}\n"
    signature = {
        "algorithm": "Ed25519",
        "signed": text,
        "signature": b64encode(KEY.sign(text.encode() if sign else b"else")).decode(),
        "public_key": b64encode(KEY.public_key().public_bytes_raw()).decode(),
    }
    return pack({**files, "manifest.json": raw, "manifest.sig": json.dumps(signature).encode()})


def pack(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return out.getvalue()


GOOD = {"index.html": b"hello"}
HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "not-an-archive"),
    "no zip": (b"PK\x03\x04 and then nothing", "not-an-archive"),
    "another zip": (pack(GOOD), "not-an-archive"),
    "no manifest": (
        pack({**GOOD, "manifest.json": b"{}", "manifest.sig": b"{}"}),
        "not-an-archive",
    ),
    "no signature of it": (make(GOOD, sign=False), "archive-tampered"),
    "another format": (make(GOOD, format="teahouse-archive-9"), "not-an-archive"),
    "a path above": (make({"../evil": b"x"}), "unsafe-archive"),
    "a path within above": (make({"a/../../evil": b"x"}), "unsafe-archive"),
    "a path from the root": (make({"/etc/passwd": b"x"}), "unsafe-archive"),
    "a drive": (make({"C:evil": b"x"}), "unsafe-archive"),
    "a backslash": (make({"a\\evil": b"x"}), "unsafe-archive"),
    "a hidden name": (make({".ssh/keys": b"x"}), "unsafe-archive"),
    "a bomb": (make({"bomb": bytes(200 * 2**20)}), "unsafe-archive"),
    "a file more": (
        pack({"more": b"x", **{n: zipfile.ZipFile(io.BytesIO(make(GOOD))).read(n)
              for n in (*GOOD, "manifest.json", "manifest.sig")}}),
        "archive-tampered",
    ),
    "profile of another shape": (make({"data/accounts/profile.json": b"[]"}), "not-an-archive"),
    "contacts of another shape": (make({"data/chat/contacts.json": b"7"}), "not-an-archive"),
    "settings not text": (make({"data/chat/settings.json": b"\xff\xfe"}), "not-an-archive"),
    "room of another shape": (make({"chats/1/room.json": b"{}"}), "not-an-archive"),
}  # fmt: skip


async def _try_all(house: WholeHouse, eve: Guest, tries: dict[str, tuple[bytes, str]]) -> None:
    for name, (content, code) in tries.items():
        answer = await bring(eve, content)
        told = answer.json()
        assert 400 <= answer.status_code < 500, (name, answer.text)
        assert told["type"] == f"urn:teahouse:problem:{code}", name
    assert (await eve.call("GET", IMPORTS)).json() == []
    folder = house.services.settings.data_dir / "files" / "imports"
    assert not folder.exists() or list(folder.iterdir()) == []


def _flip(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The archive with one bit changed, here and there."""
    step = max(1, len(content) // 60)
    for place in range(0, len(content), step):
        changed = bytearray(content)
        changed[place] ^= 1
        yield f"bit at {place}", bytes(changed)


async def _try_flips(eve: Guest) -> None:
    """Whatever is changed, it is refused, or it does not matter to what is in it."""
    files = {"data/accounts/profile.json": b'{"profile": {"displayname": "Eve"}}', **GOOD}
    for name, changed in _flip(make(files)):
        answer = await bring(eve, changed)
        assert answer.status_code < 500, (name, answer.text)
        if answer.is_success:
            # Bits of a ZIP file that say nothing: instants, rights, versions.
            assert answer.json()["offers"][0]["count"] == 1, name


async def _try_strangers(eve: Guest, ada: Guest) -> None:
    taken = (await bring(eve, make(GOOD))).json()
    place = f"{IMPORTS}/{taken['import_id']}"
    for method, path in (("GET", place), ("DELETE", place), ("POST", f"{place}/begin")):
        body: dict[str, Any] | None = {"kinds": []} if method == "POST" else None
        assert (await ada.call(method, path, body)).status_code == 404
    await _try_bounds(eve, place)


async def _try_bounds(eve: Guest, place: str) -> None:
    unknown = await eve.call("POST", f"{place}/begin", {"kinds": ["money-please"]})
    assert unknown.status_code == 400
    large = await eve.house.http.post(
        IMPORTS,
        content=b"x",
        headers={"Authorization": f"Bearer {eve.token}", "Content-Length": str(2**40)},
    )
    assert large.status_code == 413


async def _try_everything(house: WholeHouse) -> None:
    eve, ada = await register_guest(house, "eve"), await register_guest(house, "ada")
    await _try_all(house, eve, HOSTILE)
    await _try_flips(eve)
    await _try_strangers(eve, ada)


def test_archives_that_somebody_made_up_are_refused_and_imports_are_their_members_alone(
    db: Database, tmp_path: Path
) -> None:
    with asyncio.Runner() as loop:
        loop.run(_try_everything(WholeHouse(db, tmp_path)))
