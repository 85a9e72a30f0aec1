"""How a request goes on, and what is cut out for it. Pure.

received > validated > scoped > approved by two > released | narrowed | rejected > notified
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from msgspec.structs import replace

from teahouse.platform.data_map import Category
from teahouse.platform.json import JsonObject
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
from teahouse.privacy.official_requests.types import (
    GAGS_MAX,
    Approval,
    Field,
    Gag,
    Instrument,
    NewGag,
    NewRequest,
    OfficialRequest,
    Outcome,
    RequestId,
    RequestStatus,
    ScopeLine,
)

APPROVALS_NEEDED: Final = 2
EMERGENCY_MS: Final = 24 * 3_600_000
GAG_MS_MAX: Final = 90 * 24 * 3_600_000
OF_COURTS: Final[frozenset[Instrument]] = frozenset({"warrant", "order", "treaty"})
# Nobody gets these by any order: what was said, and what opens it or the account.
NEVER_GIVEN: Final[frozenset[Category]] = frozenset({"content", "keys", "credential"})
LAPSED: Final = "The emergency was over before it was approved."
_FOREVER: Final = 2**63
_OPEN: Final[tuple[RequestStatus, ...]] = ("received", "validated", "scoped", "approved")


def receive(new: NewRequest, *, request_id: RequestId, by: str, now: int) -> OfficialRequest:
    """A request that came in.

    Raises:
        BadEmergency: an emergency without a danger, or a danger without an emergency.
        BadGag: a gag that ends in the past or in more than 90 days.
        Concerned: it names who enters it.
    """
    is_emergency = new.instrument == "emergency"
    if is_emergency != bool(new.danger.strip()):
        raise BadEmergency
    made = OfficialRequest(
        request_id=request_id,
        status="received",
        instrument=new.instrument,
        category=new.category,
        country=new.country,
        authority=new.authority,
        legal_basis=new.legal_basis,
        court=new.court,
        document=new.document,
        document_on=new.document_on,
        danger=new.danger,
        entered_by=by,
        entered_at=now,
        lapses_at=now + EMERGENCY_MS if is_emergency else None,
        asked=sort_lines(new.asked),
    )
    _check_not_concerned(made, by)
    return made if new.gag is None else replace(made, gags=(_checked_gag(made, new.gag, now),))


def validate(
    request: OfficialRequest, *, by: str, courts: Collection[str], now: int
) -> OfficialRequest:
    """Find a request valid.

    Args:
        request: as it stands.
        by: who says so.
        courts: those whose orders the house obeys.
        now: milliseconds.

    Raises:
        NotHonoured: no emergency, and not signed by one of the courts; or without a document.
        WrongStep, Lapsed, Concerned: see there.
    """
    _check_step(request, by, now, "received")
    if request.instrument != "emergency":
        is_of_court = request.instrument in OF_COURTS and request.court in courts
        if not is_of_court or request.document is None or request.document_on is None:
            raise NotHonoured
    return replace(request, status="validated", validated_by=by)


def set_scope(
    request: OfficialRequest,
    scope: Iterable[ScopeLine],
    *,
    by: str,
    fields: Collection[str],
    now: int,
) -> OfficialRequest:
    """Say what is to be given. Whatever was approved before is void.

    Args:
        request: as it stands.
        scope: at least one line, each within what the document asks for.
        by: who says so.
        fields: what can be given at all.
        now: milliseconds.

    Raises:
        NotReleasable: a field that cannot be given.
        OutsideDocument: a line beyond what the document asks for.
        WrongStep, Lapsed, Concerned: see there.
    """
    _check_step(request, by, now, "validated", "scoped", "approved")
    lines = sort_lines(scope)
    assert lines
    for line in lines:
        if line.field not in fields:
            raise NotReleasable(fields=sorted(fields))
        if not any(is_within(line, asked) for asked in request.asked):
            raise OutsideDocument
    return replace(
        request,
        status="scoped",
        scope=lines,
        scope_version=request.scope_version + 1,
        scoped_by=by,
        approvals=(),
    )


def approve(request: OfficialRequest, *, by: str, scope_version: int, now: int) -> OfficialRequest:
    """Agree that just this is given.

    Args:
        request: as it stands.
        by: who agrees.
        scope_version: of the scope they have read.
        now: milliseconds.

    Raises:
        ScopeChanged: the scope is another one now.
        FourEyes: they entered the request, set its scope, or have approved it already.
        WrongStep, Lapsed, Concerned: see there.
    """
    _check_step(request, by, now, "scoped")
    if scope_version != request.scope_version:
        raise ScopeChanged
    earlier = {approval.by for approval in request.approvals}
    if by in {request.entered_by, request.scoped_by} | earlier:
        raise FourEyes
    approvals = (*request.approvals, Approval(by, now))
    is_enough = len(approvals) >= APPROVALS_NEEDED
    return replace(request, status="approved" if is_enough else "scoped", approvals=approvals)


def release(request: OfficialRequest, *, by: str, now: int) -> OfficialRequest:
    """Give what was approved, and settle when the members are told.

    Raises:
        WrongStep, Lapsed, Concerned: see there.
    """
    _check_step(request, by, now, "approved")
    assert len({approval.by for approval in request.approvals}) >= APPROVALS_NEEDED
    outcome: Outcome = "released" if set(request.scope) == set(request.asked) else "narrowed"
    return _conclude(request, outcome, by=by, now=now)


def reject(request: OfficialRequest, *, by: str, reason: str, now: int) -> OfficialRequest:
    """Give nothing. One person may: it protects.

    Raises:
        WrongStep, Concerned: see there.
    """
    _check_not_concerned(request, by)
    if request.status not in _OPEN:
        raise WrongStep(None, request_status=request.status)
    return _conclude(replace(request, reason=reason), "rejected", by=by, now=now)


def lapse(request: OfficialRequest, *, now: int) -> OfficialRequest:
    """End an emergency whose time is over."""
    assert is_lapsed(request, now)
    assert request.status in _OPEN
    return _conclude(replace(request, reason=LAPSED), "rejected", by=None, now=now)


def renew_gag(request: OfficialRequest, new: NewGag, *, by: str, now: int) -> OfficialRequest:
    """Let a new order take the place of one that still holds.

    Raises:
        BadGag: no order holds, the document was used before, or its end is not within 90 days.
        WrongStep: the members were told already.
        Concerned: see there.
    """
    _check_not_concerned(request, by)
    if request.notified_at is not None:
        raise WrongStep(None, request_status=request.status)
    is_held = request.gags and request.gags[-1].ends_at > now
    used = {gag.document for gag in request.gags}
    if not is_held or new.document in used or len(request.gags) >= GAGS_MAX:
        raise BadGag
    renewed = replace(request, gags=(*request.gags, _checked_gag(request, new, now)))
    if renewed.outcome is None:
        return renewed
    return replace(renewed, notice_at=renewed.gags[-1].ends_at)


def give_notice(request: OfficialRequest, *, now: int) -> OfficialRequest:
    """Note that the members are told."""
    assert is_due(request, now)
    return replace(request, status="notified", notified_at=now)


def review(request: OfficialRequest, *, by: str) -> OfficialRequest:
    """Look at an emergency afterwards; by somebody who had no part in it.

    Raises:
        WrongStep: no emergency, not over, or looked at already.
        FourEyes: they had a part in it.
        Concerned: see there.
    """
    _check_not_concerned(request, by)
    if request.instrument != "emergency" or request.outcome is None or request.reviewed_by:
        raise WrongStep(None, request_status=request.status)
    parts = {request.entered_by, request.scoped_by, request.concluded_by}
    if by in parts | {approval.by for approval in request.approvals}:
        raise FourEyes
    return replace(request, reviewed_by=by)


def is_due(request: OfficialRequest, now: int) -> bool:
    """Whether the members must be told now."""
    return (
        request.notice_at is not None and request.notified_at is None and request.notice_at <= now
    )


def is_lapsed(request: OfficialRequest, now: int) -> bool:
    """Whether a request was an emergency whose time is over."""
    return request.lapses_at is not None and request.lapses_at <= now


def members_of(request: OfficialRequest) -> list[str]:
    """Whom a request names; a scope names nobody else."""
    return sorted({line.user_id for line in request.asked})


def is_within(line: ScopeLine, asked: ScopeLine) -> bool:
    """Whether a line asks for nothing beyond another."""
    return (
        (line.user_id, line.field) == (asked.user_id, asked.field)
        and asked.start <= line.start
        and _end(line) <= _end(asked)
    )


def sort_lines(lines: Iterable[ScopeLine]) -> tuple[ScopeLine, ...]:
    """Lines in one order, each once: equal scopes look the same."""
    key = {(line.user_id, line.field, line.start, _end(line)): line for line in lines}
    return tuple(key[place] for place in sorted(key))


def cut_items(
    items: Iterable[JsonObject],
    line: ScopeLine,
    field: Field,
    *,
    categories: Mapping[str, Category | None],
    now: int,
) -> list[JsonObject]:
    """What of a field lies within a line of the scope and may be given at all.

    Args:
        items: as the domain gives them.
        line: of the scope.
        field: what the domain says of them.
        categories: the data map: each column with its category; None for one that says nothing
            of a person.
        now: milliseconds; what has no time of its own is of now.

    Returns:
        Items with just the members that the data map knows and no law keeps closed.
    """
    given = [key for key, column in field.columns.items() if _may_be_given(column, categories)]
    kept = []
    for item in items:
        at = now if field.at is None else item.get(field.at)
        # What says no time may lie outside: it is not given.
        if isinstance(at, int) and line.start <= at < _end(line):
            kept.append({key: item[key] for key in given if key in item})
    return [item for item in kept if item]


def _may_be_given(column: str, categories: Mapping[str, Category | None]) -> bool:
    return categories.get(column, "content") not in NEVER_GIVEN


def _end(line: ScopeLine) -> int:
    return _FOREVER if line.end is None else line.end


def _conclude(
    request: OfficialRequest, outcome: Outcome, *, by: str | None, now: int
) -> OfficialRequest:
    """The only way to an outcome, so that none comes without a time at which members are told."""
    gag_end = request.gags[-1].ends_at if request.gags else now
    return replace(
        request,
        status=outcome,
        outcome=outcome,
        concluded_by=by,
        concluded_at=now,
        notice_at=max(now, gag_end),
    )


def _checked_gag(request: OfficialRequest, new: NewGag, now: int) -> Gag:
    earlier_end = request.gags[-1].ends_at if request.gags else now
    if not earlier_end < new.ends_at <= now + GAG_MS_MAX:
        raise BadGag
    return Gag(new.document, new.ends_at, now)


def _check_step(request: OfficialRequest, by: str, now: int, *wanted: RequestStatus) -> None:
    """Refuse what comes out of order.

    Raises:
        Concerned: the request names who acts.
        WrongStep: it is at another point.
        Lapsed: an emergency whose time is over.
    """
    _check_not_concerned(request, by)
    if request.status not in wanted:
        raise WrongStep(None, request_status=request.status)
    if is_lapsed(request, now):
        raise Lapsed


def _check_not_concerned(request: OfficialRequest, by: str) -> None:
    if by in members_of(request):
        raise Concerned
