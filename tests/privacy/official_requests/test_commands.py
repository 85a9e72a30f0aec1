"""The register on real databases: what is given, what is logged, and who is told when."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from teahouse.accounts.tables import accounts_member
from teahouse.platform.checks import run_checks
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database, Read
from teahouse.platform.errors import Forbidden
from teahouse.platform.json import JsonObject, decode_json
from teahouse.platform.requester import Requester, Role
from teahouse.privacy.official_requests.commands import (
    approve_request,
    enter_request,
    prolong_gag,
    reject_request,
    release_request,
    review_request,
    scope_request,
    tell_members,
    validate_request,
)
from teahouse.privacy.official_requests.errors import (
    FourEyes,
    NotReleasable,
    OfficialRequestNotFound,
    WrongStep,
)
from teahouse.privacy.official_requests.personal_data import erase_member, export_member
from teahouse.privacy.official_requests.queries import (
    CHECKS,
    build_package,
    list_reported,
    list_requests_about,
    read_request,
    try_release,
)
from teahouse.privacy.official_requests.rules import EMERGENCY_MS
from teahouse.privacy.official_requests.tables import (
    privacy_official_look,
    privacy_official_request,
)
from teahouse.privacy.official_requests.types import (
    DataHolders,
    Field,
    NewGag,
    NewRequest,
    Released,
    ScopeLine,
)
from teahouse.privacy.transparency_log.queries import list_commitments, list_entries_about
from tests.privacy.official_requests.test_rules import COURTS, DAY, MALLORY, new_request

NED = "@ned:teahouse.test"
MEMBERS = [MALLORY, NED, "@olga:teahouse.test"]


def staff(name: str, *roles: Role) -> Requester:
    return Requester(
        user_id=f"@{name}:teahouse.test", roles=frozenset(roles or {"operator"}), reason="a test"
    )


ANN, BEA, CEM, DAN = staff("ann"), staff("bea", "bank_officer"), staff("cem"), staff("dan")


class Cabinet:
    """A domain of two fields over made-up columns, which marks every value it holds."""

    fields = (
        Field(
            name="cabinet.visits",
            en="visits",
            zh="",
            at="created_at",
            columns={
                "created_at": "accounts_member.created_at",
                "who": "accounts_member.user_id",
                "secret": "accounts_member.password_hash",
            },
        ),
        Field(name="cabinet.card", en="card", zh="", columns={"who": "accounts_member.user_id"}),
    )

    def export_fields(
        self, read: Read, user_id: str, names: Collection[str]
    ) -> Mapping[str, list[JsonObject]]:
        assert read.now
        del names  # it gives more than it was asked for
        return {
            "cabinet.visits": [
                {"created_at": at, "who": f"{user_id}/{at}", "secret": "s3cret", "other": "0ther"}
                for at in range(0, 100, 10)
            ],
            "cabinet.card": [{"who": f"{user_id}/card", "other": "0ther"}],
            "cabinet.diary": [{"who": "d1ary"}],
        }


DATA = DataHolders((Cabinet(),))
ASKED = (
    ScopeLine(user_id=MALLORY, field="cabinet.visits", start=20, end=60),
    ScopeLine(user_id=NED, field="cabinet.card", start=0),
    ScopeLine(user_id=NED, field="chat.messages", start=0),
)


def _enter(db: Database, **changes: Any) -> str:
    new: NewRequest = new_request(asked=ASKED, **changes)
    return db.run(enter_request, ANN, new).request.request_id


def _approved(db: Database, scope: tuple[ScopeLine, ...] = ASKED[:2], **changes: Any) -> str:
    request_id = _enter(db, **changes)
    db.run(validate_request, ANN, request_id, COURTS)
    db.run(scope_request, ANN, request_id, scope, DATA)
    db.run(approve_request, BEA, request_id, 1)
    assert db.run(approve_request, CEM, request_id, 1).request.status == "approved"
    return request_id


def _release(db: Database, request_id: str) -> Released:
    return db.run(release_request, DAN, request_id, DATA)


def _looks(db: Database, user_id: str) -> list[Any]:
    entries = db.look(list_entries_about, user_id, before=None, limit=100)
    return [decode_json(entry.body.encode()) for entry in entries]


def _problems(db: Database) -> list[str]:
    return [
        text
        for one in db.look(lambda read: list(run_checks(read, CHECKS)))
        for text in one.problems
    ]


def test_just_the_scope_is_given_and_the_members_know_at_once(db: Database) -> None:
    request_id = _approved(db)
    released = _release(db, request_id)
    told = decode_json(released.package.encode())
    assert [(part["member"], part["field"]) for part in told["parts"]] == [
        (MALLORY, "cabinet.visits"),
        (NED, "cabinet.card"),
    ]
    assert told["parts"][0]["items"] == [
        {"created_at": at, "who": f"{MALLORY}/{at}"} for at in (20, 30, 40, 50)
    ]
    assert told["parts"][1]["items"] == [{"who": f"{NED}/card"}]
    assert "no keys" in told["content"]
    assert hashlib.sha256(released.package.encode()).hexdigest() == released.sha256
    assert (released.view.request.status, released.view.request.outcome) == ("notified", "narrowed")
    acts = ["received", "validated", "scoped", "approved", "approved", "released", "notified"]
    assert [act.act for act in released.view.acts] == acts
    [view] = db.look(list_requests_about, MALLORY)
    assert [line.user_id for line in view.asked + view.given] == [MALLORY, MALLORY]
    assert NED not in repr(view)
    [look] = _looks(db, MALLORY)
    shown = ["accounts_member.created_at", "accounts_member.password_hash"]
    assert (look["actor"], look["fields"]) == (DAN.user_id, [*shown, "accounts_member.user_id"])
    assert look["case"] == request_id
    [look] = _looks(db, NED)
    assert look["fields"] == ["accounts_member.user_id"]
    assert _problems(db) == []


def test_the_receipt_opens_what_the_log_held_from_the_first_moment(
    db: Database, clock: ManualClock
) -> None:
    request_id = _enter(db)
    [committed] = db.look(list_commitments, start=0, limit=10)
    received_at = clock.now_ms()
    clock.advance(DAY)
    db.run(reject_request, BEA, request_id, "The court is not competent.")
    [view] = db.look(list_requests_about, NED)
    receipt = view.receipt
    opened = hashlib.sha256(bytes.fromhex(receipt.salt) + receipt.body.encode()).hexdigest()
    assert (receipt.index, receipt.commitment, opened) == (0, committed.hex(), committed.hex())
    assert decode_json(receipt.body.encode())["received_at"] == received_at
    assert MALLORY not in receipt.body
    assert (view.outcome, view.reason, view.given) == (
        "rejected",
        "The court is not competent.",
        [],
    )


def test_under_a_gag_nothing_shows_until_it_ends(db: Database, clock: ManualClock) -> None:
    ends_at = clock.now_ms() + 10 * DAY
    request_id = _approved(db, gag=NewGag("b" * 64, ends_at))
    assert _release(db, request_id).view.request.status == "narrowed"
    committed = len(db.look(list_commitments, start=0, limit=10))
    # The receipt, the four steps that the staff took, and a look for each member.
    assert committed == 7
    later = clock.now_ms() + 50 * DAY
    db.run(prolong_gag, ANN, request_id, NewGag("c" * 64, later))
    # To prolong is a step of the staff as well.
    committed += 1
    for wait in (10 * DAY, 40 * DAY - 1):
        clock.advance(wait)
        assert db.run(tell_members) == 0
        assert db.look(list_requests_about, MALLORY) == []
        assert _looks(db, MALLORY) == []
        assert db.look(export_member, MALLORY) == {"official_requests": []}
    clock.advance(1)
    assert db.run(tell_members) == 1
    assert db.run(tell_members) == 0
    [view] = db.look(list_requests_about, MALLORY)
    assert [gag.document for gag in view.gags] == ["b" * 64, "c" * 64]
    assert view.notified_at == later
    assert [look["case"] for look in _looks(db, MALLORY)] == [request_id]
    with db.engine.connect() as conn:
        assert conn.execute(sa.select(privacy_official_look.c.user_id)).all() == []
    assert len(db.look(list_commitments, start=0, limit=10)) == committed


def test_a_forgotten_notice_is_found(db: Database, clock: ManualClock) -> None:
    request_id = _approved(db, gag=NewGag("b" * 64, clock.now_ms() + DAY))
    _release(db, request_id)
    assert _problems(db) == []
    clock.advance(DAY + 3_600_000)
    assert len(_problems(db)) == 1
    db.run(tell_members)
    assert _problems(db) == []
    with db.engine.begin() as conn:
        conn.execute(sa.update(privacy_official_request).values(sealed="{}"))
    assert len(_problems(db)) == 1


def test_a_request_that_is_left_lying_is_found(db: Database, clock: ManualClock) -> None:
    request_id = _enter(db)
    clock.advance(90 * DAY - 1)
    assert _problems(db) == []
    clock.advance(1)
    assert len(_problems(db)) == 1
    db.run(reject_request, BEA, request_id, "Withdrawn.")
    assert _problems(db) == []


def test_the_database_itself_keeps_no_outcome_without_a_notice(db: Database) -> None:
    _enter(db)
    given = sa.update(privacy_official_request).values(outcome="rejected", notice_at=None)
    with pytest.raises(sa.exc.IntegrityError), db.engine.begin() as conn:
        conn.execute(given)


def test_an_emergency_that_nobody_approved_ends_and_is_told(
    db: Database, clock: ManualClock
) -> None:
    _enter(db, instrument="emergency", danger="A child is missing.", document=None)
    clock.advance(EMERGENCY_MS - 1)
    assert db.run(tell_members) == 0
    clock.advance(1)
    assert db.run(tell_members) == 1
    [view] = db.look(list_requests_about, MALLORY)
    assert view.outcome == "rejected"


def test_an_emergency_is_reviewed(db: Database) -> None:
    request_id = _approved(db, instrument="emergency", danger="A child is missing.")
    _release(db, request_id)
    with pytest.raises(FourEyes):
        db.run(review_request, BEA, request_id, "fine")
    eve = staff("eve", "bank_officer")
    view = db.run(review_request, eve, request_id, "It was one.")
    assert (view.request.reviewed_by, view.acts[-1].note) == (eve.user_id, "It was one.")


def test_a_scope_set_anew_voids_what_was_approved(db: Database) -> None:
    request_id = _approved(db)
    view = db.run(scope_request, ANN, request_id, ASKED[:1], DATA)
    assert (view.request.status, view.request.approvals) == ("scoped", ())
    assert view.request.scope == ASKED[:1]
    with pytest.raises(WrongStep):
        _release(db, request_id)
    for approver in (BEA, CEM):
        db.run(approve_request, approver, request_id, 2)
    told = decode_json(_release(db, request_id).package.encode())
    assert [part["member"] for part in told["parts"]] == [MALLORY]


@pytest.mark.parametrize("roles", [(), ("moderator",), ("auditor",), ("cinema_editor",)])
def test_who_has_no_power_changes_nothing(db: Database, roles: tuple[Role, ...]) -> None:
    request_id = _enter(db)
    other = Requester(user_id="@zoe:teahouse.test", roles=frozenset(roles), reason="a test")
    with pytest.raises(Forbidden):
        db.run(enter_request, other, new_request())
    with pytest.raises(Forbidden):
        db.run(validate_request, other, request_id, COURTS)
    with pytest.raises(Forbidden):
        db.run(scope_request, other, request_id, ASKED[:1], DATA)
    with pytest.raises(Forbidden):
        db.run(approve_request, other, request_id, 1)
    with pytest.raises(Forbidden):
        db.run(release_request, other, request_id, DATA)
    with pytest.raises(Forbidden):
        db.run(reject_request, other, request_id, "no")
    if roles == ("auditor",):
        assert len(db.look(read_request, other, request_id).acts) == 1
        with pytest.raises(OfficialRequestNotFound):
            db.look(read_request, other, "oreq_none")
    else:
        with pytest.raises(Forbidden):
            db.look(read_request, other, request_id)


def test_a_bank_officer_approves_but_releases_nothing(db: Database) -> None:
    request_id = _approved(db)
    with pytest.raises(Forbidden):
        db.run(release_request, BEA, request_id, DATA)


def test_a_dry_run_is_the_release_byte_for_byte(db: Database) -> None:
    whole = tuple(ScopeLine(user_id=MALLORY, field=field.name, start=0) for field in Cabinet.fields)
    new = new_request(asked=whole)
    request_id = db.run(enter_request, ANN, new).request.request_id
    db.run(validate_request, ANN, request_id, COURTS)
    db.run(scope_request, ANN, request_id, whole, DATA)
    for approver in (BEA, CEM):
        db.run(approve_request, approver, request_id, 1)
    member = Requester(user_id=MALLORY)
    dry = db.look(try_release, member, DATA, names=None, start=0, end=None)
    assert dry.decode() == _release(db, request_id).package
    part = db.look(try_release, member, DATA, names=["cabinet.card"], start=0, end=None)
    assert len(part) < len(dry)
    with pytest.raises(NotReleasable):
        db.look(try_release, member, DATA, names=["chat.messages"], start=0, end=None)


_line = st.builds(
    ScopeLine,
    user_id=st.sampled_from(MEMBERS),
    field=st.sampled_from(["cabinet.visits", "cabinet.card"]),
    start=st.integers(0, 100),
    end=st.none() | st.integers(0, 100),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scope=st.lists(_line, min_size=1, max_size=6))
def test_no_byte_outside_of_the_scope_is_given(db: Database, scope: list[ScopeLine]) -> None:
    package = db.look(build_package, scope, DATA)
    text = package.content.decode()
    assert not any(word in text for word in ("s3cret", "0ther", "d1ary"))
    for user_id in MEMBERS:
        own = [line for line in scope if line.user_id == user_id]
        cards = [line for line in own if line.field == "cabinet.card" and line.end is None]
        assert (f'"{user_id}/card"' in text) == bool(cards)
        for at in range(0, 100, 10):
            is_asked = any(
                line.field == "cabinet.visits"
                and line.start <= at
                and (line.end is None or at < line.end)
                for line in own
            )
            assert (f'"{user_id}/{at}"' in text) == is_asked
        assert (user_id in text) == bool(own)


def test_who_is_erased_is_counted_and_not_named(db: Database) -> None:
    request_id = _approved(db)
    _release(db, request_id)
    db.run(erase_member, MALLORY)
    [reported] = db.look(list_reported)
    assert (reported.accounts_asked, reported.accounts_given) == (2, 2)
    assert reported.fields_given == ("cabinet.card", "cabinet.visits")
    assert MALLORY not in repr(db.look(read_request, ANN, request_id))
    assert len(db.look(list_requests_about, NED)) == 1


def test_the_made_up_fields_stand_for_real_columns() -> None:
    assert {"created_at", "user_id", "password_hash"} <= set(accounts_member.c.keys())
