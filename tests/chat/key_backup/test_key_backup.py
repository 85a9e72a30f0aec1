"""Key backups on both databases."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.chat.key_backup import commands, queries
from teahouse.chat.key_backup.errors import (
    AlgorithmFixed,
    BackedUpKeyNotFound,
    BackupNotFound,
    WrongBackupVersion,
)
from teahouse.chat.key_backup.personal_data import erase_member, export_member
from teahouse.chat.key_backup.rules import SESSION_DATA_BYTES_LIMIT, is_better
from teahouse.chat.key_backup.types import (
    BackupKeys,
    BackupState,
    ChangedVersion,
    NewVersion,
    Place,
    RoomKeys,
    SessionId,
    SessionKey,
)
from teahouse.platform.db import Database
from teahouse.platform.errors import BadJson, InvalidParam, Refusal, TooLarge

ADA, BEN = "@ada:tea", "@ben:tea"
ALGORITHM = "m.megolm_backup.v1.curve25519-aes-sha2"
NEW = NewVersion(ALGORITHM, {"public_key": "abc", "signatures": {}})


def key(
    index: int = 0, *, verified: bool = False, forwarded: int = 0, data: str = "x"
) -> SessionKey:
    return SessionKey(
        first_message_index=index,
        forwarded_count=forwarded,
        is_verified=verified,
        session_data=msgspec.Raw(msgspec.json.encode({"ciphertext": data})),
    )


def store(db: Database, keys: dict[SessionId, SessionKey], version: str = "1") -> BackupState:
    return db.run(commands.store_keys, ADA, version, keys)


def test_a_member_has_a_current_backup_of_ever_higher_version(db: Database) -> None:
    with pytest.raises(BackupNotFound):
        db.look(queries.find_version, ADA)
    assert [db.run(commands.create_version, ADA, NEW) for _ in range(3)] == ["1", "2", "3"]
    assert db.run(commands.create_version, BEN, NEW) == "1"
    found = db.look(queries.find_version, ADA)
    assert (found.version, found.algorithm, found.count) == ("3", ALGORITHM, 0)
    assert msgspec.json.decode(found.auth_data) == NEW.auth_data
    assert db.look(queries.find_version, ADA, "1").version == "1"

    db.run(commands.delete_version, ADA, "3")
    assert db.look(queries.find_version, ADA).version == "2"
    with pytest.raises(BackupNotFound):
        db.look(queries.find_version, ADA, "3")
    assert db.run(commands.create_version, ADA, NEW) == "4"


def test_a_deleted_backup_can_be_deleted_again_an_unknown_one_not(db: Database) -> None:
    db.run(commands.create_version, ADA, NEW)
    store(db, {("!a:tea", "s"): key()})
    for _ in range(2):
        db.run(commands.delete_version, ADA, "1")
    for user_id, version in ((ADA, "2"), (BEN, "1"), (ADA, "x")):
        with pytest.raises(BackupNotFound):
            db.run(commands.delete_version, user_id, version)
    with pytest.raises(BackupNotFound):
        db.look(queries.find_backup_keys, ADA, Place("1"))


def test_only_the_auth_data_of_a_backup_changes(db: Database) -> None:
    db.run(commands.create_version, ADA, NEW)
    db.run(commands.change_version, ADA, "1", ChangedVersion(ALGORITHM, {"b": 1}, "1"))
    found = db.look(queries.find_version, ADA)
    assert msgspec.json.decode(found.auth_data) == {"b": 1}
    for changed in (ChangedVersion("other", {}), ChangedVersion(ALGORITHM, {}, "2")):
        with pytest.raises(AlgorithmFixed):
            db.run(commands.change_version, ADA, "1", changed)
    with pytest.raises(BadJson):
        db.run(commands.change_version, ADA, "1", ChangedVersion(ALGORITHM, {"b": 1.5}))
    with pytest.raises(BackupNotFound):
        db.run(commands.change_version, ADA, "2", ChangedVersion(ALGORITHM, {}))
    assert db.look(queries.find_version, ADA) == found


def test_keys_are_stored_and_found_whole_by_room_and_by_session(db: Database) -> None:
    db.run(commands.create_version, ADA, NEW)
    keys = {("!a:tea", "s"): key(1), ("!a:tea", "t"): key(2), ("!b:tea", "s"): key(3)}
    state = store(db, keys)
    assert state.count == 3
    version = db.look(queries.find_version, ADA)
    assert BackupState(version.etag, version.count) == state

    room = RoomKeys({"s": keys["!a:tea", "s"], "t": keys["!a:tea", "t"]})
    whole = BackupKeys({"!a:tea": room, "!b:tea": RoomKeys({"s": keys["!b:tea", "s"]})})
    assert db.look(queries.find_backup_keys, ADA, Place("1")) == whole
    assert db.look(queries.find_room_keys, ADA, Place("1", "!a:tea")) == room
    assert db.look(queries.find_room_keys, ADA, Place("1", "!c:tea")) == RoomKeys({})
    found = db.look(queries.find_session_key, ADA, Place("1", "!b:tea", "s"))
    assert found == keys["!b:tea", "s"]
    with pytest.raises(BackedUpKeyNotFound):
        db.look(queries.find_session_key, ADA, Place("1", "!b:tea", "t"))
    with pytest.raises(BackupNotFound):
        db.look(queries.find_session_key, BEN, Place("1", "!b:tea", "s"))


def test_the_etag_tells_whether_keys_changed(db: Database) -> None:
    db.run(commands.create_version, ADA, NEW)
    first = store(db, {("!a:tea", "s"): key(5)})
    assert store(db, {("!a:tea", "s"): key(6)}) == first
    assert store(db, {}) == first
    better = store(db, {("!a:tea", "s"): key(4)})
    assert better.count == first.count
    assert better.etag != first.etag


def test_keys_are_only_added_to_the_current_backup(db: Database) -> None:
    with pytest.raises(BackupNotFound):
        store(db, {})
    for _ in range(2):
        db.run(commands.create_version, ADA, NEW)
    with pytest.raises(WrongBackupVersion) as refused:
        store(db, {("!a:tea", "s"): key()})
    assert refused.value.data == {"current_version": "2"}
    assert db.look(queries.find_backup_keys, ADA, Place("1")) == BackupKeys({})


def test_keys_are_deleted_whole_by_room_and_by_session(db: Database) -> None:
    db.run(commands.create_version, ADA, NEW)
    names = [("!a:tea", "s"), ("!a:tea", "t"), ("!b:tea", "s"), ("!c:tea", "s")]
    before = store(db, dict.fromkeys(names, key()))
    places = [
        (Place("1", "!a:tea", "s"), 3),
        (Place("1", "!a:tea"), 2),
        (Place("1", "!nowhere:tea"), 2),
        (Place("1"), 0),
    ]
    for place, count in places:
        state = db.run(commands.delete_keys, ADA, place)
        assert state.count == count
        assert (state.etag == before.etag) == (state.count == before.count)
        before = state
        with pytest.raises(BackupNotFound):
            db.run(commands.delete_keys, BEN, place)
    assert db.look(queries.find_backup_keys, ADA, Place("1")) == BackupKeys({})


@pytest.mark.parametrize(
    ("name", "session_data", "refusal"),
    [
        (("", "s"), b"{}", InvalidParam),
        (("!a:tea", "s" * 256), b"{}", InvalidParam),
        (("!a:tea", "s"), b'"text"', BadJson),
        (("!a:tea", "s"), b'{"a":"\xff"}', BadJson),
        (("!a:tea", "s"), b'{"a":"%s"}' % (b"x" * SESSION_DATA_BYTES_LIMIT), TooLarge),
    ],
)
def test_keys_of_the_wrong_form_are_refused(
    db: Database, name: SessionId, session_data: bytes, refusal: type[Refusal]
) -> None:
    db.run(commands.create_version, ADA, NEW)
    wrong = msgspec.structs.replace(key(), session_data=msgspec.Raw(session_data))
    with pytest.raises(refusal):
        store(db, {("!good:tea", "s"): key(), name: wrong})
    assert db.look(queries.find_version, ADA).count == 0


uploads = st.dictionaries(
    st.tuples(st.sampled_from(["!a:tea", "!b:tea"]), st.sampled_from(["s", "t"])),
    st.builds(
        key,
        st.integers(0, 2),
        verified=st.booleans(),
        forwarded=st.integers(0, 2),
        data=st.text("ab", max_size=2),
    ),
)


@settings(max_examples=15)
@given(batches=st.lists(uploads, max_size=5))
def test_a_backup_keeps_the_best_key_of_each_session(
    db: Database, batches: list[dict[SessionId, SessionKey]]
) -> None:
    version = db.run(commands.create_version, ADA, NEW)
    model: dict[SessionId, SessionKey] = {}
    for batch in batches:
        state = store(db, batch, version)
        for name, uploaded in batch.items():
            if name not in model or is_better(uploaded, model[name]):
                model[name] = uploaded
        assert state.count == len(model)
    assert db.look(queries.find_backup_keys, ADA, Place(version)).by_id() == model


def test_backups_are_exported_and_erased(db: Database) -> None:
    assert db.look(export_member, ADA) == {}
    db.run(commands.create_version, ADA, NEW)
    store(db, {("!a:tea", "s"): key(1, data="sealed")})
    exported: Any = db.look(export_member, ADA)
    assert exported["version"]["auth_data"] == NEW.auth_data
    session = exported["keys"]["rooms"]["!a:tea"]["sessions"]["s"]
    assert session["session_data"] == {"ciphertext": "sealed"}
    db.run(erase_member, ADA)
    assert db.look(export_member, ADA) == {}
    assert db.run(commands.create_version, ADA, NEW) == "1"
