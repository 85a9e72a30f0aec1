"""Reading the register, and cutting out what a scope names: for a release and for a dry run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.platform.checks import PROBLEMS_MAX, Check
from teahouse.platform.data_map import Category, PersonalData, declaration
from teahouse.platform.db import Read, metadata
from teahouse.platform.json import JsonObject, encode_json
from teahouse.platform.requester import Requester
from teahouse.privacy.official_requests.access import (
    access_official_request,
    check_official_power,
    load_request,
)
from teahouse.privacy.official_requests.errors import NotReleasable
from teahouse.privacy.official_requests.rules import cut_items, sort_lines
from teahouse.privacy.official_requests.tables import (
    privacy_official_act,
    privacy_official_gag,
    privacy_official_line,
    privacy_official_request,
)
from teahouse.privacy.official_requests.types import (
    Act,
    DataHolders,
    Field,
    MemberView,
    Receipt,
    Reported,
    RequestStatus,
    ScopeLine,
    StaffView,
)
from teahouse.privacy.transparency_log.queries import list_commitments

PACKAGE_FORMAT = "teahouse-release-1"
NO_CONTENT_EN = (
    "Nothing that members wrote is in here. What is said in encrypted chats cannot be given: it is "
    "encrypted between the members' devices, and this house has no keys to it."
)
NO_CONTENT_ZH = (
    "此处没有成员所写的任何内容。加密聊天的内容无法提供：它在成员的设备之间加密，本站没有密钥。"
)
REPORTED_MAX = 100_000
# A notice that is due waits for the job's next minute, or for a server that was down.
_LATE_MS = 3_600_000
# As long as a gag order may last.
UNDECIDED_MS = 90 * 24 * _LATE_MS
_MEMBER_LIST_MAX = 1000

_row, _line = privacy_official_request.c, privacy_official_line.c
_act, _gag = privacy_official_act.c, privacy_official_gag.c


class Package(msgspec.Struct, frozen=True):
    """What a scope comes to.

    Attributes:
        content: JSON, as it is handed over.
        fields: names of the fields of which there was something.
        account_count: members of whom there was something.
    """

    content: bytes
    fields: tuple[str, ...]
    account_count: int

    @property
    def sha256(self) -> str:
        """Hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


def build_package(read: Read, scope: Iterable[ScopeLine], data: DataHolders) -> Package:
    """What lies both within a scope and within the data map. The only way data gets out.

    Args:
        read: a view of the database.
        scope: fields of members over times.
        data: who holds data.
    """
    lines = sort_lines(scope)
    found = _export(read, lines, data)
    fields = data.fields
    parts: list[JsonObject] = []
    given: set[tuple[str, str]] = set()
    for line in lines:
        field = fields[line.field]
        items = found.get((line.user_id, line.field), [])
        kept = cut_items(items, line, field, categories=_categories(field), now=read.now)
        parts.append(
            {
                "member": line.user_id,
                "field": line.field,
                "what": field.en,
                "from": line.start,
                "to": line.end,
                "items": kept,  # type: ignore[dict-item]  # a list of objects is JSON
            }
        )
        if kept:
            given.add((line.user_id, line.field))
    content = encode_json({"format": PACKAGE_FORMAT, "content": NO_CONTENT_EN, "parts": parts})
    return Package(
        content,
        tuple(sorted({field for _, field in given})),
        len({user_id for user_id, _ in given}),
    )


def try_release(
    read: Read,
    requester: Requester,
    data: DataHolders,
    *,
    names: Iterable[str] | None,
    start: int,
    end: int | None,
) -> bytes:
    """What a court would get today of whoever asks, made by the code of a release.

    Args:
        read: a view of the database.
        requester: the member.
        data: who holds data.
        names: of fields; None: all that can be given.
        start: the first instant, milliseconds.
        end: the instant behind the last; None: up to now.

    Raises:
        NotReleasable: one of the fields cannot be given.
    """
    fields = data.fields
    wanted = sorted(fields) if names is None else sorted(set(names))
    if not set(wanted) <= set(fields):
        raise NotReleasable(fields=sorted(fields))
    scope = [
        ScopeLine(user_id=requester.user_id, field=name, start=start, end=end) for name in wanted
    ]
    return build_package(read, scope, data).content


