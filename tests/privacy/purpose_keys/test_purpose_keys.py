"""What is derived under a consent is gone in the moment in which the consent is taken back."""

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from teahouse.chat.suggestions.jobs import suggest_all
from teahouse.chat.suggestions.tables import chat_suggestion
from teahouse.migrations.tables_of_all import load_all_tables
from teahouse.platform.data_map import derived, impersonal, personal
from teahouse.platform.db import Database, Read
from teahouse.platform.jobs import NoPayload
from teahouse.privacy import PurposeKeys
from teahouse.privacy.member_keys.live import MemberKeys
from teahouse.privacy.policy.types import PURPOSES, Purpose
from teahouse.privacy.purpose_keys.errors import UnsealedPurpose
from teahouse.privacy.purpose_keys.rules import check_derived
from tests.kit.chat_house import Guest, register_guest
from tests.kit.whole_house import WholeHouse

CONSENT = "/api/v1/privacy/consents/contact_suggestions"
SUGGESTIONS = "/api/v1/chat/suggestions"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def house(db: Database, data: Path) -> WholeHouse:
    data.mkdir()
    return WholeHouse(db, data)


async def _answer(guest: Guest, answer: str) -> None:
    await guest.change("PUT", CONSENT, {"answer": answer})


async def _meet(house: WholeHouse) -> tuple[Guest, Guest]:
    """Two who share a chat of three."""
    ada, ben, cleo = [await register_guest(house, name) for name in ("ada", "ben", "cleo")]
    room_id = await ada.create_room()
    for one in (ben, cleo):
        await one.join(room_id)
    return ada, ben


def _rows(read: Read) -> list[bytes]:
    return list(read.conn.execute(sa.select(chat_suggestion.c.sealed)).scalars())


def _keys_of_consents(data: Path) -> list[bytes]:
    with sqlite3.connect(data / "keys" / "member-keys.db") as conn:
        found = conn.execute("SELECT key FROM member_key WHERE owner LIKE 'consent:%'")
        return [key for (key,) in found if key is not None]


def _count_in_files(folder: Path, needle: bytes) -> int:
    return sum(one.read_bytes().count(needle) for one in folder.rglob("*") if one.is_file())


@pytest.mark.anyio
async def test_taking_a_consent_back_destroys_what_was_derived_and_every_copy(
    house: WholeHouse, data: Path, tmp_path: Path
) -> None:
    ada, ben = await _meet(house)
    assert await ada.get(SUGGESTIONS) == []
    await suggest_all(house.services, NoPayload())
    assert house.db.look(_rows) == [], "nobody said yes"

    await _answer(ada, "yes")
    assert {"user_id": ben.user_id, "shared": 1} in await ada.get(SUGGESTIONS)
    assert await ben.get(SUGGESTIONS) == [], "another's yes is not his"
    [sealed], [key] = house.db.look(_rows), _keys_of_consents(data)
    assert ben.user_id.encode() not in sealed
    assert _count_in_files(data, key) == 1, "the search finds what is there"
    keys = house.services.get(MemberKeys)
    keys.copy_to(tmp_path / "copy.db")
    assert _count_in_files(tmp_path, key) == 1, "no copy of the keys has it"

    await _answer(ada, "no")
    assert await ada.get(SUGGESTIONS) == []
    assert house.db.look(_rows) == []
    assert _count_in_files(tmp_path, key) == 0

    # A backup brings back the row and the yes, but not what would open it or seal anew.
    def restore(tx: object) -> bytes | None:
        purpose = house.services.get(PurposeKeys)
        column = chat_suggestion.c.sealed
        return purpose.open(tx, ada.user_id, column, sealed)  # type: ignore[arg-type]  # a Tx

    assert house.db.look(restore) is None
    await _answer(ada, "yes")
    [anew] = _keys_of_consents(data)
    assert anew != key
    assert house.db.look(restore) is None, "another yes has another key"


