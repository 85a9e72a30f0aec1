"""Uploading, finding and claiming the keys of devices, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
import sqlalchemy as sa

from teahouse import accounts
from teahouse.chat.event_store.tables import chat_membership
from teahouse.chat.keys import commands, queries
from teahouse.chat.keys.announcements import DeviceListChanged, KeyCountsChanged
from teahouse.chat.keys.errors import (
    KeysOfAnother,
    NoDevice,
    OneTimeKeyExists,
    TooManyKeys,
)
from teahouse.chat.keys.rules import ONE_TIME_KEYS_MAX
from teahouse.chat.keys.types import KeyCounts, KeysUpload, OneTimeKey
from teahouse.platform.announcements import Announcement
from teahouse.platform.db import Database, Tx
from teahouse.platform.errors import BadJson, InvalidParam, Refusal, UnknownToken
from teahouse.platform.requester import Requester
from tests.chat.keys.devices import ADA, BEN, Phone, register

CURVE = "signed_curve25519"
WISH = {ADA: {"PHONE": CURVE}}


@pytest.fixture
def heard(db: Database) -> list[Announcement]:
    """What is told after commits."""
    told: list[Announcement] = []
    db.listen(lambda announcements, _position: told.extend(announcements))
    return told


def test_uploaded_device_keys_are_found_as_they_came_with_the_name(
    db: Database, heard: list[Announcement]
) -> None:
    ada, phone = register(db, ADA, "PHONE", "Ada's phone"), Phone(ADA, "PHONE")
    heard.clear()
    upload = phone.upload()
    assert upload.device_keys is not None
    counts = db.run(commands.upload_keys, ada, upload)
    assert counts == KeyCounts({CURVE: 0}, [])
    assert heard == [DeviceListChanged(ADA, db.position)]

    found = db.look(queries.find_keys, Requester(user_id=BEN), {ADA: [], "@nobody:tea": []})
    expected = {**upload.device_keys, "unsigned": {}}
    assert found.device_keys == {ADA: {"PHONE": expected}, "@nobody:tea": {}}
    # What she calls it is for her alone.
    own = db.look(queries.find_keys, ada, {ADA: []}).device_keys[ADA]["PHONE"]
    assert own == {**expected, "unsigned": {"device_display_name": "Ada's phone"}}
    assert found.master_keys == found.user_signing_keys == found.failures == {}

    chosen = db.look(queries.find_keys, Requester(user_id=BEN), {ADA: ["OTHER"]})
    assert chosen.device_keys == {ADA: {}}


def test_repeated_device_keys_change_nothing(db: Database, heard: list[Announcement]) -> None:
    ada, phone = register(db, ADA, "PHONE"), Phone(ADA, "PHONE")
    identity = phone.identity()
    db.run(commands.upload_keys, ada, KeysUpload(device_keys=identity))
    heard.clear()
    again = {**identity, "unsigned": {"device_display_name": "made up"}}
    db.run(commands.upload_keys, ada, KeysUpload(device_keys=again))
    assert heard == []
    found = db.look(queries.find_keys, ada, {ADA: []})
    assert found.device_keys[ADA]["PHONE"]["unsigned"] == {}


def test_changed_device_keys_replace_the_earlier_ones(db: Database) -> None:
    ada = register(db, ADA, "PHONE")
    db.run(commands.upload_keys, ada, Phone(ADA, "PHONE").upload())
    before = db.position
    later = Phone(ADA, "PHONE").upload()
    db.run(commands.upload_keys, ada, later)
    assert later.device_keys is not None
    found = db.look(queries.find_keys, ada, {ADA: []}).device_keys[ADA]["PHONE"]
    assert found["keys"] == later.device_keys["keys"]
    assert db.look(queries.find_changed_users, BEN, before, {ADA}) == {ADA}
    assert db.look(queries.find_changed_users, BEN, before, set()) == set()
    assert db.look(queries.find_changed_users, BEN, db.position, {ADA}) == set()


@pytest.mark.parametrize(
    ("upload", "refusal"),
    [
        (KeysUpload(device_keys={"user_id": ADA}), BadJson),
        (Phone(BEN, "PHONE").upload(), KeysOfAnother),
        (Phone(ADA, "TABLET").upload(), KeysOfAnother),
        (
            KeysUpload(device_keys={**Phone(ADA, "PHONE").identity(), "keys": {"ed25519:X": "k"}}),
            InvalidParam,
        ),
        (KeysUpload(device_keys={**Phone(ADA, "PHONE").identity(), "n": 1.5}), BadJson),
        (KeysUpload(one_time_keys={"no algorithm": "k"}), InvalidParam),
        (KeysUpload(one_time_keys={f"{CURVE}:A": {"kee": "k"}}), BadJson),
        (KeysUpload(fallback_keys={f"{CURVE}:A": "k", f"{CURVE}:B": "k"}), InvalidParam),
        (
            KeysUpload(one_time_keys={f"c:{n}": "k" for n in range(ONE_TIME_KEYS_MAX + 1)}),
            TooManyKeys,
        ),
    ],
)
def test_keys_of_the_wrong_form_are_refused(
    db: Database, upload: KeysUpload, refusal: type[Refusal]
) -> None:
    ada = register(db, ADA, "PHONE")
    with pytest.raises(refusal):
        db.run(commands.upload_keys, ada, upload)
    assert db.look(queries.find_keys, ada, {ADA: []}).device_keys == {ADA: {}}
    assert db.look(queries.find_key_counts, ADA, "PHONE") == KeyCounts({CURVE: 0}, [])


def test_only_a_device_that_is_signed_in_can_upload(db: Database) -> None:
    ada, upload = register(db, ADA, "PHONE"), Phone(ADA, "PHONE").upload()
    with pytest.raises(NoDevice):
        db.run(commands.upload_keys, Requester(user_id=ADA), upload)
    db.run(accounts.remove_devices, ADA, ["PHONE"])
    with pytest.raises(UnknownToken):
        db.run(commands.upload_keys, ada, upload)


def test_one_time_keys_may_be_repeated_but_not_changed(
    db: Database, heard: list[Announcement]
) -> None:
    ada, phone = register(db, ADA, "PHONE"), Phone(ADA, "PHONE")
    keys = phone.one_time_keys(3)
    heard.clear()
    counts = db.run(commands.upload_keys, ada, KeysUpload(one_time_keys=keys))
    assert counts.one_time_key_counts == {CURVE: 3}
    assert heard == [KeyCountsChanged(ADA, "PHONE")]

    signed_anew: dict[str, OneTimeKey] = {
        name: {"key": key["key"], "signatures": {}} for name, key in keys.items()
    }
    counts = db.run(commands.upload_keys, ada, KeysUpload(one_time_keys=signed_anew))
    assert counts.one_time_key_counts == {CURVE: 3}

    other: dict[str, OneTimeKey] = {next(iter(keys)): {"key": "another"}, f"{CURVE}:NEW": "k"}
    with pytest.raises(OneTimeKeyExists):
        db.run(commands.upload_keys, ada, KeysUpload(one_time_keys=other))
    assert db.look(queries.find_key_counts, ADA, "PHONE").one_time_key_counts == {CURVE: 3}


def test_keys_are_handed_out_once_each_in_order_then_the_fallback_key(
    db: Database, heard: list[Announcement]
) -> None:
    ada, phone = register(db, ADA, "PHONE"), Phone(ADA, "PHONE")
    first, second, fallback = (
        phone.one_time_keys(2),
        phone.one_time_keys(2),
        phone.fallback_key(),
    )
    db.run(commands.upload_keys, ada, KeysUpload(one_time_keys=first))
    db.run(commands.upload_keys, ada, KeysUpload(one_time_keys=second, fallback_keys=fallback))
    assert db.look(queries.find_key_counts, ADA, "PHONE") == KeyCounts({CURVE: 4}, [CURVE])
    heard.clear()

    claimed = [db.run(commands.claim_keys, WISH)[0] for _ in range(4)]
    names = [f"{key.algorithm}:{key.key_id}" for key in claimed]
    assert set(names[:2]) == set(first)
    assert set(names[2:]) == set(second)
    keys = first | second
    for name, key in zip(names, claimed, strict=True):
        assert msgspec.json.decode(key.key) == keys[name]
    assert heard == [KeyCountsChanged(ADA, "PHONE")] * 4

    for _ in range(2):
        (key,) = db.run(commands.claim_keys, WISH)
        assert {f"{key.algorithm}:{key.key_id}": msgspec.json.decode(key.key)} == fallback
    assert db.look(queries.find_key_counts, ADA, "PHONE") == KeyCounts({CURVE: 0}, [])
    # Sending the used key again does not make it fresh, a new one is.
    db.run(commands.upload_keys, ada, KeysUpload(fallback_keys=fallback))
    assert db.look(queries.find_key_counts, ADA, "PHONE").unused_fallback_key_types == []
    db.run(commands.upload_keys, ada, KeysUpload(fallback_keys=phone.fallback_key()))
    assert db.look(queries.find_key_counts, ADA, "PHONE").unused_fallback_key_types == [CURVE]


def test_what_is_not_there_is_not_handed_out(db: Database) -> None:
    ada = register(db, ADA, "PHONE")
    db.run(commands.upload_keys, ada, KeysUpload(one_time_keys={f"{CURVE}:A": "k"}))
    wishes = {ADA: {"PHONE": "other", "TABLET": CURVE}, "@nobody:tea": {"PHONE": CURVE}}
    assert db.run(commands.claim_keys, wishes) == []
    assert db.run(commands.claim_keys, {}) == []
    too_many = {ADA: {str(n): CURVE for n in range(queries.USERS_MAX + 1)}}
    with pytest.raises(InvalidParam):
        db.run(commands.claim_keys, too_many)


def test_concurrent_claims_never_get_the_same_key(db: Database) -> None:
    ada, phone = register(db, ADA, "PHONE"), Phone(ADA, "PHONE")
    db.run(commands.upload_keys, ada, phone.upload(40))
    with ThreadPoolExecutor(8) as claimers:
        answers = list(claimers.map(lambda _: db.run(commands.claim_keys, WISH), range(50)))
    claimed = [key.key_id for answer in answers for key in answer]
    assert len(claimed) == len(set(claimed)) == 40
    assert answers.count([]) == 10


def test_two_servers_on_one_database_never_hand_out_the_same_key(
    db: Database, database_url: str
) -> None:
    ada, phone = register(db, ADA, "PHONE"), Phone(ADA, "PHONE")
    db.run(commands.upload_keys, ada, phone.upload(40))
    other = Database(database_url, clock=db.clock, chance=db.chance)
    other.start()
    try:
        with ThreadPoolExecutor(8) as claimers:
            answers = list(
                claimers.map(lambda n: (db, other)[n % 2].run(commands.claim_keys, WISH), range(50))
            )
    finally:
        other.stop()
    claimed = [key.key_id for answer in answers for key in answer]
    assert len(claimed) == len(set(claimed)) == 40


def test_keys_of_a_thousand_members_take_few_statements(db: Database) -> None:
    users = [f"@member{n}:tea" for n in range(1000)]
    keys: dict[str, OneTimeKey] = {f"{CURVE}:A": "k"}
    for user_id in users[:3]:
        requester = register(db, user_id, "D")
        db.run(commands.upload_keys, requester, Phone(user_id, "D").upload())
        db.run(commands.upload_keys, requester, KeysUpload(one_time_keys=keys))

    statements: list[str] = []

    @sa.event.listens_for(db.engine, "before_cursor_execute")
    def _note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    claimed = db.run(commands.claim_keys, {user_id: {"D": CURVE} for user_id in users})
    found = db.look(queries.find_keys, Requester(user_id=ADA), {user: [] for user in users})
    assert len(claimed) == 3
    assert len(found.device_keys) == 1000
    assert len(statements) < 15


def test_who_came_and_who_went_is_found(db: Database) -> None:
    memberships = [
        # room, member, membership, position
        ("!old", ADA, "join", 1),
        ("!old", "@there:tea", "join", 2),
        ("!old", "@gone_long_ago:tea", "leave", 3),
        ("!old", "@came:tea", "join", 11),
        ("!old", "@went:tea", "leave", 12),
        ("!old", "@banned:tea", "ban", 12),
        ("!old", "@invited:tea", "invite", 12),
        ("!joined", ADA, "join", 13),
        ("!joined", "@host:tea", "join", 4),
        ("!joined", "@former:tea", "leave", 5),
        ("!left", ADA, "leave", 14),
        ("!left", "@stayed:tea", "join", 6),
        ("!left", "@also_left:tea", "leave", 7),
        ("!left_long_ago", ADA, "leave", 8),
        ("!left_long_ago", "@stranger:tea", "join", 15),
        ("!invited", ADA, "invite", 16),
        ("!invited", "@inviter:tea", "join", 9),
    ]

    def insert(tx: Tx) -> None:
        rows = [
            {
                "room_id": room_id,
                "user_id": user_id,
                "membership": membership,
                "position": position,
                "is_forgotten": False,
            }
            for room_id, user_id, membership, position in memberships
        ]
        tx.conn.execute(sa.insert(chat_membership), rows)

    db.run(insert)
    new, gone = db.look(queries.find_new_and_gone_peers, ADA, 10)
    assert new == {"@came:tea", "@host:tea"}
    assert gone == {"@went:tea", "@banned:tea", "@stayed:tea"}
