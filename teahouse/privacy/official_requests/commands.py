"""Takes official requests from door to notice. Every act is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable

import msgspec
import sqlalchemy as sa

from teahouse.platform.db import Tx
from teahouse.platform.json import JsonObject, encode_json
from teahouse.platform.requester import Requester
from teahouse.privacy.official_requests.access import (
    KEPT_COLUMNS,
    OfficialPower,
    access_official_request,
    check_official_power,
    load_request,
)
from teahouse.privacy.official_requests.announcements import MembersTold
from teahouse.privacy.official_requests.errors import WrongStep
from teahouse.privacy.official_requests.queries import (
    Package,
    build_package,
    list_requests,
    list_waiting,
    read_request,
    show_request,
)
from teahouse.privacy.official_requests.rules import (
    approve,
    give_notice,
    is_due,
    is_lapsed,
    lapse,
    members_of,
    receive,
    reject,
    release,
    renew_gag,
    review,
    set_scope,
    validate,
)
from teahouse.privacy.official_requests.tables import (
    privacy_official_act,
    privacy_official_approval,
    privacy_official_gag,
    privacy_official_line,
    privacy_official_look,
    privacy_official_request,
)
from teahouse.privacy.official_requests.types import (
    DataHolders,
    NewGag,
    NewRequest,
    OfficialRequest,
    Released,
    RequestId,
    RequestStatus,
    ScopeLine,
    StaffView,
    Trial,
    TriedLine,
)
from teahouse.privacy.transparency_log.commands import (
    SALT_BYTES,
    open_commitment,
    record_commitment,
    record_look,
)
from teahouse.privacy.transparency_log.types import DEEDS, Look, declare_deed

SEE_REQUEST = declare_deed(
    "official.see",
    "privacy_official_line.user_id",
    "privacy_official_request.danger",
    "privacy_official_request.reason",
    "privacy_official_request.entered_by",
    "privacy_official_request.scoped_by",
    "privacy_official_request.validated_by",
    "privacy_official_request.concluded_by",
    "privacy_official_request.reviewed_by",
    "privacy_official_approval.by_user_id",
    "privacy_official_act.by_user_id",
    "privacy_official_act.note",
)
RELEASE = declare_deed("official.release")
_REGISTER = "official-requests"
_REQUEST = "oreq"
_RUN_MAX = 100

_row, _line = privacy_official_request.c, privacy_official_line.c
_approval, _gag = privacy_official_approval.c, privacy_official_gag.c
_look, _act = privacy_official_look.c, privacy_official_act.c


def enter_request(tx: Tx, requester: Requester, new: NewRequest) -> StaffView:
    """Enter a request that came in, and commit to it in the log.

    Raises:
        Forbidden: the requester is no operator.
        BadEmergency, BadGag, Concerned: see there.
    """
    check_official_power(requester, "official.enter")
    request_id = RequestId(tx.new_id(_REQUEST))
    made = receive(new, request_id=request_id, by=requester.user_id, now=tx.now)
    index, salt, sealed = _seal(tx, _receipt_of(made))
    tx.conn.execute(
        sa.insert(privacy_official_request).values(
            **_columns_of(made),
            fields_given="",
            accounts_given=0,
            log_index=index,
            salt=salt,
            sealed=sealed,
        )
    )
    _add_lines(tx, made.request_id, "asked", made.asked)
    _add_gags(tx, made, after=0)
    _note(tx, made, "received", by=requester.user_id)
    return show_request(tx, made.request_id)


def validate_request(
    tx: Tx, requester: Requester, request_id: str, courts: Collection[str]
) -> StaffView:
    """Find a request valid: a court that the house obeys has signed it, or life is in danger.

    Raises:
        Forbidden, OfficialRequestNotFound: not theirs to do.
        NotHonoured, WrongStep, Lapsed, Concerned: see there.
    """

    def step(request: OfficialRequest) -> OfficialRequest:
        return validate(request, by=requester.user_id, courts=courts, now=tx.now)

    return _go_on(tx, requester, request_id, "official.enter", step=step, act="validated")


def scope_request(
    tx: Tx, requester: Requester, request_id: str, scope: Iterable[ScopeLine], data: DataHolders
) -> StaffView:
    """Say what shall be given; approvals of another scope are void.

    Raises:
        Forbidden, OfficialRequestNotFound: not theirs to do.
        NotReleasable, OutsideDocument, WrongStep, Lapsed, Concerned: see there.
    """

    def step(request: OfficialRequest) -> OfficialRequest:
        fields = data.fields
        return set_scope(request, scope, by=requester.user_id, fields=fields, now=tx.now)

    return _go_on(tx, requester, request_id, "official.enter", step=step, act="scoped")


def approve_request(tx: Tx, requester: Requester, request_id: str, scope_version: int) -> StaffView:
    """Agree that the scope is given, as it was read.

    Raises:
        Forbidden, OfficialRequestNotFound: not theirs to do.
        FourEyes, ScopeChanged, WrongStep, Lapsed, Concerned: see there.
    """

    def step(request: OfficialRequest) -> OfficialRequest:
        by = requester.user_id
        return approve(request, by=by, scope_version=scope_version, now=tx.now)

    return _go_on(tx, requester, request_id, "official.approve", step=step, act="approved")


def release_request(tx: Tx, requester: Requester, request_id: str, data: DataHolders) -> Released:
    """Give what two approved, log it, and tell the members at once or when the gag ends.

    Raises:
        Forbidden, OfficialRequestNotFound: not theirs to do.
        WrongStep, Lapsed, Concerned: see there.
    """
    request = access_official_request(tx, requester, request_id, "official.enter")
    done = release(request, by=requester.user_id, now=tx.now)
    package = build_package(tx, done.scope, data)
    _enter_looks(tx, done, requester, data)
    _keep(tx, request, done, package)
    _note(tx, done, "released", by=requester.user_id)
    _tell_if_due(tx, done)
    return Released(
        view=show_request(tx, request_id),
        sha256=package.sha256,
        package=package.content.decode(),
    )


def try_request(tx: Tx, requester: Requester, request_id: str, data: DataHolders) -> Trial:
    """A dry run of a release, by the code that releases: how much it would be, and of what.

    Raises:
        Forbidden, OfficialRequestNotFound, ReasonNeeded: see there.
        WrongStep: nobody has said yet what is to be given.
    """
    request = access_official_request(tx, requester, request_id, "official.approve")
    if request.status not in {"scoped", "approved"}:
        raise WrongStep(None, request_status=request.status)
    package = build_package(tx, request.scope, data)
    _enter_sight(tx, requester, request_id)
    parts = msgspec.json.decode(package.content)["parts"]
    return Trial(
        sha256=hashlib.sha256(package.content).hexdigest(),
        size=len(package.content),
        lines=[TriedLine(one["member"], one["field"], len(one["items"])) for one in parts],
    )


def reject_request(tx: Tx, requester: Requester, request_id: str, reason: str) -> StaffView:
    """Give nothing, and tell the members.

    Raises:
        Forbidden, OfficialRequestNotFound: not theirs to do.
        WrongStep, Concerned: see there.
    """

    def step(request: OfficialRequest) -> OfficialRequest:
        return reject(request, by=requester.user_id, reason=reason, now=tx.now)

    return _go_on(tx, requester, request_id, "official.approve", step=step, act="rejected")


def prolong_gag(tx: Tx, requester: Requester, request_id: str, gag: NewGag) -> StaffView:
    """Enter a new order not to tell yet.

    Raises:
        Forbidden, OfficialRequestNotFound: not theirs to do.
        BadGag, WrongStep, Concerned: see there.
    """

    def step(request: OfficialRequest) -> OfficialRequest:
        return renew_gag(request, gag, by=requester.user_id, now=tx.now)

    return _go_on(tx, requester, request_id, "official.enter", step=step, act="gag_renewed")


def review_request(tx: Tx, requester: Requester, request_id: str, note: str) -> StaffView:
    """Look at an emergency afterwards.

    Raises:
        Forbidden, OfficialRequestNotFound: not theirs to do.
        FourEyes, WrongStep, Concerned: see there.
    """
    request = access_official_request(tx, requester, request_id, "official.approve")
    reviewed = review(request, by=requester.user_id)
    _keep(tx, request, reviewed)
    _note(tx, reviewed, "reviewed", by=requester.user_id, note=note)
    _enter_sight(tx, requester, request_id, why=note)
    return show_request(tx, request_id)


def look_at_request(tx: Tx, requester: Requester, request_id: str) -> StaffView:
    """A request and all that was done to it; that somebody looked is entered in the log.

    Raises:
        Forbidden, OfficialRequestNotFound, ReasonNeeded: see there.
    """
    found = read_request(tx, requester, request_id)
    _enter_sight(tx, requester, request_id)
    return found


def look_at_requests(
    tx: Tx, requester: Requester, *, status: RequestStatus | None, before: str | None, limit: int
) -> list[StaffView]:
    """Requests, the latest first; that somebody looked is entered in the log.

    Raises:
        Forbidden, ReasonNeeded: see there.
    """
    found = list_requests(tx, requester, status=status, before=before, limit=limit)
    _enter_sight(tx, requester, _REGISTER)
    return found


def _enter_sight(tx: Tx, requester: Requester, about: str, *, why: str = "") -> None:
    """Enter that one of the staff saw the register.

    About the request, not about its members: a gag order may keep it from them. They are told of
    the request itself, and everybody sees that the log went on.
    """
    look = Look(
        actor=requester.user_id,
        role=", ".join(sorted(requester.roles)),
        fields=DEEDS[SEE_REQUEST],
        reason=why.strip() or requester.needed_reason(),
        deed=SEE_REQUEST,
    )
    record_look(tx, look, about=about)


def tell_members(tx: Tx) -> int:
    """End emergencies that are over, and tell the members of every request that is due.

    It goes by what is written of the requests, not by a queue: nothing can be lost from it.

    Returns:
        How many requests it went on with; less than `_RUN_MAX`: none are left.
    """
    found = list_waiting(tx, limit=_RUN_MAX)
    for request_id in found:
        request = load_request(tx, request_id)
        if request.outcome is None and is_lapsed(request, tx.now):
            lapsed = lapse(request, now=tx.now)
            _keep(tx, request, lapsed)
            _note(tx, lapsed, "lapsed", by=None)
            request = lapsed
        _tell_if_due(tx, request)
    return len(found)


def _go_on(
    tx: Tx,
    requester: Requester,
    request_id: str,
    power: OfficialPower,
    *,
    step: Callable[[OfficialRequest], OfficialRequest],
    act: str,
) -> StaffView:
    request = access_official_request(tx, requester, request_id, power)
    changed = step(request)
    _enter_sight(tx, requester, request_id, why=changed.reason)
    _keep(tx, request, changed)
    _note(tx, changed, act, by=requester.user_id, note=changed.reason)
    _tell_if_due(tx, changed)
    return show_request(tx, request_id)


def _tell_if_due(tx: Tx, request: OfficialRequest) -> None:
    """Open what was sealed, so that the members see it."""
    if not is_due(request, tx.now):
        return
    told = give_notice(request, now=tx.now)
    _keep(tx, request, told)
    looks = tx.conn.execute(
        sa.select(_look.user_id, _look.log_index, _look.salt, _look.sealed)
        .where(_look.request_id == request.request_id)
        .order_by(_look.user_id)
    )
    for user_id, index, salt, sealed in looks.all():
        open_commitment(tx, index, about=user_id, salt=salt, body=sealed)
    # From here on the log has them, and forgets them when the member is erased.
    tx.conn.execute(sa.delete(privacy_official_look).where(_look.request_id == request.request_id))
    _note(tx, told, "notified", by=None)
    tx.announce(MembersTold(request.request_id, tuple(members_of(request))))


def _enter_looks(tx: Tx, request: OfficialRequest, requester: Requester, data: DataHolders) -> None:
    """One entry in the log for each member, sealed until they are told."""
    for user_id in sorted({line.user_id for line in request.scope}):
        given = {line.field for line in request.scope if line.user_id == user_id}
        fields = sorted({one for name in given for one in data.fields[name].columns.values()})
        look = Look(
            actor=requester.user_id,
            role=", ".join(sorted(requester.roles)),
            fields=tuple(fields),
            reason=f"{request.instrument}: {request.authority}, {request.legal_basis}",
            case=request.request_id,
            deed=RELEASE,
        )
        body = msgspec.to_builtins(look) | {"about": user_id, "at": tx.now}
        index, salt, sealed = _seal(tx, body)
        tx.conn.execute(
            sa.insert(privacy_official_look).values(
                request_id=request.request_id,
                user_id=user_id,
                log_index=index,
                salt=salt,
                sealed=sealed,
            )
        )


def _seal(tx: Tx, body: JsonObject) -> tuple[int, bytes, str]:
    """Commit to a text in the log; returns the entry's index and what opens it."""
    text, salt = encode_json(body), tx.chance.secrets.token_bytes(SALT_BYTES)
    return record_commitment(tx, hashlib.sha256(salt + text).digest()), salt, text.decode()


