"""The nouns of the policy: what is told of data, versions, and what changed between them."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

Reply: TypeAlias = Literal["accepted", "refused"]
# Of a member against the version in force; `older`: answered one before, or none at all.
Standing: TypeAlias = Literal["accepted", "older", "refused"]
PurposeKind: TypeAlias = Literal["own", "sharing", "ads"]


class Purpose(msgspec.Struct, frozen=True, kw_only=True):
    """Something optional that a member may say yes to. Off until then.

    Attributes:
        name: in identifiers and routes.
        title: by language, `en` and `zh`.
        text: what is done once one says yes, by language.
        data: the kinds of data (of the data map) that it uses.
        kind: whether data stays in this house, is handed to others, or serves advertising.
        keep_days: how long what comes of it is kept; gone at once when consent is withdrawn.
        derives: whether something is made of a member's data and kept. Then there are columns that
            are declared to be `under` it, or the server does not start.
    """

    name: str
    title: dict[str, str]
    text: dict[str, str]
    data: tuple[str, ...]
    kind: PurposeKind = "own"
    keep_days: int = 30
    derives: bool = False


class Datum(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the data map, as a version of the policy tells it.

    The words are texts: an archived version may have words that the program no longer knows.

    Attributes:
        where: `table.column`, or `files folder/`.
        category: what kind of data.
        purpose: why it is kept.
        basis: what makes it lawful.
        keep: how long.
        seen_by: who can see it.
    """

    where: str
    category: str
    purpose: str
    basis: str
    keep: str
    seen_by: tuple[str, ...]


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """All that a version of the policy is made from.

    Attributes:
        data: the data map, by place.
        optional: what members may consent to.
        prose: SHA-256 of the words around them, hexadecimal.
    """

    data: tuple[Datum, ...]
    optional: tuple[Purpose, ...]
    prose: str


class House(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers for the data.

    Attributes:
        server_name: what the house is called.
        contact: where its operator is reached.
    """

    server_name: str
    contact: str


class VersionView(msgspec.Struct, frozen=True, kw_only=True):
    """A version of the policy.

    Attributes:
        number: from 1.
        published_at: since when it can be read, ms.
        applies_at: since when it holds, ms: 30 days later where more is done with data.
        sha256: of its text, by language: `/privacy/policy/archive/<sha256>` has the very bytes.
    """

    number: int
    published_at: int
    applies_at: int
    sha256: dict[str, str]


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A version with what it was made from.

    Attributes:
        view: what is told of it.
        source: what it was made from.
        html: its text as a page, by language.
    """

    view: VersionView
    source: Source
    html: dict[str, str]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the data map that differs between two versions.

    Attributes:
        where: the place.
        before: the row in the older version; None where it is new.
        after: the row in the newer version; None where it is gone.
    """

    where: str
    before: Datum | None
    after: Datum | None


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between two versions.

    Attributes:
        old: the number of the older one; 0 for none.
        new: the number of the newer one.
        data: the rows of the data map that differ, and no others.
        optional_added: names of purposes that can now be consented to.
        optional_removed: names of purposes that no longer can.
        optional_changed: names of purposes that mean something else now.
        is_prose_changed: whether words around the data map differ.
    """

    old: int
    new: int
    data: tuple[Change, ...]
    optional_added: tuple[str, ...]
    optional_removed: tuple[str, ...]
    optional_changed: tuple[str, ...]
    is_prose_changed: bool


class PolicyStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A member against the policy. Nothing here decides what the member may do.

    Attributes:
        standing: accepted, older or refused.
        version: the version in force.
        coming: a version that is published and does not hold yet, or None.
        replies: what the member said to which version, by number.
    """

    standing: Standing
    version: VersionView
    coming: VersionView | None
    replies: dict[int, Reply]


class ReplyWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a member says to a version.

    Attributes:
        version: its number.
        reply: accepted or refused; either may follow the other at any time.
    """

    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
    reply: Reply


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """A processing activity of the record of article 30.

    Attributes:
        purpose: why.
        basis: what makes it lawful.
        categories: what kinds of data.
        keeps: time limits.
        seen_by: who receives it.
        stores: tables and folders.
    """

    purpose: str
    basis: str
    categories: tuple[str, ...]
    keeps: tuple[str, ...]
    seen_by: tuple[str, ...]
    stores: tuple[str, ...]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """The record of processing activities.

    Source: Regulation (EU) 2016/679, article 30(1).

    Attributes:
        controller: who answers for the data.
        version: the version of the policy that it goes with.
        subjects: whose data.
        activities: one for each purpose and basis.
        transfers: to other countries.
        security: measures, in general.
    """

    controller: House
    version: int
    subjects: str
    activities: tuple[Activity, ...]
    transfers: str
    security: str


class HeldColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of datum of a table, as told to a member: as of `Datum`, in the member's language.

    Attributes:
        name: the column.
        category: what kind of data.
        purpose: why it is kept.
        basis: what makes it lawful.
        keep: how long.
        seen_by: who can see it.
    """

    name: str
    category: str
    purpose: str
    basis: str
    keep: str
    seen_by: tuple[str, ...]


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A table or folder that can hold something about a member.

    Attributes:
        store: the table, or `files folder/`.
        rows: how many of its rows name the member, now; None where rows name nobody by
            themselves (they belong to rows of other tables that do), or where the member may not
            see whom they name.
        data: what the rows can say.
    """

    store: str
    rows: int | None
    data: tuple[HeldColumn, ...]


PURPOSES: dict[str, Purpose] = {}


def declare_purpose(purpose: Purpose) -> Purpose:
    """Let members consent to something more. A room of the house declares its own."""
    assert purpose.name not in PURPOSES, "declared twice"
    assert set(purpose.title) == set(purpose.text) == {"en", "zh"}
    PURPOSES[purpose.name] = purpose
    return purpose
