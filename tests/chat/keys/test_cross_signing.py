"""Cross-signing keys and signatures with real ed25519 keys, on both databases."""

from typing import Any

import msgspec
import pytest

from teahouse.chat.keys import commands, queries
from teahouse.chat.keys.announcements import DeviceListChanged, SignaturesAdded
from teahouse.chat.keys.errors import (
    InvalidSignature,
    KeyIdInUse,
    MissingMasterKey,
    ReplacementUnconfirmed,
)
from teahouse.chat.keys.types import CrossSigningUpload
from teahouse.platform.announcements import Announcement
from teahouse.platform.db import Database
from teahouse.platform.errors import BadJson, InvalidParam, Refusal
from teahouse.platform.requester import Requester
from tests.chat.keys.devices import ADA, BEN, CLEO, Identity, Phone, SigningKey, register


class Someone:
    """A member with a device and an identity, all uploaded."""

    def __init__(self, db: Database, user_id: str) -> None:
        self.user_id = user_id
        self.requester = register(db, user_id, "PHONE")
        self.phone = Phone(user_id, "PHONE")
        self.identity = Identity(user_id)
        db.run(commands.upload_keys, self.requester, self.phone.upload())
        publish(db, self.requester, self.identity.upload())


def publish(
    db: Database, requester: Requester, upload: CrossSigningUpload, *, confirmed: bool = False
) -> None:
    db.run(commands.set_cross_signing_keys, requester, upload, confirmed=confirmed)


def listen(db: Database) -> list[Announcement]:
    told: list[Announcement] = []
    db.listen(lambda announcements, _position: told.extend(announcements))
    return told


def sign(
    db: Database, someone: Someone, user_id: str, key_id: str, value: dict[str, Any]
) -> dict[str, Any]:
    return db.run(commands.add_signatures, someone.requester, {user_id: {key_id: value}})


def test_cross_signing_keys_are_shown_to_those_who_may_see_them(db: Database) -> None:
    ada = register(db, ADA, "PHONE")
    told = listen(db)
    upload = Identity(ADA).upload()
    publish(db, ada, upload)
    assert told == [DeviceListChanged(ADA, db.position)]

    own = db.look(queries.find_keys, ada, {ADA: []})
    assert own.master_keys == {ADA: {**upload.master_key, "signatures": {}}}  # type: ignore[dict-item]
    assert own.self_signing_keys == {ADA: upload.self_signing_key}
    assert own.user_signing_keys == {ADA: upload.user_signing_key}

    others = db.look(queries.find_keys, Requester(user_id=BEN), {ADA: []})
    assert others.master_keys == own.master_keys
    assert others.self_signing_keys == own.self_signing_keys
    assert others.user_signing_keys == {}


def test_only_new_keys_need_the_members_consent(db: Database) -> None:
    ada = register(db, ADA, "PHONE")
    identity = Identity(ADA)
    upload = identity.upload()
    assert not db.look(queries.check_cross_signing_upload, ada, upload)
    publish(db, ada, upload)
    before = db.position
    assert not db.look(queries.check_cross_signing_upload, ada, upload)
    publish(db, ada, upload)
    assert db.position == before

    other = SigningKey(ADA, "self_signing")
    added = CrossSigningUpload(self_signing_key=identity.master.sign(other.to_json()))
    assert db.look(queries.check_cross_signing_upload, ada, added)
    with pytest.raises(ReplacementUnconfirmed):
        publish(db, ada, added)
    assert db.position == before
    publish(db, ada, added, confirmed=True)
    found = db.look(queries.find_keys, ada, {ADA: []})
    assert found.self_signing_keys == {ADA: added.self_signing_key}
    assert found.user_signing_keys == {ADA: upload.user_signing_key}


