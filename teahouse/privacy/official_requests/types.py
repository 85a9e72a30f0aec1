"""Nouns of official requests: the request, its scope, and what domains offer to releases."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Literal, NewType, Protocol, TypeAlias

import msgspec

from teahouse.platform.db import Read
from teahouse.platform.json import JsonObject

RequestId = NewType("RequestId", str)

Instrument: TypeAlias = Literal[
    "warrant", "order", "treaty", "emergency", "subpoena", "preservation", "informal"
]
RequestCategory: TypeAlias = Literal["device", "account", "financial", "content", "removal"]
RequestStatus: TypeAlias = Literal[
    "received", "validated", "scoped", "approved", "released", "narrowed", "rejected", "notified"
]
Outcome: TypeAlias = Literal["released", "narrowed", "rejected"]

LINES_MAX = 100
GAGS_MAX = 100
# A document scanned at 300 dots per inch has half a megabyte a page.
DOCUMENT_BYTES_MAX = 10_485_760

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
_Instant = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
_UserId = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
_FieldName = Annotated[str, msgspec.Meta(pattern=r"\A[a-z_]{1,50}(\.[a-z_]{1,50}){1,2}\Z")]
Digest: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]
_Day = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]


class ScopeLine(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"start": "from", "end": "to"},
):
    """One field of one member over one time.

    Attributes:
        user_id: the member.
        field: as named in the form, `accounts.devices` say.
        start: the first instant, milliseconds since the epoch.
        end: the instant behind the last; None: up to the release.
    """

    user_id: _UserId
    field: _FieldName
    start: _Instant
    end: _Instant | None = None


Lines: TypeAlias = Annotated[
    tuple[ScopeLine, ...], msgspec.Meta(min_length=1, max_length=LINES_MAX)
]


class NewGag(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An order not to tell the member yet.

    Attributes:
        document: SHA-256 of the order, hexadecimal; it may be that of the request itself.
        ends_at: when the member is told, milliseconds; at most 90 days ahead.
    """

    document: Digest
    ends_at: _Instant


class Gag(msgspec.Struct, frozen=True):
    """An order not to tell the member yet, as it is kept."""

    document: str
    ends_at: int
    entered_at: int


class NewRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a staff member enters of a request that came in.

    Attributes:
        instrument: what kind of document it is.
        category: what kind of data it asks for.
        country: two capital letters.
        authority: who asks.
        legal_basis: the law and article it names.
        court: who signed it; empty where no court did.
        document: SHA-256 of the document, uploaded before; None only in an emergency.
        document_on: the day on it, `2026-11-24`.
        danger: the danger to life that is named; only in an emergency.
        asked: what the document asks for, whether or not it can be given.
        gag: an order not to tell the member yet.
    """

    instrument: Instrument
    category: RequestCategory
    country: Annotated[str, msgspec.Meta(pattern=r"\A[A-Z]{2}\Z")]
    authority: _Name
    legal_basis: _Name
    court: Annotated[str, msgspec.Meta(max_length=300)] = ""
    document: Digest | None = None
    document_on: _Day | None = None
    danger: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    asked: Lines
    gag: NewGag | None = None


class Approval(msgspec.Struct, frozen=True):
    """Somebody's consent to the scope as it stands."""

    by: str
    at: int


class OfficialRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request, as it is kept.

    Attributes:
        request_id: its id.
        status: where it stands.
        instrument: what kind of document it is.
        category: what kind of data it asks for.
        country: two capital letters.
        authority: who asks.
        legal_basis: the law and article it names.
        court: who signed it, or empty.
        document: SHA-256 of the document, hexadecimal.
        document_on: the day on it.
        danger: the danger to life that an emergency names.
        entered_by: who of the staff entered it.
        entered_at: when, milliseconds.
        lapses_at: when an emergency ends by itself.
        asked: what the document asks for.
        scope: what is to be given; empty until somebody has said it.
        scope_version: how often the scope was set.
        scoped_by: who set it last.
        validated_by: who found the document valid.
        approvals: of the scope as it stands.
        gags: orders not to tell yet, one after another.
        outcome: what became of it.
        reason: why it was rejected.
        concluded_by: who released or rejected it; None: time itself.
        concluded_at: when.
        notice_at: when the members it names are told.
        notified_at: when they were.
        reviewed_by: who looked at an emergency afterwards.
    """

    request_id: RequestId
    status: RequestStatus
    instrument: Instrument
    category: RequestCategory
    country: str
    authority: str
    legal_basis: str
    court: str
    document: str | None
    document_on: str | None
    danger: str
    entered_by: str
    entered_at: int
    lapses_at: int | None = None
    asked: tuple[ScopeLine, ...]
    scope: tuple[ScopeLine, ...] = ()
    scope_version: int = 0
    scoped_by: str | None = None
    validated_by: str | None = None
    approvals: tuple[Approval, ...] = ()
    gags: tuple[Gag, ...] = ()
    outcome: Outcome | None = None
    reason: str = ""
    concluded_by: str | None = None
    concluded_at: int | None = None
    notice_at: int | None = None
    notified_at: int | None = None
    reviewed_by: str | None = None


# What domains offer


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a domain can give of one member.

    Attributes:
        name: `<domain>.<subject>`.
        en: what it is, in English.
        zh: in Chinese.
        columns: where each member of an item comes from, `{"created_at": "accounts_member
            .created_at"}`; what is not named here is not given.
        at: the member of an item that says when, milliseconds; None: it is what it is today.
    """

    name: str
    en: str
    zh: str
    columns: Mapping[str, str]
    at: str | None = None


class DataHolder(Protocol):
    """A domain that holds data of members."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """What it can give."""
        ...

    def export_fields(
        self, read: Read, user_id: str, names: Collection[str]
    ) -> Mapping[str, list[JsonObject]]:
        """Some fields of one member, each as a list of items.

        Args:
            read: a view of the database.
            user_id: the member; nothing is given of one who is not there.
            names: of its fields.
        """
        ...


class DataHolders(msgspec.Struct, frozen=True):
    """Everybody who holds data of members; `teahouse.app` has the list."""

    holders: tuple[DataHolder, ...]

    @property
    def fields(self) -> dict[str, Field]:
        """All fields by name."""
        return {field.name: field for holder in self.holders for field in holder.fields}