def _export(
    read: Read, lines: tuple[ScopeLine, ...], data: DataHolders
) -> dict[tuple[str, str], list[JsonObject]]:
    wanted: dict[str, set[str]] = {}
    for line in lines:
        wanted.setdefault(line.user_id, set()).add(line.field)
    found: dict[tuple[str, str], list[JsonObject]] = {}
    for user_id, names in wanted.items():
        for holder in data.holders:
            own = names & {field.name for field in holder.fields}
            if own:
                for name, items in holder.export_fields(read, user_id, own).items():
                    found[user_id, name] = items
    return found


def _categories(field: Field) -> Mapping[str, Category | None]:
    """What the data map says of the columns that a field names."""
    found: dict[str, Category | None] = {}
    for name in field.columns.values():
        table, _, column = name.partition(".")
        declared = declaration(metadata.tables[table].c[column])
        if declared is not None:
            found[name] = declared.category if isinstance(declared, PersonalData) else None
    return found


# For the staff


def read_request(read: Read, requester: Requester, request_id: str) -> StaffView:
    """A request and all that was done to it.

    Raises:
        Forbidden: the requester lacks the power.
        OfficialRequestNotFound: there is none of this id.
    """
    access_official_request(read, requester, request_id, "official.read")
    return show_request(read, request_id)


def list_requests(
    read: Read,
    requester: Requester,
    *,
    status: RequestStatus | None,
    before: str | None,
    limit: int,
) -> list[StaffView]:
    """Requests, the latest first.

    Raises:
        Forbidden: the requester lacks the power.
    """
    check_official_power(requester, "official.read")
    statement = sa.select(_row.request_id).order_by(_row.request_id.desc()).limit(limit)
    if status is not None:
        statement = statement.where(_row.status == status)
    if before is not None:
        statement = statement.where(_row.request_id < before)
    found = read.conn.execute(statement).scalars().all()
    return [show_request(read, request_id) for request_id in found]


def show_request(read: Read, request_id: str) -> StaffView:
    """A request as the staff see it."""
    log_index, package_sha256 = read.conn.execute(
        sa.select(_row.log_index, _row.package_sha256).where(_row.request_id == request_id)
    ).one()
    acts = read.conn.execute(
        sa.select(_act.at, _act.act, _act.by_user_id, _act.note)
        .where(_act.request_id == request_id)
        .order_by(_act.number)
    )
    return StaffView(
        request=load_request(read, request_id),
        log_index=log_index,
        package_sha256=package_sha256,
        acts=[Act(*row) for row in acts],
    )


def list_waiting(read: Read, *, limit: int) -> list[str]:
    """Requests whose members must be told now, and emergencies that are over."""
    is_due = sa.and_(_row.notified_at.is_(None), _row.notice_at <= read.now)
    is_over = sa.and_(_row.outcome.is_(None), _row.lapses_at <= read.now)
    rows = read.conn.execute(
        sa.select(_row.request_id)
        .where(sa.or_(is_due, is_over))
        .order_by(_row.request_id)
        .limit(limit)
    )
    return list(rows.scalars())


def list_documents(read: Read) -> set[str]:
    """SHA-256 of every document that some request names."""
    requests = read.conn.execute(sa.select(_row.document).where(_row.document.is_not(None)))
    gags = read.conn.execute(sa.select(_gag.document))
    return {*requests.scalars(), *gags.scalars()}


# For the members


def list_requests_about(read: Read, user_id: str) -> list[MemberView]:
    """Requests about a member, the latest first; those they may know of."""
    rows = read.conn.execute(
        sa.select(_row.request_id, _row.log_index, _row.salt, _row.sealed)
        .where(
            _row.notified_at.is_not(None),
            sa.exists().where(_line.request_id == _row.request_id, _line.user_id == user_id),
        )
        .order_by(_row.request_id.desc())
        .limit(_MEMBER_LIST_MAX)
    )
    return [_show_member(read, row, user_id) for row in rows.all()]