def test_a_new_master_key_ends_the_identity_before(db: Database) -> None:
    ada, ben = Someone(db, ADA), Someone(db, BEN)
    signed = ada.identity.self_signing.sign(ada.phone.identity())
    assert sign(db, ada, ADA, "PHONE", signed) == {}
    signed = ada.identity.user_signing.sign(ben.identity.master.to_json())
    assert sign(db, ada, BEN, ben.identity.master.public, signed) == {}

    new = Identity(ADA)
    publish(db, ada.requester, CrossSigningUpload(master_key=new.master.to_json()), confirmed=True)
    found = db.look(queries.find_keys, ada.requester, {ADA: [], BEN: []})
    assert list(found.master_keys[ADA]["keys"]) == [new.master.key_id]  # type: ignore[arg-type]
    assert ADA not in found.self_signing_keys
    assert found.user_signing_keys == {}
    assert found.master_keys[BEN]["signatures"] == {}
    assert found.device_keys[ADA]["PHONE"]["signatures"] == ada.phone.identity()["signatures"]


def _wrong_uploads() -> list[tuple[str, CrossSigningUpload, type[Refusal]]]:
    identity, stranger = Identity(ADA), Identity(ADA)
    good = identity.upload()
    replace = msgspec.structs.replace
    master = identity.master.to_json()
    return [
        ("no keys at all", CrossSigningUpload(), MissingMasterKey),
        ("no master key", replace(good, master_key=None), MissingMasterKey),
        ("not an object of keys", replace(good, master_key={"keys": 1}), BadJson),
        ("another's", replace(good, master_key=Identity(BEN).master.to_json()), InvalidParam),
        ("another usage", replace(good, master_key={**master, "usage": ["x"]}), InvalidParam),
        (
            "two keys",
            replace(good, master_key={**master, "keys": {"a": "b", "c": "d"}}),
            InvalidParam,
        ),
        (
            "no ed25519 key",
            replace(good, master_key={**master, "keys": {"ed25519:short": "short"}}),
            InvalidParam,
        ),
        (
            "not signed",
            replace(good, self_signing_key=identity.self_signing.to_json()),
            InvalidSignature,
        ),
        (
            "signed by another master key",
            replace(good, user_signing_key=stranger.master.sign(identity.user_signing.to_json())),
            InvalidSignature,
        ),
        (
            "changed after signing",
            replace(good, self_signing_key={**(good.self_signing_key or {}), "more": 1}),
            InvalidSignature,
        ),
    ]


@pytest.mark.parametrize(("upload", "refusal"), [case[1:] for case in _wrong_uploads()])
def test_wrong_cross_signing_keys_are_refused(
    db: Database, upload: CrossSigningUpload, refusal: type[Refusal]
) -> None:
    ada = register(db, ADA, "PHONE")
    for command in (queries.check_cross_signing_upload,):
        with pytest.raises(refusal):
            db.look(command, ada, upload)
    with pytest.raises(refusal):
        publish(db, ada, upload, confirmed=True)
    assert db.look(queries.find_keys, ada, {ADA: []}).master_keys == {}


def test_a_key_named_like_a_device_is_refused(db: Database) -> None:
    identity = Identity(ADA)
    ada = register(db, ADA, identity.master.public)
    with pytest.raises(KeyIdInUse):
        publish(db, ada, identity.upload())


def test_own_devices_are_signed_for_everybody(db: Database) -> None:
    ada = Someone(db, ADA)
    told = listen(db)
    signed = ada.identity.self_signing.sign({**ada.phone.identity(), "signatures": {}})
    assert sign(db, ada, ADA, "PHONE", signed) == {}
    assert told == [DeviceListChanged(ADA, db.position)]
    found = db.look(queries.find_keys, Requester(user_id=BEN), {ADA: []})
    signatures = found.device_keys[ADA]["PHONE"]["signatures"]
    assert signatures == {
        ADA: {
            **ada.phone.identity()["signatures"][ADA],
            **signed["signatures"][ADA],
        }
    }


def test_the_own_master_key_is_signed_by_devices(db: Database) -> None:
    ada = Someone(db, ADA)
    signed = ada.phone.sign(ada.identity.master.to_json())
    assert sign(db, ada, ADA, ada.identity.master.public, signed) == {}
    found = db.look(queries.find_keys, Requester(user_id=BEN), {ADA: []})
    assert found.master_keys == {ADA: signed}


