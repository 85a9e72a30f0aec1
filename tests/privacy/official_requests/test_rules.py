"""The register against random people and times, and what a release cuts out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from teahouse.platform.data_map import Category
from teahouse.platform.errors import Refusal
from teahouse.privacy.official_requests.errors import (
    BadEmergency,
    BadGag,
    Concerned,
    FourEyes,
    Lapsed,
    NotHonoured,
    NotReleasable,
    OutsideDocument,
    ScopeChanged,
    WrongStep,
)
from teahouse.privacy.official_requests.rules import (
    EMERGENCY_MS,
    GAG_MS_MAX,
    LAPSED,
    approve,
    cut_items,
    give_notice,
    is_due,
    is_lapsed,
    is_within,
    lapse,
    receive,
    reject,
    release,
    renew_gag,
    review,
    set_scope,
    sort_lines,
    validate,
)
from teahouse.privacy.official_requests.types import (
    Field,
    NewGag,
    NewRequest,
    OfficialRequest,
    RequestId,
    ScopeLine,
)

DAY = 24 * 3_600_000
NOW = 1_800_000_000_000
COURTS = ["District Court of Teatown"]
FIELDS = ["accounts.devices", "accounts.member"]
ANN, BEA, CEM, DAN, EVE = (f"@{name}:teahouse.test" for name in ("ann", "bea", "cem", "dan", "eve"))
MALLORY = "@mallory:teahouse.test"
STAFF = [ANN, BEA, CEM, DAN, EVE, MALLORY]
ASKED = (
    ScopeLine(user_id=MALLORY, field="accounts.devices", start=1000, end=9000),
    ScopeLine(user_id=MALLORY, field="accounts.member", start=0),
    ScopeLine(user_id=MALLORY, field="chat.messages", start=0),
)
SCOPE = ASKED[:2]


def new_request(**changes: Any) -> NewRequest:
    made = NewRequest(
        instrument="warrant",
        category="account",
        country="FR",
        authority="Police of Teatown",
        legal_basis="Code of procedure, article 1",
        court=COURTS[0],
        document="a" * 64,
        document_on="2026-11-20",
        asked=ASKED,
    )
    return replace(made, **changes)


def received(**changes: Any) -> OfficialRequest:
    return receive(new_request(**changes), request_id=RequestId("req_1"), by=ANN, now=NOW)


def scoped(scope: tuple[ScopeLine, ...] = SCOPE, **changes: Any) -> OfficialRequest:
    valid = validate(received(**changes), by=ANN, courts=COURTS, now=NOW)
    return set_scope(valid, scope, by=ANN, fields=FIELDS, now=NOW)


def approved(scope: tuple[ScopeLine, ...] = SCOPE, **changes: Any) -> OfficialRequest:
    once = approve(scoped(scope, **changes), by=BEA, scope_version=1, now=NOW)
    return approve(once, by=CEM, scope_version=1, now=NOW)


# One step after the other


def test_a_request_goes_from_door_to_notice() -> None:
    done = release(approved(), by=ANN, now=NOW + 1)
    assert (done.status, done.outcome, done.notice_at) == ("narrowed", "narrowed", NOW + 1)
    assert is_due(done, NOW + 1)
    told = give_notice(done, now=NOW + 2)
    assert (told.status, told.outcome, told.notified_at) == ("notified", "narrowed", NOW + 2)


def test_what_is_given_in_full_is_released() -> None:
    done = release(approved(asked=SCOPE), by=ANN, now=NOW)
    assert done.outcome == "released"


@pytest.mark.parametrize(
    "changes",
    [
        {"court": "Court of Nowhere"},
        {"court": ""},
        {"document": None},
        {"document_on": None},
        {"instrument": "subpoena"},
        {"instrument": "preservation"},
        {"instrument": "informal"},
    ],
)
def test_without_a_court_nothing_is_valid_and_only_rejecting_is_left(
    changes: dict[str, Any],
) -> None:
    request = received(**changes)
    with pytest.raises(NotHonoured):
        validate(request, by=ANN, courts=COURTS, now=NOW)
    done = reject(request, by=ANN, reason="No court has signed it.", now=NOW)
    assert (done.outcome, done.notice_at) == ("rejected", NOW)


def test_an_emergency_names_a_danger_and_nothing_else_does() -> None:
    with pytest.raises(BadEmergency):
        received(instrument="emergency", danger=" ")
    with pytest.raises(BadEmergency):
        received(danger="A child is missing.")


def test_an_emergency_is_over_after_a_day() -> None:
    request = approved(instrument="emergency", danger="A child is missing.", document=None)
    assert release(request, by=ANN, now=NOW + EMERGENCY_MS - 1).outcome == "narrowed"
    assert is_lapsed(request, NOW + EMERGENCY_MS)
    with pytest.raises(Lapsed):
        release(request, by=ANN, now=NOW + EMERGENCY_MS)
    done = lapse(request, now=NOW + EMERGENCY_MS)
    assert (done.outcome, done.reason, done.notice_at) == ("rejected", LAPSED, NOW + EMERGENCY_MS)


def test_an_emergency_is_reviewed_by_who_had_no_part_in_it() -> None:
    request = approved(instrument="emergency", danger="A child is missing.")
    with pytest.raises(WrongStep):
        review(request, by=EVE)
    done = release(request, by=DAN, now=NOW)
    for by in (ANN, BEA, CEM, DAN):
        with pytest.raises(FourEyes):
            review(done, by=by)
    reviewed = review(done, by=EVE)
    assert reviewed.reviewed_by == EVE
    with pytest.raises(WrongStep):
        review(reviewed, by=EVE)


def test_content_cannot_be_put_into_a_scope() -> None:
    valid = validate(received(), by=ANN, courts=COURTS, now=NOW)
    with pytest.raises(NotReleasable, match="no keys"):
        set_scope(valid, ASKED, by=ANN, fields=FIELDS, now=NOW)


@pytest.mark.parametrize(
    "line",
    [
        ScopeLine(user_id=MALLORY, field="accounts.devices", start=999, end=9000),
        ScopeLine(user_id=MALLORY, field="accounts.devices", start=1000, end=9001),
        ScopeLine(user_id=MALLORY, field="accounts.devices", start=1000),
        ScopeLine(user_id=EVE, field="accounts.devices", start=1000, end=9000),
    ],
)
def test_a_scope_stays_within_the_document(line: ScopeLine) -> None:
    valid = validate(received(), by=ANN, courts=COURTS, now=NOW)
    with pytest.raises(OutsideDocument):
        set_scope(valid, [line], by=ANN, fields=FIELDS, now=NOW)


def test_neither_the_entrant_nor_the_same_person_twice() -> None:
    request = scoped()
    with pytest.raises(FourEyes):
        approve(request, by=ANN, scope_version=1, now=NOW)
    once = approve(request, by=BEA, scope_version=1, now=NOW)
    assert once.status == "scoped"
    with pytest.raises(FourEyes):
        approve(once, by=BEA, scope_version=1, now=NOW)
    with pytest.raises(WrongStep):
        release(once, by=ANN, now=NOW)


def test_who_edits_the_scope_does_not_approve_it_and_voids_what_was_approved() -> None:
    edited = set_scope(approved(), SCOPE[:1], by=BEA, fields=FIELDS, now=NOW)
    assert (edited.status, edited.approvals) == ("scoped", ())
    with pytest.raises(WrongStep):
        release(edited, by=ANN, now=NOW)
    with pytest.raises(ScopeChanged):
        approve(edited, by=CEM, scope_version=1, now=NOW)
    with pytest.raises(FourEyes):
        approve(edited, by=BEA, scope_version=2, now=NOW)


def test_who_is_named_decides_nothing() -> None:
    with pytest.raises(Concerned):
        receive(new_request(), request_id=RequestId("r"), by=MALLORY, now=NOW)
    acts: list[Callable[[], object]] = [
        lambda: validate(received(), by=MALLORY, courts=COURTS, now=NOW),
        lambda: approve(scoped(), by=MALLORY, scope_version=1, now=NOW),
        lambda: release(approved(), by=MALLORY, now=NOW),
        lambda: reject(received(), by=MALLORY, reason="I say so", now=NOW),
    ]
    for act in acts:
        with pytest.raises(Concerned):
            act()


# Gag orders


def test_a_gag_puts_the_notice_off_to_its_end_and_no_further() -> None:
    ends_at = NOW + GAG_MS_MAX
    done = release(approved(gag=NewGag("b" * 64, ends_at)), by=ANN, now=NOW)
    assert done.notice_at == ends_at
    assert not is_due(done, ends_at - 1)
    assert is_due(done, ends_at)


@pytest.mark.parametrize("ends_at", [NOW, NOW - 1, NOW + GAG_MS_MAX + 1])
def test_a_gag_has_an_end_within_ninety_days(ends_at: int) -> None:
    with pytest.raises(BadGag):
        received(gag=NewGag("b" * 64, ends_at))


def test_renewing_a_gag_takes_a_new_document_while_the_old_one_holds() -> None:
    done = release(approved(gag=NewGag("b" * 64, NOW + DAY)), by=ANN, now=NOW)
    with pytest.raises(BadGag):
        renew_gag(done, NewGag("b" * 64, NOW + 9 * DAY), by=ANN, now=NOW)
    with pytest.raises(BadGag):
        renew_gag(done, NewGag("c" * 64, NOW + 9 * DAY), by=ANN, now=NOW + DAY)
    renewed = renew_gag(done, NewGag("c" * 64, NOW + 9 * DAY), by=ANN, now=NOW)
    assert renewed.notice_at == NOW + 9 * DAY
    with pytest.raises(BadGag):
        renew_gag(received(), NewGag("c" * 64, NOW + DAY), by=ANN, now=NOW)
    told = give_notice(renewed, now=NOW + 9 * DAY)
    with pytest.raises(WrongStep):
        renew_gag(told, NewGag("d" * 64, NOW + 19 * DAY), by=ANN, now=NOW + 9 * DAY)


# Whatever people do


def _acts(request: OfficialRequest, by: str, now: int, number: int) -> OfficialRequest:
    """One of all acts, by anybody."""
    acts: list[Callable[[], OfficialRequest]] = [
        lambda: validate(request, by=by, courts=COURTS, now=now),
        lambda: set_scope(request, SCOPE, by=by, fields=FIELDS, now=now),
        lambda: set_scope(request, SCOPE[:1], by=by, fields=FIELDS, now=now),
        lambda: approve(request, by=by, scope_version=request.scope_version, now=now),
        lambda: approve(request, by=by, scope_version=request.scope_version, now=now),
        lambda: approve(request, by=by, scope_version=request.scope_version - 1, now=now),
        lambda: release(request, by=by, now=now),
        lambda: release(request, by=by, now=now),
        lambda: reject(request, by=by, reason="no", now=now),
        lambda: renew_gag(request, NewGag(f"{number:064x}", now + 30 * DAY), by=by, now=now),
        lambda: review(request, by=by),
    ]
    return acts[number % len(acts)]()


_step = st.tuples(st.sampled_from(STAFF), st.integers(0, 200), st.integers(0, 12 * 3_600_000))
_gag = st.none() | st.integers(1, GAG_MS_MAX).map(lambda ms: NewGag("b" * 64, NOW + ms))


@settings(max_examples=300)
@given(
    gag=_gag,
    kind=st.sampled_from([{}, {"instrument": "emergency", "danger": "Fire."}]),
    # Chance alone would seldom come as far as a release.
    begin=st.sampled_from([received, scoped, approved]),
    steps=st.lists(_step, max_size=25),
)
def test_nothing_is_given_without_two_others_and_a_time_of_notice(
    gag: NewGag | None,
    kind: dict[str, str],
    begin: Callable[..., OfficialRequest],
    steps: list[tuple[str, int, int]],
) -> None:
    request, now = begin(gag=gag, **kind), NOW
    # What the present scope was approved by, told apart from the register itself.
    witnessed = {BEA, CEM} if begin is approved else set()
    for by, number, wait in steps:
        now += wait
        before = request
        with suppress(Refusal):
            request = _acts(request, by, now, number)
        if request.scope_version != before.scope_version:
            witnessed = set()
        if len(request.approvals) > len(before.approvals):
            witnessed.add(by)
        if before.outcome is not None:
            assert request.outcome == before.outcome
        if request.outcome is None:
            assert request.notice_at is None
            continue
        assert request.notice_at is not None
        assert request.concluded_at is not None
        ends = [gag.ends_at for gag in request.gags] or [request.concluded_at]
        assert request.notice_at == max(request.concluded_at, ends[-1])
        if request.outcome in {"released", "narrowed"}:
            assert len(witnessed) >= 2
            assert not witnessed & {request.entered_by, request.scoped_by, MALLORY}
            assert request.validated_by is not None
            assert all(any(is_within(one, asked) for asked in ASKED) for one in request.scope)
            if request.lapses_at is not None:
                assert request.concluded_at < request.lapses_at


# What is cut out

CATEGORIES: dict[str, Category] = {
    "t.at": "activity",
    "t.name": "profile",
    "t.text": "content",
    "t.secret": "credential",
}
TIMED = Field(
    name="x.y",
    en="",
    zh="",
    at="at",
    columns={"at": "t.at", "name": "t.name", "text": "t.text", "secret": "t.secret", "no": "t.no"},
)
_item = st.fixed_dictionaries(
    {"at": st.none() | st.integers(0, 100), "name": st.text(max_size=3)},
    optional={"text": st.text(max_size=3), "secret": st.text(max_size=3), "more": st.integers()},
)


@given(
    items=st.lists(_item, max_size=8),
    start=st.integers(0, 100),
    end=st.none() | st.integers(0, 101),
)
def test_nothing_outside_of_the_scope_or_the_data_map_is_given(
    items: list[dict[str, Any]], start: int, end: int | None
) -> None:
    line = ScopeLine(user_id=MALLORY, field="x.y", start=start, end=end)
    given = cut_items(items, line, TIMED, categories=CATEGORIES, now=50)
    last = 1000 if end is None else end
    wanted = [
        {"at": item["at"], "name": item["name"]}
        for item in items
        if item["at"] is not None and start <= item["at"] < last
    ]
    assert given == wanted


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [(0, None, 1), (0, 50, 0), (50, 51, 1), (51, None, 0)],
)
def test_what_has_no_time_is_of_now(start: int, end: int | None, count: int) -> None:
    line = ScopeLine(user_id=MALLORY, field="x.y", start=start, end=end)
    field = replace(TIMED, at=None)
    given = cut_items([{"name": "M"}], line, field, categories=CATEGORIES, now=50)
    assert given == [{"name": "M"}] * count


def test_equal_scopes_look_the_same() -> None:
    assert sort_lines([*ASKED, *reversed(ASKED)]) == sort_lines(ASKED)
    assert len(sort_lines(ASKED)) == 3
