"""Who of the staff may do what with official requests, and the way from an id to one.

Privacy stands below accounts, so the roles are those that the requester comes with.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal, TypeAlias

import sqlalchemy as sa

from teahouse.platform.db import Read, Tx
from teahouse.platform.errors import Forbidden
from teahouse.platform.requester import Requester, Role
from teahouse.privacy.official_requests.errors import OfficialRequestNotFound
from teahouse.privacy.official_requests.tables import (
    privacy_official_approval,
    privacy_official_gag,
    privacy_official_line,
    privacy_official_request,
)
from teahouse.privacy.official_requests.types import Approval, Gag, OfficialRequest, ScopeLine

OfficialPower: TypeAlias = Literal["official.enter", "official.approve", "official.read"]

# Approving takes another trade into account; an auditor reads and changes nothing.
_HOLDERS: Final[dict[OfficialPower, frozenset[Role]]] = {
    "official.enter": frozenset({"operator"}),
    "official.approve": frozenset({"operator", "bank_officer"}),
    "official.read": frozenset({"operator", "bank_officer", "auditor"}),
}
_line, _gag = privacy_official_line.c, privacy_official_gag.c
_approval = privacy_official_approval.c
_row = privacy_official_request.c
_KEPT: Final = (
    "request_id", "status", "instrument", "category", "country", "authority", "legal_basis",
    "court", "document", "document_on", "danger", "entered_by", "entered_at", "lapses_at",
    "scope_version", "scoped_by", "validated_by", "outcome", "reason", "concluded_by",
    "concluded_at", "notice_at", "notified_at", "reviewed_by",
)  # fmt: skip
KEPT_COLUMNS: Final = tuple(_row[name] for name in _KEPT)


def official_powers_of(roles: Collection[Role]) -> list[OfficialPower]:
    """What some roles may do here."""
    return [power for power, holders in _HOLDERS.items() if holders & {*roles}]


def check_official_power(requester: Requester, power: OfficialPower) -> None:
    """Refuse who has no role for this, and programs that act for somebody.

    Raises:
        Forbidden: none of the requester's roles gives the power.
    """
    if requester.appservice_id is not None or not requester.roles & _HOLDERS[power]:
        raise Forbidden("This needs a staff role that you do not have.")


def access_official_request(
    read: Read, requester: Requester, request_id: str, power: OfficialPower
) -> OfficialRequest:
    """A request, for those of the staff who may do something to it.

    Raises:
        Forbidden: the requester lacks the power.
        OfficialRequestNotFound: there is none of this id.
    """
    check_official_power(requester, power)
    return load_request(read, request_id)


def load_request(read: Read, request_id: str) -> OfficialRequest:
    """A request by its id.

    Raises:
        OfficialRequestNotFound: there is none.
    """
    statement = sa.select(*KEPT_COLUMNS).where(_row.request_id == request_id)
    if isinstance(read, Tx):
        # Who changes it holds it: two servers must not count one approval each.
        statement = statement.with_for_update()
    row = read.conn.execute(statement).one_or_none()
    if row is None:
        raise OfficialRequestNotFound
    return OfficialRequest(
        **row._mapping,  # noqa: SLF001 - SQLAlchemy's public name for it
        asked=_load_lines(read, request_id, "asked"),
        scope=_load_lines(read, request_id, "scope"),
        approvals=_load_approvals(read, request_id),
        gags=_load_gags(read, request_id),
    )


def _load_lines(read: Read, request_id: str, kind: str) -> tuple[ScopeLine, ...]:
    rows = read.conn.execute(
        sa.select(_line.user_id, _line.field, _line.start_at, _line.end_at)
        .where(_line.request_id == request_id, _line.kind == kind)
        .order_by(_line.number)
    )
    return tuple(
        ScopeLine(user_id=row.user_id, field=row.field, start=row.start_at, end=row.end_at)
        for row in rows
    )


def _load_approvals(read: Read, request_id: str) -> tuple[Approval, ...]:
    rows = read.conn.execute(
        sa.select(_approval.by_user_id, _approval.at)
        .where(_approval.request_id == request_id)
        .order_by(_approval.at, _approval.by_user_id)
    )
    return tuple(Approval(*row) for row in rows)


def _load_gags(read: Read, request_id: str) -> tuple[Gag, ...]:
    rows = read.conn.execute(
        sa.select(_gag.document, _gag.ends_at, _gag.entered_at)
        .where(_gag.request_id == request_id)
        .order_by(_gag.number)
    )
    return tuple(Gag(*row) for row in rows)