def _receipt_of(request: OfficialRequest) -> JsonObject:
    """What is committed to at receipt. It names no member: every one of them will read it."""
    return {
        "official_request": request.request_id,
        "received_at": request.entered_at,
        "instrument": request.instrument,
        "category": request.category,
        "country": request.country,
        "authority": request.authority,
        "legal_basis": request.legal_basis,
        "court": request.court,
        "document": request.document,
        "document_on": request.document_on,
        "gag_ends_at": request.gags[0].ends_at if request.gags else None,
    }


# Keeping it


def _keep(
    tx: Tx, before: OfficialRequest, after: OfficialRequest, package: Package | None = None
) -> None:
    values = _columns_of(after)
    if package is not None:
        values |= {
            "package_sha256": package.sha256,
            "fields_given": ",".join(package.fields),
            "accounts_given": package.account_count,
        }
    request_id = after.request_id
    tx.conn.execute(
        sa.update(privacy_official_request).where(_row.request_id == request_id).values(**values)
    )
    if after.scope_version != before.scope_version:
        lines = sa.delete(privacy_official_line)
        tx.conn.execute(lines.where(_line.request_id == request_id, _line.kind == "scope"))
        _add_lines(tx, request_id, "scope", after.scope)
    if after.approvals != before.approvals:
        approvals = sa.delete(privacy_official_approval)
        tx.conn.execute(approvals.where(_approval.request_id == request_id))
        for one in after.approvals:
            tx.conn.execute(
                sa.insert(privacy_official_approval).values(
                    request_id=request_id, by_user_id=one.by, at=one.at
                )
            )
    _add_gags(tx, after, after=len(before.gags))