@pytest.mark.anyio
async def test_a_yes_from_a_backup_derives_nothing(house: WholeHouse, data: Path) -> None:
    ada, _ = await _meet(house)
    await _answer(ada, "yes")
    history = await ada.get("/api/v1/privacy/consents/history")
    owner = f"consent:{history['items'][0]['receipt_id']}"
    # The house was restored to the day before the member took it back.
    house.services.get(MemberKeys).destroy(owner, now=house.services.clock.now_ms())
    await suggest_all(house.services, NoPayload())
    assert await ada.get(SUGGESTIONS) == []
    assert _keys_of_consents(data) == []


@pytest.mark.anyio
async def test_without_destroying_the_key_the_copy_would_open(
    house: WholeHouse, data: Path
) -> None:
    """The control: rows alone are no erasure, since backups have them."""
    ada, ben = await _meet(house)
    await _answer(ada, "yes")
    [sealed], [key] = house.db.look(_rows), _keys_of_consents(data)
    house.db.run(lambda tx: tx.conn.execute(sa.delete(chat_suggestion)).rowcount)
    assert _count_in_files(data, key) == 1
    keys = house.services.get(PurposeKeys)
    found = house.db.look(
        lambda read: keys.open(read, ada.user_id, chat_suggestion.c.sealed, sealed)
    )
    assert found is not None
    assert ben.user_id.encode() in found


@pytest.mark.anyio
async def test_who_is_erased_leaves_no_key_of_a_consent(house: WholeHouse, data: Path) -> None:
    ada, _ = await _meet(house)
    await _answer(ada, "yes")
    assert len(_keys_of_consents(data)) == 1
    answer = await house.confirm("POST", "/account/deactivate", {"erase": True}, token=ada.token)
    assert answer.status_code == 200, answer.text
    assert _keys_of_consents(data) == []
    assert house.db.look(_rows) == []


def _purpose(name: str, *, derives: bool) -> dict[str, Purpose]:
    words = {"en": "x", "zh": "x"}
    return {name: Purpose(name=name, title=words, text=words, data=("money",), derives=derives)}


def _table(name: str, **columns: object) -> sa.Table:
    return sa.Table(
        name,
        sa.MetaData(),
        *(
            sa.Column(column, sa.LargeBinary if column == "sealed" else sa.Text, info=info)  # type: ignore[arg-type]  # as declared
            for column, info in columns.items()
        ),
    )


def test_a_purpose_that_derives_data_has_no_place_without_a_key() -> None:
    check_derived(load_all_tables().tables.values(), PURPOSES)
    who = personal("identifier", "x", keep="30 days", basis="consent")
    sealed = derived("money", "x", keep="30 days", under="score")
    plain = personal("money", "x", keep="30 days")
    good = _table("bank_score", user_id=who | sealed, sealed=sealed)
    check_derived(
        [_table("bank_score", user_id=plain, sealed=sealed, at=impersonal())],
        _purpose("score", derives=True),
    )
    for tables, purposes, words in (
        ([], _purpose("score", derives=True), "no column is under it"),
        ([good], {}, "is no purpose"),
        ([good], _purpose("score", derives=False), "is no purpose"),
        ([_table("bank_score", sealed=sealed)], _purpose("score", derives=True), "whose it is"),
        (
            [_table("bank_score", user_id=plain, sealed=sealed, points=plain)],
            _purpose("score", derives=True),
            "bank_score.points stands unsealed",
        ),
        (
            [_table("bank_score", user_id=plain, words=sealed)],
            _purpose("score", derives=True),
            "bank_score.words stands unsealed",
        ),
        ([_table("bank_view", seen=personal("activity", "x", keep="30 days", basis="consent"))],
         {}, "names no purpose"),
    ):  # fmt: skip
        with pytest.raises(UnsealedPurpose, match=words):
            check_derived(tables, purposes)


def test_a_house_does_not_open_with_such_a_purpose(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from teahouse import privacy

    services = WholeHouse(db, tmp_path).services
    load_all_tables()
    monkeypatch.setitem(PURPOSES, "score", _purpose("score", derives=True)["score"])
    with pytest.raises(UnsealedPurpose, match="score derives data"):
        privacy.publish_policy(services)
