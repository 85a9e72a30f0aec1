"""Nouns of official requests: the request, its scope, and what domains offer to releases."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Annotated, Literal, NewType, Protocol, TypeAlias

import msgspec

from teahouse.platform.db import Read
from teahouse.platform.json import Json, JsonObject

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


class Act(msgspec.Struct, frozen=True):
    """Something that was done to a request; `by` is None where time did it."""

    at: int
    act: str
    by: str | None
    note: str


class StaffView(msgspec.Struct, frozen=True, kw_only=True):
    """A request as the staff see it.

    Attributes:
        request: all of it.
        log_index: where the log holds the commitment made at receipt.
        package_sha256: of what was given; the house keeps nothing else of it.
        acts: all that was done.
    """

    request: OfficialRequest
    log_index: int
    package_sha256: str | None
    acts: list[Act]


class Released(msgspec.Struct, frozen=True, kw_only=True):
    """What is handed over, once.

    Attributes:
        view: the request afterwards.
        sha256: of the package, hexadecimal.
        package: JSON, exactly as hashed.
    """

    view: StaffView
    sha256: str
    package: str


class TriedLine(msgspec.Struct, frozen=True):
    """How many items a line of the scope comes to today."""

    user_id: str
    field: str
    count: int


class Trial(msgspec.Struct, frozen=True):
    """What a release would hand over today; the items themselves nobody sees by it.

    Attributes:
        sha256: of the package, hexadecimal: that of the release, if nothing changes until then.
        size: of the package, bytes.
        lines: in the order of the scope.
    """

    sha256: str
    size: int
    lines: list[TriedLine]


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What proves when the house got a request: it opens a commitment in the log.

    Attributes:
        index: its place in the log.
        salt: 16 random bytes, hexadecimal.
        body: JSON, exactly the bytes that were committed to.
        commitment: SHA-256 of salt and body, hexadecimal.
    """

    index: int
    salt: str
    body: str
    commitment: str


class MemberView(msgspec.Struct, frozen=True, kw_only=True):
    """A request as a member sees it whose data it was about, once they may know.

    Attributes:
        request_id: its id.
        instrument: what kind of document it was.
        country: two capital letters.
        authority: who asked.
        legal_basis: the law and article it named.
        court: who signed it, or empty.
        document: SHA-256 of the document.
        document_on: the day on it.
        received_at: when the house got it.
        outcome: what became of it.
        reason: why it was rejected.
        concluded_at: when it was.
        notified_at: when the member could know.
        gags: the orders by which they could not know earlier.
        asked: what it asked for of the member.
        given: what was given of the member.
        receipt: proves when the house got it.
    """

    request_id: str
    instrument: Instrument
    country: str
    authority: str
    legal_basis: str
    court: str
    document: str | None
    document_on: str | None
    received_at: int
    outcome: Outcome
    reason: str
    concluded_at: int
    notified_at: int
    gags: tuple[Gag, ...]
    asked: list[ScopeLine]
    given: list[ScopeLine]
    receipt: Receipt


class Reported(msgspec.Struct, frozen=True, kw_only=True):
    """A request as the transparency report counts it: no names.

    Attributes:
        entered_at: when it came in.
        country: two capital letters.
        instrument: what kind of document.
        category: what kind of data.
        outcome: what became of it; None: nothing yet.
        accounts_asked: how many members it named.
        accounts_given: of how many something was given.
        fields_given: names of what was given.
        gag_ends_at: when its last gag order ends or ended; None: there was none.
        notified_at: when the members were told.
    """

    entered_at: int
    country: str
    instrument: Instrument
    category: RequestCategory
    outcome: Outcome | None
    accounts_asked: int
    accounts_given: int
    fields_given: tuple[str, ...]
    gag_ends_at: int | None
    notified_at: int | None


class NewScope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What shall be given."""

    scope: Lines


class NewApproval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Consent to a scope, by the version that was read."""

    scope_version: Annotated[int, msgspec.Meta(ge=1, le=2**31)]


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why somebody does something, in their words."""

    note: _Text


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


class ExportHolder(msgspec.Struct, frozen=True):
    """A domain that makes its whole export of a member and picks from it.

    Attributes:
        fields: each named `<domain>.<subject>`; the export holds it as `<subject>`.
        export: all of a member by subject, each an object or a list of objects.
    """

    fields: tuple[Field, ...]
    export: Callable[[Read, str], JsonObject]

    def export_fields(
        self, read: Read, user_id: str, names: Collection[str]
    ) -> Mapping[str, list[JsonObject]]:
        """Some fields of one member, each as a list of items."""
        found = self.export(read, user_id)
        return {name: _items(found.get(name.partition(".")[2])) for name in names}


class QueryHolder(msgspec.Struct, frozen=True):
    """A domain that reads each field by a query of its own, and only those that are asked for.

    Attributes:
        queries: each field with what reads its items of one member.
    """

    queries: tuple[tuple[Field, Callable[[Read, str], Iterable[JsonObject]]], ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """What it can give."""
        return tuple(field for field, _ in self.queries)

    def export_fields(
        self, read: Read, user_id: str, names: Collection[str]
    ) -> Mapping[str, list[JsonObject]]:
        """Some fields of one member, each as a list of items."""
        return {
            field.name: list(query(read, user_id))
            for field, query in self.queries
            if field.name in names
        }


class DataHolders(msgspec.Struct, frozen=True):
    """Everybody who holds data of members; `teahouse.app` has the list."""

    holders: tuple[DataHolder, ...]

    @property
    def fields(self) -> dict[str, Field]:
        """All fields by name."""
        return {field.name: field for holder in self.holders for field in holder.fields}


def _items(value: Json) -> list[JsonObject]:
    if isinstance(value, dict):
        return [value]
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