def _show_member(read: Read, row: sa.Row[*tuple[Any, ...]], user_id: str) -> MemberView:
    request = load_request(read, row.request_id)
    assert request.outcome is not None
    assert request.concluded_at is not None
    assert request.notified_at is not None
    scope = () if request.outcome == "rejected" else request.scope
    return MemberView(
        request_id=request.request_id,
        instrument=request.instrument,
        country=request.country,
        authority=request.authority,
        legal_basis=request.legal_basis,
        court=request.court,
        document=request.document,
        document_on=request.document_on,
        received_at=request.entered_at,
        outcome=request.outcome,
        reason=request.reason,
        concluded_at=request.concluded_at,
        notified_at=request.notified_at,
        gags=request.gags,
        # Whom else it names is not theirs to know.
        asked=[line for line in request.asked if line.user_id == user_id],
        given=[line for line in scope if line.user_id == user_id],
        receipt=Receipt(
            index=row.log_index,
            salt=row.salt.hex(),
            body=row.sealed,
            commitment=hashlib.sha256(row.salt + row.sealed.encode()).hexdigest(),
        ),
    )


# For the report


def list_reported(read: Read) -> list[Reported]:
    """Every request as the report counts it, the earliest first."""
    asked = (
        sa.select(sa.func.count(sa.distinct(_line.user_id)))
        .where(_line.request_id == _row.request_id, _line.kind == "asked")
        .scalar_subquery()
    )
    gag_end = (
        sa.select(sa.func.max(_gag.ends_at))
        .where(_gag.request_id == _row.request_id)
        .scalar_subquery()
    )
    rows = read.conn.execute(
        sa.select(
            _row.entered_at,
            _row.country,
            _row.instrument,
            _row.category,
            _row.outcome,
            asked.label("accounts_asked"),
            _row.accounts_given,
            _row.fields_given,
            gag_end.label("gag_ends_at"),
            _row.notified_at,
        )
        .order_by(_row.entered_at, _row.request_id)
        .limit(REPORTED_MAX)
    )
    return [_reported(row) for row in rows]


def _reported(row: sa.Row[*tuple[Any, ...]]) -> Reported:
    return Reported(
        entered_at=row.entered_at,
        country=row.country,
        instrument=row.instrument,
        category=row.category,
        outcome=row.outcome,
        accounts_asked=row.accounts_asked,
        accounts_given=row.accounts_given,
        fields_given=tuple(row.fields_given.split(",")) if row.fields_given else (),
        gag_ends_at=row.gag_ends_at,
        notified_at=row.notified_at,
    )


# What `teahouse check` verifies


def _find_late_notices(read: Read) -> Iterator[str]:
    late = read.conn.execute(
        sa.select(_row.request_id)
        .where(_row.notified_at.is_(None), _row.notice_at <= read.now - _LATE_MS)
        .order_by(_row.request_id)
        .limit(PROBLEMS_MAX)
    )
    for request_id in late.scalars():
        yield f"The members that {request_id} names were to be told and were not"


def _find_undecided(read: Read) -> Iterator[str]:
    """Nothing was given, so nobody is told: leaving a request lie must not hide it for ever."""
    old = read.conn.execute(
        sa.select(_row.request_id)
        .where(_row.outcome.is_(None), _row.entered_at <= read.now - UNDECIDED_MS)
        .order_by(_row.request_id)
        .limit(PROBLEMS_MAX)
    )
    for request_id in old.scalars():
        yield f"{request_id} was neither answered nor rejected within 90 days"


def _find_broken_seals(read: Read) -> Iterator[str]:
    rows = read.conn.execute(
        sa.select(_row.request_id, _row.log_index, _row.salt, _row.sealed).order_by(_row.request_id)
    )
    for row in rows.all():
        commitment = hashlib.sha256(row.salt + row.sealed.encode()).digest()
        if list_commitments(read, start=row.log_index, limit=1) != [commitment]:
            yield f"What the log holds of {row.request_id} is not what was received"


CHECKS = [
    Check("privacy: No official request is left lying", _find_undecided),
    Check("privacy: Members are told of official requests in time", _find_late_notices),
    Check("privacy: Official requests are in the log as they came in", _find_broken_seals),
]