def _columns_of(request: OfficialRequest) -> dict[str, object]:
    return {column.name: getattr(request, column.name) for column in KEPT_COLUMNS}


def _add_lines(tx: Tx, request_id: str, kind: str, lines: Iterable[ScopeLine]) -> None:
    for number, line in enumerate(lines):
        tx.conn.execute(
            sa.insert(privacy_official_line).values(
                request_id=request_id,
                kind=kind,
                number=number,
                user_id=line.user_id,
                field=line.field,
                start_at=line.start,
                end_at=line.end,
            )
        )


def _add_gags(tx: Tx, request: OfficialRequest, *, after: int) -> None:
    for number, gag in enumerate(request.gags[after:], start=after):
        tx.conn.execute(
            sa.insert(privacy_official_gag).values(
                request_id=request.request_id,
                number=number,
                document=gag.document,
                ends_at=gag.ends_at,
                entered_at=gag.entered_at,
            )
        )


def _note(tx: Tx, request: OfficialRequest, act: str, *, by: str | None, note: str = "") -> None:
    count = tx.conn.execute(
        sa.select(sa.func.count()).where(_act.request_id == request.request_id)
    ).scalar_one()
    tx.conn.execute(
        sa.insert(privacy_official_act).values(
            request_id=request.request_id,
            number=count,
            at=tx.now,
            act=act,
            by_user_id=by,
            note=note,
        )
    )
