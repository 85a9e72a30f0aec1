"""An owner's record proves itself, and nobody can put a word into it."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from click.testing import CliRunner

from teahouse.chat.duty_records.rules import BadRecord, sign_record, verify_record
from teahouse.chat.duty_records.types import DutyRecord
from teahouse.chat.events import SigningKey
from teahouse.cli import main
from teahouse.platform.db import Database
from tests.kit.chat_house import Guest, make_chat_house, register_guest
from tests.kit.house import House


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def house(db: Database, tmp_path: Path) -> House:
    return make_chat_house(db, tmp_path)


async def _keep_order(house: House) -> tuple[Guest, Guest, str]:
    ada, ben, cleo = [await register_guest(house, name) for name in ("ada", "ben", "cleo")]
    room_id = await ada.create_room()
    for one in (ben, cleo):
        await one.join(room_id)
    said = await ben.say(room_id, "a rude word")
    await ada.redact(room_id, said)
    path = f"/rooms/{quote(room_id)}"
    await ada.change("POST", f"{path}/kick", {"user_id": ben.user_id, "reason": "Rude"})
    await ada.change("POST", f"{path}/ban", {"user_id": cleo.user_id, "reason": "Ruder"})
    return ada, ben, room_id


def _path(room_id: str) -> str:
    return f"/api/v1/rooms/{quote(room_id)}/duty_record"


def _drop(told: Any) -> None:
    del told["duties"][1]


def _swap(told: Any) -> None:
    told["duties"].reverse()


def _reword(told: Any) -> None:
    told["duties"][-1]["event"]["content"]["reason"] = "Because I could"


def _blame(told: Any) -> None:
    told["duties"][-1]["event"]["sender"] = "@ben:teahouse.test"


def _empty(told: Any) -> None:
    told["duties"][-1]["event"]["content"]["reason"] = "x"
    told["duties"][-1]["is_emptied"] = True


def _date(told: Any) -> None:
    told["made_at"] += 1


_CHANGES: tuple[Callable[[Any], None], ...] = (_drop, _swap, _reword, _blame, _empty, _date)


@pytest.mark.anyio
async def test_a_record_proves_itself_and_every_change_shows(house: House, tmp_path: Path) -> None:
    ada, ben, room_id = await _keep_order(house)
    answer = await ada.call("GET", _path(room_id))
    assert answer.status_code == 200, answer.text
    told = answer.json()
    record = verify_record(told)
    assert [one.deed for one in record.duties] == ["redaction", "kick", "ban"]
    assert record.is_whole
    assert "Ruder" in answer.text
    assert "a rude word" not in answer.text, "what was said is in no record"
    assert (await ben.call("GET", _path(room_id))).status_code == 403

    for change in _CHANGES:
        forged = copy.deepcopy(told)
        change(forged)
        with pytest.raises(BadRecord):
            verify_record(forged)
    file = tmp_path / "record.json"
    file.write_bytes(answer.content)
    done = CliRunner().invoke(main, ["log", "duty", str(file), "--key", record.public_key])
    assert done.exit_code == 0, done.output
    assert "ban" in done.output
    file.write_bytes(answer.content.replace(b"Ruder", b"Nicer"))
    assert CliRunner().invoke(main, ["log", "duty", str(file)]).exit_code == 1


@pytest.mark.anyio
async def test_who_signs_anew_with_the_house_key_cannot_change_what_was_done(house: House) -> None:
    """A signature of the whole alone would let whoever has the key rewrite it."""
    from teahouse.chat.event_store.commands import RoomStore

    ada, _ben, room_id = await _keep_order(house)
    told = (await ada.call("GET", _path(room_id))).json()
    key = house.services.get(RoomStore).signing_key
    for change in (_reword, _blame, _swap):
        forged = copy.deepcopy(told)
        change(forged)
        del forged["signatures"]
        with pytest.raises(BadRecord):
            verify_record(sign_record(msgspec.convert(forged, DutyRecord), key))
    other = SigningKey.from_seed(bytes(32), key_id=key.key_id, server_name=key.server_name)
    del told["signatures"]
    with pytest.raises(BadRecord):
        verify_record(sign_record(msgspec.convert(told, DutyRecord), other), key.public_key)
