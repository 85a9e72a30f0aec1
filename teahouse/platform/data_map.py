"""The data map: what each column and file class can say about a person.

Declared beside the definition, as a column's `info`:

    sa.Column("display_name", sa.Text, info=personal(
        "profile", "shown to people you share a room with", keep="account", seen_by=("members",)))
    sa.Column("position", sa.BigInteger, info=impersonal())

A test fails where a column has none. Retention, export, erasure and the published policy are
made from it.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec
import sqlalchemy as sa

Category: TypeAlias = Literal[
    "identifier",  # who: member id, device id
    "credential",  # secrets, kept only as digests or sealed
    "profile",  # what a member says about themself
    "content",  # what a member wrote, mostly ciphertext
    "relation",  # who is with whom: membership, contacts
    "activity",  # what was done, and when
    "address",  # network addresses and user agents
    "preference",  # choices and settings
    "keys",  # public keys and sealed key backups
    "money",  # amounts, balances and payments
]
Viewer: TypeAlias = Literal[
    "self",
    "room",
    "members",
    "public",
    "moderator",
    "operator",
    "nobody",
    "counterparty",  # who is on the other side of a payment
    "bank_officer",
    "auditor",
]
Keep: TypeAlias = Literal[
    "account",  # until the account is erased
    "device",  # until the device is signed out
    "room",  # as long as the room's retention rule says
    "delivery",  # until delivered, at most 30 days
    "7 days",
    "30 days",
    "session",  # minutes: an unfinished sign-in
    "replaced",  # until the member replaces or removes it
    "job",  # until the job is done
    "financial law",  # as long as the law of bookkeeping demands, cut off from the profile
]

# Source: Regulation (EU) 2016/679, article 6(1).
Basis: TypeAlias = Literal[
    "contract",  # (b) the service that the member asked for cannot be given without it
    "legal obligation",  # (c) a law demands that it is kept
    "legitimate interest",  # (f) the safety of the members and of the house
    "consent",  # (a) the member said yes to just this, and may take it back
]


class PersonalData(msgspec.Struct, frozen=True):
    """What a column or file class holds about a person.

    Attributes:
        category: what kind of data.
        purpose: why it is kept, a phrase a member understands.
        keep: how long it is kept.
        seen_by: who can see it, besides the program itself.
        basis: what makes it lawful.
        is_alias: whether it stands for the member whom the same row names, in other tables.
        under: the optional purpose that it is derived under; it is sealed, and goes with the
            consent.
    """

    category: Category
    purpose: str
    keep: Keep
    seen_by: tuple[Viewer, ...]
    basis: Basis = "contract"
    is_alias: bool = False
    under: str | None = None


class Impersonal(msgspec.Struct, frozen=True):
    """A column that says nothing about a person."""


_INFO_KEY = "data_map"


def personal(
    category: Category,
    purpose: str,
    *,
    keep: Keep,
    seen_by: tuple[Viewer, ...] = ("self",),
    basis: Basis | None = None,
    is_alias: bool = False,
) -> dict[Any, Any]:
    """The `info` of a column that can hold personal data.

    Args:
        category: what kind of data.
        purpose: why it is kept, a phrase a member understands.
        keep: how long it is kept.
        seen_by: who can see it, besides the program itself.
        basis: what makes it lawful; by default as `default_basis` says.
        is_alias: whether it stands for the member whom the same row names, in other tables.
    """
    chosen = basis or default_basis(category, keep)
    return {_INFO_KEY: PersonalData(category, purpose, keep, seen_by, chosen, is_alias)}


def derived(category: Category, purpose: str, *, keep: Keep, under: str) -> dict[Any, Any]:
    """The `info` of a column that is derived under an optional purpose.

    What makes it lawful is consent, the member alone sees it, and the column holds only what was
    sealed under the consent's own key.

    Args:
        category: what kind of data.
        purpose: why it is kept, a phrase a member understands.
        keep: how long it is kept, unless the consent is taken back before.
        under: the optional purpose, by name.
    """
    data = PersonalData(category, purpose, keep, ("self",), "consent", under=under)
    return {_INFO_KEY: data}


def default_basis(category: Category, keep: Keep) -> Basis:
    """What makes it lawful to hold data of a kind, where nothing else was declared.

    Nearly everything here is the service itself. Nobody needs addresses to write and pay: they
    are looked at to find out who breaks in.
    """
    if keep == "financial law":
        return "legal obligation"
    return "legitimate interest" if category == "address" else "contract"


def impersonal() -> dict[Any, Any]:
    """The `info` of a column that cannot hold personal data."""
    return {_INFO_KEY: Impersonal()}


def declaration(column: sa.Column[Any]) -> PersonalData | Impersonal | None:
    """What was declared beside a column, or None where that was forgotten."""
    found = column.info.get(_INFO_KEY)
    assert found is None or isinstance(found, PersonalData | Impersonal)
    return found


class FileClass(msgspec.Struct, frozen=True):
    """A kind of stored file and what it holds about a person.

    Attributes:
        prefix: the folder in the file store.
        data: what the files can say.
    """

    prefix: str
    data: PersonalData


FILE_CLASSES: list[FileClass] = []


def declare_files(
    prefix: str, category: Category, purpose: str, *, keep: Keep, seen_by: tuple[Viewer, ...]
) -> FileClass:
    """Declare a folder of the file store; files elsewhere are refused by the store."""
    basis = default_basis(category, keep)
    declared = FileClass(prefix, PersonalData(category, purpose, keep, seen_by, basis))
    FILE_CLASSES.append(declared)
    return declared


class AgeLimit(msgspec.Struct, frozen=True):
    """By which column a row, or what it says of a person, grows too old, and what removes it.

    Attributes:
        table: where.
        keep: of the columns that it binds.
        since: a column of instants, ms: since when it is kept, or until when.
        keep_ms: how long after that instant it may stay.
        job: the name of the job on a timetable that removes it.
        is_there: true of rows that still say it, where the job empties columns.
    """

    table: sa.Table
    keep: Keep
    since: sa.Column[Any]
    keep_ms: int
    job: str
    is_there: sa.ColumnElement[bool] | None = None

    @property
    def name(self) -> str:
        """`table (keep)`: a table may have data of several keeps."""
        return f"{self.table.name} ({self.keep})"


class FileLimit(msgspec.Struct, frozen=True):
    """How old the files of a class may grow, and which job removes them.

    Attributes:
        file_class: which files.
        keep_ms: how long after they were written.
        job: the name of the job on a timetable.
    """

    file_class: FileClass
    keep_ms: int
    job: str

    @property
    def name(self) -> str:
        """`files folder/`, as the data map calls it."""
        return f"files {self.file_class.prefix}/"


DAY_MS = 86_400_000
AGE_LIMITS: list[AgeLimit] = []
FILE_LIMITS: list[FileLimit] = []


def limit_age(
    since: sa.Column[Any],
    *,
    keep: Keep,
    keep_ms: int,
    job: str,
    is_there: sa.ColumnElement[bool] | None = None,
) -> None:
    """Bind a table's data of one keep to a column of instants and the job that removes it.

    Args:
        since: since when a row is kept, ms; or until when, with a `keep_ms` of 0.
        keep: of the columns that it binds.
        keep_ms: how long after that instant it may stay.
        job: the name of the job on a timetable.
        is_there: true of rows that still say it, where the job empties columns.
    """
    AGE_LIMITS.append(AgeLimit(since.table, keep, since, keep_ms, job, is_there))


def limit_files(file_class: FileClass, *, keep_ms: int, job: str) -> None:
    """Bind a class of files to the job that removes them in time."""
    FILE_LIMITS.append(FileLimit(file_class, keep_ms, job))


class Egress(msgspec.Struct, frozen=True):
    """A way by which data leaves the house for another machine.

    Attributes:
        module: the one that sends.
        receiver: whose machine it is.
        data: the kinds of data that can go.
        purpose: why.
        chosen_by: who named the receiver.
    """

    module: str
    receiver: str
    data: tuple[Category, ...]
    purpose: str
    chosen_by: Literal["member", "operator", "shop"]


EGRESS: list[Egress] = []


def declare_egress(
    module: str,
    *,
    receiver: str,
    data: tuple[Category, ...],
    purpose: str,
    chosen_by: Literal["member", "operator", "shop"],
) -> None:
    """Declare that a module sends data to another machine; a test finds one that did not.

    Args:
        module: `__name__`.
        receiver: whose machine it is.
        data: the kinds of data that can go.
        purpose: why.
        chosen_by: who named the receiver.
    """
    EGRESS.append(Egress(module, receiver, data, purpose, chosen_by))