def test_who_verified_whom_is_seen_by_nobody_else(db: Database) -> None:
    ada, ben, cleo = (Someone(db, user_id) for user_id in (ADA, BEN, CLEO))
    told, before = listen(db), db.position
    signed = ada.identity.user_signing.sign(ben.identity.master.to_json())
    assert sign(db, ada, BEN, ben.identity.master.public, signed) == {}
    assert told == [SignaturesAdded(ADA, db.position)]

    for someone, sees in ((ada, True), (ben, False), (cleo, False)):
        found = db.look(queries.find_keys, someone.requester, {BEN: []}).master_keys[BEN]
        assert found == (signed if sees else {**signed, "signatures": {}})
    assert db.look(queries.find_changed_users, ADA, before, {ADA, BEN, CLEO}) == {BEN}
    assert db.look(queries.find_changed_users, CLEO, before, {ADA, BEN, CLEO}) == set()


def test_signatures_hidden_in_an_upload_are_not_shown_either(db: Database) -> None:
    ada, ben = register(db, ADA, "PHONE"), Identity(BEN)
    identity = Identity(ADA)
    upload = identity.upload()
    telling = ben.user_signing.sign(identity.master.to_json())
    publish(db, ada, msgspec.structs.replace(upload, master_key=telling))
    found = db.look(queries.find_keys, Requester(user_id=CLEO), {ADA: []})
    assert found.master_keys[ADA]["signatures"] == {}


def test_wrong_signatures_fail_one_by_one(db: Database) -> None:
    ada, ben = Someone(db, ADA), Someone(db, BEN)
    stranger = Identity(ADA)
    device, master = ada.phone.identity(), ben.identity.master
    good = ada.identity.self_signing.sign(device)
    forged = stranger.user_signing.sign(master.to_json())
    forged["signatures"][ADA] = {
        ada.identity.user_signing.key_id: forged["signatures"][ADA][stranger.user_signing.key_id]
    }
    before = db.position
    failures = db.run(
        commands.add_signatures,
        ada.requester,
        {
            ADA: {
                "PHONE": {**good, "algorithms": []},
                "TABLET": good,
                ada.identity.master.public: stranger.master.sign(ada.identity.master.to_json()),
            },
            BEN: {
                master.public: forged,
                "PHONE": ada.identity.user_signing.sign(ben.phone.identity()),
            },
            "@nobody:tea": {"PHONE": good},
        },
    )
    codes = {
        (user_id, key_id): error["errcode"]
        for user_id, by_key in failures.items()
        for key_id, error in by_key.items()
    }
    assert codes == {
        (ADA, "PHONE"): "M_INVALID_PARAM",
        (ADA, "TABLET"): "M_NOT_FOUND",
        (ADA, ada.identity.master.public): "M_INVALID_SIGNATURE",
        (BEN, master.public): "M_INVALID_SIGNATURE",
        (BEN, "PHONE"): "M_NOT_FOUND",
        ("@nobody:tea", "PHONE"): "M_NOT_FOUND",
    }
    assert db.position == before
    # What is right is stored beside what is wrong.
    failures = db.run(
        commands.add_signatures, ada.requester, {ADA: {"PHONE": good, "TABLET": good}}
    )
    assert list(failures) == [ADA]
    assert list(failures[ADA]) == ["TABLET"]
    found = db.look(queries.find_keys, Requester(user_id=BEN), {ADA: []})
    assert found.device_keys[ADA]["PHONE"]["signatures"] == good["signatures"]


def test_signatures_are_limited(db: Database) -> None:
    ada = register(db, ADA, "PHONE")
    many: dict[str, dict[str, Any]] = {
        ADA: {str(n): {} for n in range(commands.SIGNED_KEYS_MAX + 1)}
    }
    with pytest.raises(InvalidParam):
        db.run(commands.add_signatures, ada, many)


def test_replaced_device_keys_lose_their_signatures(db: Database) -> None:
    ada = Someone(db, ADA)
    signed = ada.identity.self_signing.sign(ada.phone.identity())
    assert sign(db, ada, ADA, "PHONE", signed) == {}
    later = Phone(ADA, "PHONE")
    db.run(commands.upload_keys, ada.requester, later.upload())
    found = db.look(queries.find_keys, ada.requester, {ADA: []})
    signatures: Any = found.device_keys[ADA]["PHONE"]["signatures"]
    assert list(signatures[ADA]) == ["ed25519:PHONE"]
